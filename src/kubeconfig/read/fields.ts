/**
 * A kubeconfig's fields, in the types that client-go decodes them to. As there: null is as good as absent, unknown
 * fields are passed over, and a field of another type refuses the whole file, whether anybody uses it or not.
 */
import { isObject } from "../../foundation/json.ts";
import { kubeconfigProblem, quoted } from "./problem.ts";

/** encoding/base64's StdEncoding: padded, line breaks passed over. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface FieldSource {
  /** As it was named, for messages. */
  file: string;
  /** `: line 3, column 5`; empty when unknown. */
  placeOf: (where: Where) => string;
}

type Where = readonly (string | number)[];

export class Fields {
  readonly #values: Record<string, unknown>;
  readonly #source: FieldSource;
  readonly #where: Where;

  /**
   * @param where `clusters[0].cluster`, in its parts; none for the file itself
   * @throws EksX509Error KUBECONFIG_FIELD_INVALID
   */
  constructor(value: unknown, source: FieldSource, where: Where = []) {
    if (!isObject(value ?? {})) throw invalid(source, where, "a mapping");
    this.#values = isObject(value) ? value : {};
    this.#source = source;
    this.#where = where;
  }

  /** As it stands there; undefined when absent. */
  value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  /** Empty when absent. */
  text(name: string): string {
    const value = this.value(name) ?? "";
    if (typeof value === "string") return value;
    throw invalid(this.#source, this.#at(name), "text: put it in quotes");
  }

  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw invalid(this.#source, this.#at(name), "true or false, without quotes");
  }

  /** @throws EksX509Error KUBECONFIG_BASE64 */
  bytes(name: string): Buffer {
    const text = this.text(name).replace(/[\r\n]/g, "");
    if (base64.test(text)) return Buffer.from(text, "base64");
    throw kubeconfigProblem(
      "KUBECONFIG_BASE64",
      `${this.#source.file}: ${written(this.#at(name))} is not base64`,
      "It holds a PEM file in base64, on one line and with its padding: base64 -w0 FILE. The name without -data takes a path.",
    );
  }

  fields(name: string): Fields {
    return new Fields(this.value(name), this.#source, this.#at(name));
  }

  list(name: string): Fields[] {
    return this.#items(name).map((item, index) => new Fields(item, this.#source, this.#at(name, index)));
  }

  texts(name: string): string[] {
    return this.#items(name).map((item, index) => {
      if (typeof (item ?? "") !== "string")
        throw invalid(this.#source, this.#at(name, index), "text: put it in quotes");
      return typeof item === "string" ? item : "";
    });
  }

  /**
   * A list of entries with names of their own: the field that each keeps its content in.
   * @throws EksX509Error KUBECONFIG_NAME_TWICE
   */
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
      if (seen.has(name)) throw this.#twice(list, name);
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

  #twice(list: string, name: string): Error {
    return kubeconfigProblem(
      "KUBECONFIG_NAME_TWICE",
      `${this.#source.file}: ${written(this.#at(list))} has two entries named ${quoted(name)}`,
      "Rename or remove one of them: kubectl refuses the whole file.",
    );
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
