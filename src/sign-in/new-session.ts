/** Creates a session with the certificate and its key. */
import type { SessionRecord } from "../cache/record.ts";
import { identityFrom, openCertificates, openSigner, type Identity } from "../identity/identity.ts";
import { createSession } from "../rolesanywhere/create-session.ts";
import type { IdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { SignIn } from "./ports.ts";

export async function newSession(
  { parameters, endpoint }: SessionInput,
  files: IdentityFiles,
  signIn: SignIn,
): Promise<{ record: SessionRecord; seconds: number }> {
  const { clock } = signIn;
  const http = await signIn.http();
  let opening: Promise<Opened> | undefined;
  // Once, whatever the number of attempts: a person may be asked for a password.
  const opened = (): Promise<Opened> => (opening ??= openIdentity(files, signIn));
  const session = await createSession(parameters, async () => (await opened()).identity, endpoint, {
    http,
    clock,
  });
  const { identity, createdAt } = await opened();
  const label = {
    subject: identity.leaf.subject,
    roleArn: parameters.role.text,
    clusterName: "",
    region: parameters.trustAnchor.region.name,
    certificateEnd: identity.leaf.notAfter.toISOString(),
  };
  const { expiration } = session;
  return {
    record: { kind: "session", session, createdAt, expiration, label },
    seconds: parameters.durationSeconds,
  };
}

interface Opened {
  identity: Identity;
  /** When the request is created: a person may have been asked before. */
  createdAt: Date;
}

async function openIdentity(files: IdentityFiles, { clock, log }: SignIn): Promise<Opened> {
  const certificates = await openCertificates(files);
  const signer = await openSigner(files.signer, certificates);
  const identity = identityFrom(certificates, signer, clock());
  const { leaf, chain, leftOut, warnings } = identity;
  const serial = `serial ${leaf.serial} (${leaf.serial.toString(16)})`;
  log("certificate", `${leaf.subject}, ${serial}, until ${leaf.notAfter.toISOString()}`);
  for (const { subject } of chain) log("certificate", `intermediate ${subject}`);
  for (const { subject, why } of leftOut) log("certificate", `not sent: ${subject}: ${why}`);
  for (const { message } of warnings) log("certificate", `warning: ${message}`);
  for (const { message } of signer.warnings) log("private-key", `warning: ${message}`);
  return { identity, createdAt: clock() };
}
