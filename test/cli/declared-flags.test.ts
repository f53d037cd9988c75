import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Command, CommandOption } from "../../src/cli/command.ts";
import { isObject } from "../../src/foundation/json.ts";

// The name of a flag is any text to the compiler, so a misspelt one would be a flag that nobody gives.
const commands = new URL("../../src/cli/commands/", import.meta.url);

const typeRead = new Map([
  ["text", "string"],
  ["isOn", "boolean"],
  ["list", "list"],
]);

it.each(readdirSync(commands))(
  "%s reads no flag that it does not declare, and each by its type",
  async (name) => {
    const declared = await declaredIn(name);
    const read = readIn(name);
    expect(read.filter((flag) => !declared.has(flag))).toEqual([]);
  },
);

it("of the commands, most read flags by name", () => {
  expect(readdirSync(commands).filter((name) => readIn(name).length > 0).length).toBeGreaterThan(7);
});

/** `string name`, `boolean name`, `list name`. */
async function declaredIn(folder: string): Promise<Set<string>> {
  const module: unknown = await import(new URL(`${folder}/command.ts`, commands).href);
  const own = (isObject(module) ? Object.values(module) : []).filter(isCommand);
  return new Set(
    own.flatMap(({ options, positional }) => [
      ...Object.entries(options).map(
        ([name, { type = "string" }]: [string, CommandOption]) => `${type} ${name}`,
      ),
      ...(positional ? [`string ${positional.name}`] : []),
    ]),
  );
}

function isCommand(value: unknown): value is Command {
  return isObject(value) && "path" in value;
}

function readIn(folder: string): string[] {
  const own = new URL(`${folder}/`, commands);
  const text = readdirSync(own)
    .map((file) => readFileSync(new URL(file, own), "utf8"))
    .join("\n");
  return [...text.matchAll(/\bflags\.(text|isOn|list)\(\s*"([^"]+)"/g)].map(
    ([, how, name]) => `${typeRead.get(how ?? "") ?? ""} ${name ?? ""}`,
  );
}
