/** The composition root: the one place that touches clock, environment, streams, files and network. */
import type { Environment } from "./http/proxy.ts";
import type { FileContent, FileRole } from "./files.ts";
import type { Http } from "./http/client.ts";

export interface Dependencies {
  clock: () => Date;
  env: Environment;
  platform: NodeJS.Platform;
  /** Path of this very program, as it was started. */
  program: string;
  /** Resolves when the text has left the process; rejects when it cannot. */
  stdout: (text: string) => Promise<void>;
  stderr: (text: string) => Promise<void>;
  readFile: (path: string, role: FileRole) => Promise<FileContent>;
  http: (onAttempt: (line: string) => void) => Promise<Http>;
}

export function dependencies(): Dependencies {
  const env = process.env;
  return {
    clock: () => new Date(),
    env,
    platform: process.platform,
    program: process.argv[1] ?? "eks-x509",
    stdout: (text) => write(process.stdout, text),
    stderr: (text) => write(process.stderr, text),
    readFile,
    http: async (onAttempt) => {
      const { httpClient } = await import("./http/client.ts");
      return httpClient({ env, trustStore: () => trustStore(env), maxAttempts: maxAttempts(env), onAttempt });
    },
  };
}

async function readFile(path: string, role: FileRole): Promise<FileContent> {
  const files = await import("./files.ts");
  return files.readFile(path, role);
}

/**
 * AWS_CA_BUNDLE takes the place of Node's certificates, as with the AWS CLI; NODE_EXTRA_CA_CERTS then still adds to it, which Node
 * itself does only for its own.
 */
async function trustStore(env: Environment): Promise<readonly string[] | undefined> {
  const bundle = env["AWS_CA_BUNDLE"];
  if (!bundle) return undefined;
  const role = { hop: "configuration", category: "usage" } as const;
  const own = await readFile(bundle, { ...role, given: "AWS_CA_BUNDLE" });
  const extra = env["NODE_EXTRA_CA_CERTS"];
  const added =
    extra && extra !== bundle
      ? await readFile(extra, { ...role, given: "NODE_EXTRA_CA_CERTS" }).catch(() => undefined)
      : undefined;
  return [own, added].flatMap((file) => (file ? [Buffer.from(file.bytes).toString("utf8")] : []));
}

/** AWS SDKs and Tools reference, "max_attempts". */
function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}

async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // A write's error comes to the callback and as an event; without a listener, the event would end the process.
    stream.once("error", reject);
    stream.write(text, (error) => {
      stream.off("error", reject);
      if (error) reject(error);
      else resolve();
    });
  });
}
