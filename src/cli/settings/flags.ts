/** get-token's flags. yargs would cost more than the rest of a hit, and node:util's parseArgs is not in every JavaScript engine. */
import { type EksX509Error, usageError } from "../../foundation/errors.ts";
import { isOptionName, optionNamed, type OptionName } from "./options.ts";
import type { Values } from "./settings.ts";

/** An option of aws_signing_helper that requests the default here. It is accepted, so that a copied command works. */
const withProxy = "with-proxy";

/** Its name for an option of ours. */
export function ownName(name: string): string {
  return name === "pkcs11-lib" ? "pkcs11-module" : name;
}

/** @throws EksX509Error FLAG_IS_PASSWORD for an option that would have a password as its value, such as --pkcs8-password */
export function refusePassword(name: string): void {
  if (isOptionName(name) || !/^[\w-]*(password|passphrase|pin)$/i.test(name)) return;
  throw usageError(
    "FLAG_IS_PASSWORD",
    `--${name} is refused: other users can read the arguments of a process`,
    "Use --password-file, --askpass, EKS_X509_PASSWORD, eks-x509 key remember, or a terminal. Change the password if others use this machine.",
  );
}

/** As with kubectl's flags, the last of several wins. */
export function parseFlags(args: readonly string[]): Values {
  const values = new Map<OptionName, string>();
  for (let index = 0; index < args.length; index++) {
    const { name: given, inline } = flagIn(args[index] ?? "");
    const name = ownName(given);
    if (name === "" && inline === undefined) {
      // Behind it there are arguments only, and get-token has none.
      const argument = args[index + 1];
      if (argument !== undefined) throw unknown(argument);
      break;
    }
    if (name === withProxy) continue;
    refusePassword(name);
    if (!isOptionName(name)) throw unknown(`--${name}`);
    if (optionNamed(name).type === "boolean") values.set(name, inline ?? "true");
    else values.set(name, textValue(name, inline ?? args[++index]));
  }
  return values;
}

/** `--NAME` or `--NAME=VALUE`; the name of `--` is empty. */
function flagIn(word: string): { name: string; inline: string | undefined } {
  if (!word.startsWith("--")) throw unknown(/^-./.test(word) ? word.slice(0, 2) : word);
  const equals = word.indexOf("=", 3);
  if (equals === -1) return { name: word.slice(2), inline: undefined };
  return { name: word.slice(2, equals), inline: word.slice(equals + 1) };
}

/** @param value after `=`, else the next argument */
function textValue(name: OptionName, value: string | undefined): string {
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
  return usageError(
    "FLAG_UNKNOWN",
    `get-token has no such ${isFlagLike(word) ? `option ${word}` : "argument"}`,
    "See: eks-x509 get-token --help",
  );
}

function invalid(why: string): EksX509Error {
  return usageError("FLAG_INVALID", why, "Write it as --NAME VALUE or --NAME=VALUE.");
}
