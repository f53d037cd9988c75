/**
 * A kubeconfig's fields, in the types that client-go decodes them to. As there: null is as good as absent, unknown
 * fields are passed over, and a field of another type refuses the whole file, whether anybody uses it or not.
 */
import { isObject } from "../../foundation/json.ts";
import { kubeconfigProblem } from "./problem.ts";

/** encoding/base64's StdEncoding: padded, line breaks passed over. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export class Fields {
  readonly #values: Record<string, unknown>;
  readonly #file: string;
  readonly #where: string;

  /**
   * @param where `clusters[0].cluster`; empty for the file itself
   * @throws EksX509Error KUBECONFIG_FIELD_INVALID
   */
  constructor(value: unknown, file: string, where = "") {
    if (!isObject(value ?? {})) throw invalid(file, where || "the file's content", "a mapping");
    this.#values = isObject(value) ? value : {};
    this.#file = file;
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
    throw invalid(this.#file, this.#path(name), "text: put it in quotes");
  }

  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (typeof value === "boolean") return value;
    throw invalid(this.#file, this.#path(name), "true or false, without quotes");
  }

  /** @throws EksX509Error KUBECONFIG_BASE64 */
  bytes(name: string): Buffer {
    const text = this.text(name).replace(/[\r\n]/g, "");
    if (base64.test(text)) return Buffer.from(text, "base64");
    throw kubeconfigProblem(
      "KUBECONFIG_BASE64",
      `${this.#file}: ${this.#path(name)} is not base64`,
      "It holds a PEM file in base64, on one line and with its padding: base64 -w0 FILE. The name without -data takes a path.",
    );
  }

  fields(name: string): Fields {
    return new Fields(this.value(name), this.#file, this.#path(name));
  }

  list(name: string): Fields[] {
    return this.#items(name).map(
      (item, index) => new Fields(item, this.#file, `${this.#path(name)}[${index}]`),
    );
  }

  texts(name: string): string[] {
    return this.#items(name).map((item, index) => {
      if (typeof (item ?? "") !== "string")
        throw invalid(this.#file, `${this.#path(name)}[${index}]`, "text: put it in quotes");
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
    throw invalid(this.#file, this.#path(name), "a list");
  }

  #path(name: string): string {
    return this.#where ? `${this.#where}.${name}` : name;
  }

  #twice(list: string, name: string): Error {
    return kubeconfigProblem(
      "KUBECONFIG_NAME_TWICE",
      `${this.#file}: ${this.#path(list)} has two entries named ${JSON.stringify(name.slice(0, 200))}`,
      "Rename or remove one of them: kubectl refuses the whole file.",
    );
  }
}

function invalid(file: string, where: string, expected: string): Error {
  return kubeconfigProblem(
    "KUBECONFIG_FIELD_INVALID",
    `${file}: ${where} must be ${expected}`,
    "Correct it: kubectl refuses the whole file.",
  );
}
