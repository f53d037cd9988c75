/** A session, made with the certificate and its key: what the keychain's having one saves. */
import type { IdentityFiles } from "../cache/identity-files.ts";
import type { SessionRecord } from "../cache/record.ts";
import type { SessionInput } from "./input.ts";
import type { HopLog } from "../foundation/ports.ts";
import type { SignIn } from "./ports.ts";
import { identityFrom, openSigner, readCertificateFiles, type Identity } from "../identity/identity.ts";
import { createSession } from "../rolesanywhere/create-session.ts";

/** @throws EksX509Error */
export async function newSession(
  input: SessionInput,
  files: IdentityFiles,
  ports: SignIn,
): Promise<SessionRecord> {
  const identity = await loadIdentity(files, ports);
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

async function loadIdentity(files: IdentityFiles, { clock, log }: SignIn): Promise<Identity> {
  const certificates = readCertificateFiles(files);
  const signer = await openSigner(files.signer, certificates);
  const identity = identityFrom(certificates, signer, clock());
  tellIdentity(identity, log);
  for (const warning of signer.warnings) log("private-key", `warning: ${warning}`);
  return identity;
}

function tellIdentity({ leaf, chain, leftOut, warnings }: Identity, log: HopLog): void {
  const serial = `serial ${leaf.serial} (${leaf.serial.toString(16)})`;
  log("certificate", `${leaf.subject}, ${serial}, until ${leaf.notAfter.toISOString()}`);
  for (const intermediate of chain) log("certificate", `intermediate ${intermediate.subject}`);
  for (const { subject, why } of leftOut) log("certificate", `not sent: ${subject}: ${why}`);
  for (const { message } of warnings) log("certificate", `warning: ${message}`);
}
