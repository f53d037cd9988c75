/**
 * The flags of get-token and credential-process. yargs would cost more than the rest of a hit, and node:util's parseArgs is not in every
 * JavaScript engine.
 */
import { type EksX509Error, usageError } from "../../foundation/errors.ts";
import { isOptionName, optionNamed, type OptionName } from "./options.ts";
import type { Values } from "./settings.ts";

/** Switches of aws_signing_helper that request the default here. They are accepted, so that a copied command works. */
const helperDefault =
  /^--(with-proxy(=(true|t|1))?|(reuse-pin|no-tpm-key-password)(=\w+)?|no-verify-ssl=(false|f|0))$/i;

/** Its names for options of ours. */
const ownNames: Readonly<Record<string, OptionName>> = { "pkcs11-lib": "pkcs11-module", debug: "verbose" };

/** Its options that have no equivalent, and what to use instead. */
const insteadOf: readonly (readonly [RegExp, string])[] = [
  [/^--no-verify-ssl/, "Name the CA of a proxy in AWS_CA_BUNDLE."],
  [/^--with-proxy/, "Set NO_PROXY."],
  [/^--(cert-sel|system-store|use-latest)/, "Use --certificate with a file or pkcs11: URI."],
];

/** @param word `--with-proxy` or `--with-proxy=true` */
export function isHelperDefault(word: string): boolean {
  return helperDefault.test(word);
}

/** @param word `--no-verify-ssl`, also with a value */
export function replacementFor(word: string): string | undefined {
  return insteadOf.find(([form]) => form.test(word))?.[1];
}

export function ownName(name: string): string {
  return ownNames[name] ?? name;
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
export function parseFlags(args: readonly string[], command = "get-token"): Values {
  const values = new Map<OptionName, string>();
  const unknown = (word: string): EksX509Error => unknownFlag(word, command);
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    if (isHelperDefault(word)) continue;
    const { name: given, inline } = flagIn(word, unknown);
    const name = ownName(given);
    if (name === "" && inline === undefined) {
      // Behind it there are arguments only, and these commands have none.
      const argument = args[index + 1];
      if (argument !== undefined) throw unknown(argument);
      break;
    }
    refusePassword(name);
    if (!isOptionName(name)) throw unknown(`--${name}`);
    if (optionNamed(name).type === "boolean") values.set(name, inline ?? "true");
    else values.set(name, textValue(name, inline ?? args[++index]));
  }
  return values;
}

/** `--NAME` or `--NAME=VALUE`; the name of `--` is empty. */
function flagIn(
  word: string,
  unknown: (word: string) => EksX509Error,
): { name: string; inline: string | undefined } {
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

function unknownFlag(word: string, command: string): EksX509Error {
  const what = isFlagLike(word) ? `option ${word}` : "argument";
  const hint = replacementFor(word) ?? `See: eks-x509 ${command} --help`;
  return usageError("FLAG_UNKNOWN", `${command} has no such ${what}`, hint);
}

function invalid(why: string): EksX509Error {
  return usageError("FLAG_INVALID", why, "Write it as --NAME VALUE or --NAME=VALUE.");
}
