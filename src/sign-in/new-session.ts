/** A session, made with the certificate and its key: what the keychain's having one saves. */
import { identityRole, type IdentityFiles } from "../cache/identity-files.ts";
import type { SessionRecord } from "../cache/record.ts";
import type { FileContent } from "../foundation/files.ts";
import type { SessionInput } from "./input.ts";
import type { GetTokenPorts, Tell } from "./get-token.ts";
import { identityFrom, type Identity } from "../identity/identity.ts";
import { createSession } from "../rolesanywhere/create-session.ts";

/** @throws EksX509Error */
export async function newSession(
  input: SessionInput,
  files: IdentityFiles,
  ports: GetTokenPorts,
): Promise<SessionRecord> {
  const identity = await loadIdentity(input, files, ports);
  const http = await ports.http();
  const createdAt = ports.clock();
  const session = await createSession(input.session, identity, input.endpoint, { http, clock: ports.clock });
  const label = {
    subject: identity.leaf.subject,
    roleArn: input.session.role.text,
    clusterName: "",
    region: input.session.trustAnchor.region.name,
  };
  return { kind: "session", session, createdAt, expiration: session.expiration, label };
}

async function loadIdentity(
  { files: { privateKey } }: SessionInput,
  files: IdentityFiles,
  { readFile, clock, tell }: GetTokenPorts,
): Promise<Identity> {
  const key = await readFile(privateKey.path, identityRole(privateKey, "private-key"));
  const identity = identityFrom({ ...files, privateKey: key }, clock());
  tellIdentity(identity, tell);
  warnOfReaders(key, tell);
  return identity;
}

function tellIdentity({ leaf, chain }: Identity, tell: Tell): void {
  const serial = `serial ${leaf.serial} (${leaf.serial.toString(16)})`;
  tell("certificate", `${leaf.subject}, ${serial}, until ${leaf.notAfter.toISOString()}`);
  for (const intermediate of chain) tell("certificate", `intermediate ${intermediate.subject}`);
}

/** POSIX permissions. */
function warnOfReaders({ name, mode }: FileContent, tell: Tell): void {
  if ((mode & 0o077) === 0) return;
  tell("private-key", `warning: others may read ${name} (mode ${mode.toString(8)}); run: chmod 600 ${name}`);
}
