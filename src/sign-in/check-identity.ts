/**
 * Checks certificate and key as for a session. A command that writes an entry without a session does so, because otherwise the first
 * check would be that of the program that gets the entry.
 */
import { identityFrom, openCertificates, openSigner } from "../identity/identity.ts";
import { readIdentityFiles } from "./identity-files.ts";
import type { SessionInput } from "./input.ts";
import type { Ports } from "./ports.ts";
import { whileRenewed } from "./renewal.ts";

export async function checkIdentity(files: SessionInput["files"], root: Ports): Promise<void> {
  await whileRenewed(async () => {
    const identity = await readIdentityFiles(files, root);
    const certificates = await openCertificates(identity);
    identityFrom(certificates, await openSigner(identity.signer, certificates), root.clock());
  });
}
