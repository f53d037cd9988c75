/** A command's flags, from yargs' result into types. */
import { usageError } from "../foundation/errors.ts";
import { isOptionName, type OptionName } from "./settings/options.ts";
import type { Values } from "./settings/settings.ts";

export class Flags {
  readonly #parsed: Readonly<Record<string, unknown>>;
  /** The words after `--`. */
  readonly command: readonly string[];

  constructor(parsed: Readonly<Record<string, unknown>>, command: readonly string[] = []) {
    this.#parsed = parsed;
    this.command = command;
  }

  /** If there are several, the last one. */
  text(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  list(name: string): readonly string[] {
    const value = this.#parsed[name];
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((each) => typeof each === "string");
  }

  /** Undefined if it is not set. */
  isOn(name: string): boolean | undefined {
    const value = this.#parsed[name];
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    return typeof last === "boolean" ? last : undefined;
  }

  /**
   * The options of get-token that are set.
   * @throws EksX509Error FLAG_EMPTY
   */
  settings(): Values {
    const values = new Map<OptionName, string>();
    for (const name of Object.keys(this.#parsed).filter(isOptionName)) {
      const value = this.text(name) ?? this.isOn(name)?.toString();
      if (value === "") throw usageError("FLAG_EMPTY", `--${name} is empty`, "Give it a value, or omit it.");
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }
}
