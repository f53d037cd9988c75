/** `eks-x509 key list`: every identity that this user can use, and the flags for each. */
import { EksX509Error, settled } from "../../../foundation/errors.ts";
import { shellWord } from "../../../foundation/foreign-text.ts";
import { jsonText } from "../../../foundation/json.ts";
import { printable } from "../../../foundation/shown.ts";
import { remainingTime, type CertificateView } from "../../../identity/certificate-view.ts";
import { inspect } from "../../../identity/inspection.ts";
import type { IdentitySources, TokenContents } from "../../../identity/signer.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { keyInput, type KeyInput } from "../../settings/input.ts";
import { kindOf, pairsOf, type Pair } from "./pairs.ts";

/** Stable: no field is renamed or removed. */
export interface ListedIdentity {
  kind: Pair["kind"];
  subject: string;
  issuer: string;
  /** RFC 3339. */
  notAfter: string;
  fit: boolean;
  reasons: string[];
  /** Ready to paste, each a word of the command line. */
  arguments: string[];
}

/** What the text has beside it. */
interface Entry {
  identity: ListedIdentity;
  view: CertificateView;
}

/** @throws EksX509Error of the certificate; that of the module and of a token after everything else is listed */
export async function runKeyList(flags: Flags, root: Ports): Promise<void> {
  const settings = await resolveSettings(flags.settings(), undefined, root);
  const input = keyInput(settings, root.machine);
  const file = flags.text("FILE");
  if (file !== undefined) input.certificate = { path: file, source: "FILE" };
  const sources = root.identities(input.access);
  const { tokens, problem } = await onTokens(flags.isOn("login") ?? false, sources);
  const pairs = await pairsOf({ input, sources, tokens });
  const entries = pairs.map((pair) => entryOf(pair, input, root));
  if (entries.length === 0 && problem) throw problem;
  const isJson = flags.text("output") === "json";
  await root.streams.stdout(isJson ? jsonText(entries.map(({ identity }) => identity)) : text(entries));
  if (problem) throw problem;
}

interface OnTokens {
  tokens: TokenContents[];
  /** The first one. */
  problem: EksX509Error | undefined;
}

async function onTokens(isLogin: boolean, sources: IdentitySources): Promise<OnTokens> {
  const found = await settled(sources.tokens().then((tokens) => tokens.contents(isLogin)));
  if (found instanceof EksX509Error) {
    // p11-kit is not everywhere, and then there is no token to list.
    const isNone = found.code === "PKCS11_MODULE_MISSING";
    return { tokens: [], problem: isNone ? undefined : found };
  }
  const tokens = found.flatMap((one) => (one instanceof EksX509Error ? [] : one));
  return { tokens, problem: found.find((one) => one instanceof EksX509Error) };
}

function entryOf(pair: Pair, input: KeyInput, { clock }: Ports): Entry {
  const { kind, certificates, reasons } = pair;
  const { view, problems } = inspect(certificates, undefined, clock());
  const { subject, issuer, notAfter } = view;
  const all = [...reasons, ...problems.map(({ message }) => message)];
  const identity = {
    ...{ kind, subject, issuer, notAfter: notAfter.toISOString() },
    ...{ fit: all.length === 0, reasons: all },
    arguments: argumentsFor(pair, input),
  };
  return { identity, view };
}

/** What opens the key is needed again, where it was given. */
function argumentsFor(
  { kind, certificates, privateKey }: Pair,
  { access, intermediates }: KeyInput,
): string[] {
  const { passwordFile, askpass, pkcs11Module } = access;
  const needsModule = kind === "pkcs11" || kindOf({ path: certificates.file }) === "pkcs11";
  const isInAgent = kind === "ssh-agent";
  const values: readonly (readonly [name: string, value: string | undefined])[] = [
    ["certificate", certificates.file],
    ["private-key", privateKey],
    ["intermediates", intermediates?.path],
    ["pkcs11-module", needsModule ? pkcs11Module : undefined],
    ["password-file", isInAgent ? undefined : passwordFile?.path],
    ["askpass", isInAgent ? undefined : askpass],
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

function text(entries: readonly Entry[]): string {
  if (entries.length === 0) return "No certificate with a key was found.\n";
  return entries.map(lines).join("\n");
}

function lines({ identity, view }: Entry): string {
  const { subject, issuer, notAfter, fit, reasons, arguments: words } = identity;
  const all = [
    subject || "(empty subject)",
    `  issuer  ${issuer}`,
    `  until   ${notAfter}, ${remainingTime(view)}`,
    `  key     ${view.key}`,
    ...(fit ? ["  ✓ fit for Roles Anywhere"] : reasons.map((reason) => `  ✗ ${reason}`)),
    `  ${words.map(shellWord).join(" ")}`,
  ];
  return `${all.map(printable).join("\n")}\n`;
}
