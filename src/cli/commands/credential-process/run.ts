/** `eks-x509 credential-process`: prints the credentials of a session for flags and environment. */
import type { Session } from "../../../rolesanywhere/session.ts";
import { sdkSession } from "../../../sign-in/sdk-session.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { sessionInput } from "../../settings/input.ts";
import type { Values } from "../../settings/settings.ts";
import { hopLog, signInWith } from "../get-token/run.ts";

export async function runCredentialProcess(flags: Values, root: Ports): Promise<void> {
  const notes: string[] = [];
  const settings = await resolveSettings(flags, undefined, root, (line) => notes.push(line));
  const log = hopLog(settings, root, notes);
  const input = sessionInput(settings, root);
  const { session } = await sdkSession(input, signInWith(root, input.cache, log));
  await root.streams.stdout(processOutput(session), "credential");
}

/** AWS SDKs and Tools reference, "Process credential provider": the members, and the form of the time (ISO 8601). */
function processOutput({ credentials, expiration }: Pick<Session, "credentials" | "expiration">): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const output = {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: `${expiration.toISOString().slice(0, 19)}Z`,
  };
  return `${JSON.stringify(output)}\n`;
}
