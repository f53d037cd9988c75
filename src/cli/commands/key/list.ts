/** `eks-x509 key list`: every identity that this user can use, and the flags for each. */
import { EksX509Error } from "../../../foundation/errors.ts";
import { jsonText } from "../../../foundation/json.ts";
import type { NamedBytes } from "../../../foundation/ports.ts";
import { printable } from "../../../foundation/shown.ts";
import { openSigner, readCertificateFiles, type GivenCertificates } from "../../../identity/identity.ts";
import { inspect } from "../../../identity/inspection.ts";
import type { IdentitySources } from "../../../identity/signer.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";

/** Stable: fields can be added, and none is renamed or removed. */
export interface ListedIdentity {
  kind: "pkcs11" | "file" | "ssh-agent";
  subject: string;
  issuer: string;
  /** RFC 3339. */
  notAfter: string;
  daysLeft: number;
  key: string;
  fit: boolean;
  reasons: string[];
  /** Ready to paste, each a word of the command line. */
  arguments: string[];
}

/** @throws EksX509Error of FILE, or of the module if there is no FILE */
export async function runKeyList(flags: Flags, root: Ports): Promise<void> {
  const sources = root.identities({ pkcs11Module: flags.text("pkcs11-module") });
  const file = flags.text("FILE");
  const listed = [
    ...(file === undefined ? [] : [await ofFile(file, sources, root)]),
    ...(await onTokens(flags, sources, root)),
  ];
  const isJson = flags.text("output") === "json";
  await root.streams.stdout(isJson ? jsonText(listed) : text(listed));
}

async function onTokens(flags: Flags, sources: IdentitySources, root: Ports): Promise<ListedIdentity[]> {
  const tokens = await sources.tokens();
  const found = await tokens.certificatesWithKey(flags.isOn("login") ?? false).catch((error: unknown) => {
    // p11-kit is not everywhere, and then there is no token to list.
    if (error instanceof EksX509Error && error.code === "PKCS11_MODULE_MISSING")
      return Array.of<NamedBytes>();
    throw error;
  });
  const path = flags.text("pkcs11-module");
  const module = path === undefined ? [] : [`--pkcs11-module=${path}`];
  return found.map((certificate) => {
    const words = [`--certificate=${certificate.name}`, ...module];
    return listed("pkcs11", readCertificateFiles({ certificate }), words, root);
  });
}

async function ofFile(path: string, sources: IdentitySources, root: Ports): Promise<ListedIdentity> {
  const given = { path, source: "FILE" };
  const certificates = readCertificateFiles({ certificate: await sources.certificates(given).open() });
  const own = [`--certificate=${path}`];
  if (await hasKey(sources.signer(given), certificates)) return listed("file", certificates, own, root);
  const agent = "ssh-agent:";
  const isInAgent = await hasKey(sources.signer({ path: agent, source: "SSH_AUTH_SOCK" }), certificates);
  return isInAgent
    ? listed("ssh-agent", certificates, [...own, `--private-key=${agent}`], root)
    : withoutKey(listed("file", certificates, own, root));
}

function withoutKey(identity: ListedIdentity): ListedIdentity {
  const reason = "its private key is neither in this file nor in the ssh-agent: use --private-key";
  return { ...identity, fit: false, reasons: [...identity.reasons, reason] };
}

/** A key whose password is not known here is a key. */
async function hasKey(
  source: ReturnType<IdentitySources["signer"]>,
  certificates: GivenCertificates,
): Promise<boolean> {
  try {
    await openSigner(source, certificates);
    return true;
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    return error.code === "PASSWORD_NEEDED" || error.code === "PASSWORD_WRONG";
  }
}

function listed(
  kind: ListedIdentity["kind"],
  certificates: GivenCertificates,
  words: string[],
  { clock }: Ports,
): ListedIdentity {
  const { view, problems } = inspect(certificates, undefined, clock());
  const { subject, issuer, notAfter, daysLeft, key } = view;
  return {
    ...{ kind, subject, issuer, notAfter: notAfter.toISOString(), daysLeft, key },
    fit: problems.length === 0,
    reasons: problems.map(({ message }) => message),
    arguments: words,
  };
}

function text(identities: readonly ListedIdentity[]): string {
  if (identities.length === 0) return "No certificate with a key was found.\n";
  return identities.map(entry).join("\n");
}

function entry({
  subject,
  issuer,
  notAfter,
  daysLeft,
  key,
  fit,
  reasons,
  arguments: words,
}: ListedIdentity): string {
  const lines = [
    subject || "(empty subject)",
    `  issuer  ${issuer}`,
    `  until   ${notAfter}, ${daysLeft} days left`,
    `  key     ${key}`,
    ...(fit ? ["  ✓ fit for Roles Anywhere"] : reasons.map((reason) => `  ✗ ${reason}`)),
    `  ${words.map(quoted).join(" ")}`,
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

/** For a POSIX shell: a `pkcs11:` URI holds semicolons. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
