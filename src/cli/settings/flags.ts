/** get-token's flags, parsed with node:util, because loading yargs takes longer than the rest of the fast path. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { EksX509Error } from "../../foundation/errors.ts";
import { isOptionName, optionEntries, type OptionName } from "./options.ts";
import type { Values } from "./settings.ts";

/** An option of aws_signing_helper that requests the default here. It is accepted, so that a copied command works. */
const withProxy = "with-proxy";

const config: ParseArgsConfig["options"] = Object.fromEntries([
  ...optionEntries.map(([name, { type }]) => [name, { type }] as const),
  [withProxy, { type: "boolean" }],
]);

/** @throws EksX509Error FLAG_UNKNOWN, FLAG_INVALID */
export function parseFlags(args: readonly string[]): Values {
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<OptionName, string>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") throw unknown(token.value);
    if (token.name === withProxy) continue;
    if (!isOptionName(token.name) || !token.rawName.startsWith("--")) throw unknown(token.rawName);
    values.set(token.name, flagValue(token.name, token.value));
  }
  return values;
}

/** The last one of several wins, as with kubectl's flags. */
function flagValue(name: OptionName, value: string | undefined): string {
  const { type } = config?.[name] ?? {};
  if (type === "boolean") return value ?? "true";
  if (value === undefined || value === "") throw invalid(`--${name} needs a value`);
  if (isFlagLike(value) && value.startsWith("--"))
    throw invalid(`--${name} is followed by ${value}, not by a value`);
  return value;
}

/** A flag's name is short. A longer word can be a pasted secret and is not repeated; a PEM key begins with hyphens too. */
function isFlagLike(word: string): boolean {
  return /^--?\w[\w-]{0,40}$/.test(word);
}

function unknown(word: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "FLAG_UNKNOWN",
    message: `get-token has no such ${isFlagLike(word) ? `option ${word}` : "argument"}`,
    hint: "See: eks-x509 get-token --help",
  });
}

function invalid(why: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "FLAG_INVALID",
    message: why,
    hint: "Write it as --NAME VALUE or --NAME=VALUE.",
  });
}
