/**
 * A kubeconfig's fields with client-go's types. As in client-go, null counts as missing, unknown fields are ignored, and a
 * field of another type makes the whole file invalid, even if it is not used.
 */
import { isObject } from "../../foundation/json.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";
import { base64 } from "./yaml.ts";

export interface FieldSource {
  file: string;
  /** `: line 3, column 5`; empty if unknown. */
  placeOf: (where: Where) => string;
}

type Where = readonly (string | number)[];

export class Fields {
  readonly #values: Record<string, unknown>;
  readonly #source: FieldSource;
  readonly #where: Where;

  /** @param where the parts of `clusters[0].cluster`; none for the file itself */
  constructor(value: unknown, source: FieldSource, where: Where = []) {
    if (!isObject(value ?? {})) throw invalid(source, where, "a mapping");
    this.#values = isObject(value) ? value : {};
    this.#source = source;
    this.#where = where;
  }

  /** Unchanged; undefined if missing. */
  value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  /** Empty if missing. */
  text(name: string): string {
    return this.#text(this.value(name), name);
  }

  /** encoding/json, by which client-go reads the type of a file, ignores case. The last member in alphabetical order counts. */
  textInAnyCase(name: string): string {
    const folded = (text: string) => text.toUpperCase().toLowerCase();
    const names = this.names().filter((one) => folded(one) === folded(name) && this.has(one));
    return names.sort().reduce((_last, one) => this.text(one), "");
  }

  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw invalid(this.#source, this.#at(name), "true or false, without quotes");
  }

  bytes(name: string): Buffer {
    const text = this.text(name).replace(/[\r\n]/g, "");
    if (base64.test(text)) return Buffer.from(text, "base64");
    throw kubeconfigProblem(
      "KUBECONFIG_BASE64",
      `${this.#source.file}: ${written(this.#at(name))} is not base64`,
      "It contains a PEM file in base64, on one line and with padding: base64 -w0 FILE. The field without -data contains a path.",
    );
  }

  fields(name: string): Fields {
    return new Fields(this.value(name), this.#source, this.#at(name));
  }

  list(name: string): Fields[] {
    return this.#items(name).map((item, index) => new Fields(item, this.#source, this.#at(name, index)));
  }

  texts(name: string): readonly string[] {
    return this.#items(name).map((item, index) => this.#text(item, name, index));
  }

  #text(value: unknown, ...path: Where): string {
    if (typeof (value ??= "") === "string") return value;
    throw invalid(this.#source, this.#at(...path), "text: put it in quotes");
  }

  /** A list of named entries: each has its content in a field. */
  named(list: string, content: string): [name: string, content: Fields][] {
    return this.#named(list, (item) => item.fields(content));
  }

  extensions(): ReadonlyMap<string, unknown> {
    return new Map(this.#named("extensions", (item) => item.value("extension")));
  }

  #named<Content>(list: string, contentOf: (item: Fields) => Content): [name: string, content: Content][] {
    const entries = this.list(list).map((item): [string, Content] => [item.text("name"), contentOf(item)]);
    const seen = new Set<string>();
    for (const [name] of entries) {
      if (seen.has(name))
        throw kubeconfigProblem(
          "KUBECONFIG_NAME_TWICE",
          `${this.#source.file}: ${written(this.#at(list))} has two entries named ${quoted(name)}`,
          "Rename or remove one of them: kubectl refuses the whole file.",
        );
      seen.add(name);
    }
    return entries;
  }

  #items(name: string): unknown[] {
    const value = this.value(name) ?? [];
    if (Array.isArray(value)) return value;
    throw invalid(this.#source, this.#at(name), "a list");
  }

  #at(...path: Where): Where {
    return [...this.#where, ...path];
  }
}

/** `clusters[0].cluster` */
function written(where: Where): string {
  return where
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);
}

function invalid({ file, placeOf }: FieldSource, where: Where, expected: string): Error {
  return kubeconfigProblem(
    "KUBECONFIG_FIELD_INVALID",
    `${file}: ${written(where) || "the file's content"} must be ${expected}${placeOf(where)}`,
    "Correct it: kubectl refuses the whole file.",
  );
}
