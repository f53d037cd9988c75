/** The composition root: the one place that touches clock, environment, streams, files and network. */
import { realpathSync } from "node:fs";
import { EksX509Error } from "./errors.ts";
import type { Environment } from "./http/proxy.ts";
import type { FileContent, FileRole } from "./files.ts";
import type { Http } from "./http/client.ts";

/** Where a process hears of its signals. */
export interface SignalSource {
  on: (signal: NodeJS.Signals, listener: () => void) => unknown;
  off: (signal: NodeJS.Signals, listener: () => void) => unknown;
}

export interface Dependencies {
  clock: () => Date;
  env: Environment;
  platform: NodeJS.Platform;
  /** Absolute path of this very program, links followed. */
  program: string;
  signals: SignalSource;
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
    get program() {
      return realpathSync(process.argv[1] ?? "");
    },
    signals: process,
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
  const content = await files.readFile(path, role);
  // Windows tells others' permissions by the read-only attribute alone, so that anybody might seem to read any file.
  return process.platform === "win32" ? { ...content, mode: 0o600 } : content;
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
  const [ownText = "", ...more] = [own, added].flatMap((file) =>
    file ? [Buffer.from(file.bytes).toString("utf8")] : [],
  );
  if (!/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(ownText)) throw emptyBundle(bundle);
  return [ownText, ...more];
}

/** Node would trust nothing then, and complain of the server's certificate. */
function emptyBundle(path: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "CA_BUNDLE_EMPTY",
    message: `${path} (AWS_CA_BUNDLE) holds no certificate in PEM`,
    hint: "Give a file of CA certificates in PEM, or unset AWS_CA_BUNDLE.",
  });
}

/** AWS SDKs and Tools reference, "max_attempts". */
function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}

async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // A failed write tells its callback first and then emits an event, which without a listener would end the process.
    stream.once("error", reject);
    stream.write(text, (error) => {
      if (error) {
        reject(error);
      } else {
        stream.off("error", reject);
        resolve();
      }
    });
  });
}
