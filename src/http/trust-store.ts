/** The certificates of CAs that AWS_CA_BUNDLE names, and the number of attempts: what the environment says of HTTP. */
import { usageError } from "../foundation/errors.ts";
import type { Environment, FileContent, Log, ReadFile } from "../foundation/ports.ts";

interface TrustPorts {
  env: Environment;
  readFile: ReadFile;
  /** Takes a line that every user must see. */
  warn: Log;
}

/**
 * AWS_CA_BUNDLE replaces Node's certificates, as with the AWS CLI. NODE_EXTRA_CA_CERTS is added to it, which Node does
 * only for its own certificates.
 * @returns undefined for Node's own certificates
 */
export async function trustStore(ports: TrustPorts): Promise<readonly string[] | undefined> {
  const { env, readFile, warn } = ports;
  const { AWS_CA_BUNDLE: bundle, NODE_EXTRA_CA_CERTS: extra } = env;
  if (!bundle) return undefined;
  const read = async (path: string, given: string): Promise<FileContent> => {
    const file = await readFile(path, { given, hop: "configuration", category: "usage" });
    // It decides who can answer as AWS, and so who receives a session.
    if (file.exposure !== undefined)
      warn(`${path} (${given}) ${file.exposure}, who can change what is trusted`);
    return file;
  };
  const own = await read(bundle, "AWS_CA_BUNDLE");
  const added =
    extra && extra !== bundle ? await read(extra, "NODE_EXTRA_CA_CERTS").catch(() => undefined) : undefined;
  const [ownText = "", ...more] = [own, added].flatMap((file) =>
    file ? [new TextDecoder().decode(file.bytes)] : [],
  );
  // With an empty list Node would trust nothing and report an error of the server's certificate.
  if (/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(ownText)) return [ownText, ...more];
  throw usageError(
    "CA_BUNDLE_EMPTY",
    `${bundle} (AWS_CA_BUNDLE) contains no certificate in PEM`,
    "Use a file of CA certificates in PEM, or unset AWS_CA_BUNDLE.",
  );
}

/** AWS SDKs and Tools reference, "max_attempts". */
export function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}
