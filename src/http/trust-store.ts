/** The certificates of CAs that AWS_CA_BUNDLE names, and the number of attempts: what the environment says of HTTP. */
import { EksX509Error } from "../foundation/errors.ts";
import type { Environment, FileContent, Log, ReadFile } from "../foundation/ports.ts";

export interface TrustPorts {
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
export async function trustStore({
  env,
  readFile,
  warn,
}: TrustPorts): Promise<readonly string[] | undefined> {
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
  if (!/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(ownText)) throw emptyBundle(bundle);
  return [ownText, ...more];
}

/** With an empty list Node would trust nothing and report an error of the server's certificate. */
function emptyBundle(path: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CA_BUNDLE_EMPTY",
    message: `${path} (AWS_CA_BUNDLE) contains no certificate in PEM`,
    hint: "Use a file of CA certificates in PEM, or unset AWS_CA_BUNDLE.",
  });
}

/** AWS SDKs and Tools reference, "max_attempts". */
export function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}
