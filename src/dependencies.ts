/** The composition root: the only place that touches clock, environment, streams, files and network. */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { cacheOn, noCache } from "./cache/cache.ts";
import { findLedger } from "./cache/refusals/ledger-files.ts";
import { openKeychain } from "./cache/keychain/open.ts";
import { EksX509Error } from "./foundation/errors.ts";
import {
  fileState,
  keepingPipes,
  readFile as readFileAnywhere,
  type FileContent,
  type FileRole,
} from "./foundation/files.ts";
import type { Environment } from "./foundation/environment.ts";
import type { Clock, Machine, Sha256, Signals, Streams } from "./foundation/ports.ts";
import type { Caches } from "./cache/ports.ts";
import type { Ports } from "./sign-in/ports.ts";
import { fileSigner } from "./identity/file-signer.ts";
import { filtered, outputTo } from "./foundation/output.ts";
import { Secrets } from "./foundation/secrets.ts";

/** @param env replaces the environment of the process in every port */
export function dependencies(env: Environment = process.env): Ports {
  return portsIn(env, new Secrets());
}

function portsIn(env: Environment, secrets: Secrets): Ports {
  const read = keepingPipes((path, role) => readNoting(path, role, secrets));
  return {
    env,
    clock,
    machine: machine(env),
    streams: streams(secrets),
    secrets,
    signals,
    readFile: read,
    signer: (key) => fileSigner(key, { readFile: read, fileState }),
    sha256,
    cache: caches(env),
    http: async (onAttempt) => {
      const { httpClient } = await import("./http/client.ts");
      const settings = { env, trustStore: () => trustStore(env), maxAttempts: maxAttempts(env) };
      return httpClient({ ...settings, onAttempt, secrets });
    },
    within: (other) => portsIn(other, secrets),
  };
}

const clock: Clock = () => new Date();

function machine(env: Environment): Machine {
  return {
    platform: process.platform,
    get program() {
      return realpathSync(process.argv[1] ?? "");
    },
    get home() {
      return [env["HOME"], systemHome()].find((path) => path !== undefined && isAbsolute(path));
    },
    temporaryFolder: temporaryFolder(env),
    cwd: () => process.cwd(),
    paths: { isAbsolute, dirname, join, resolve, delimiter },
  };
}

/** Undefined for a user without an entry in the system's user database, as in some containers. */
function systemHome(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

const toStdout = outputTo(1, () => process.stdout);
const toStderr = outputTo(2, () => process.stderr);

function streams(secrets: Secrets): Streams {
  return {
    stdout: filtered(toStdout, secrets),
    stderr: filtered(toStderr, secrets),
    // Created on first use, because loading a stream takes 3 ms.
    get terminal() {
      const { stdout, stderr } = process;
      return { stdout: stdout.isTTY, stderr: stderr.isTTY, columns: stdout.columns || 80 };
    },
    stdin,
  };
}

const signals: Signals = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  raise: (signal) => {
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  },
};

function caches(env: Environment): Caches {
  const { platform, arch } = process;
  const uid = process.geteuid?.();
  const runtimeFolder = env["XDG_RUNTIME_DIR"];
  const inputs = { platform, uid, runtimeFolder, temporaryFolder: temporaryFolder(env), sha256 };
  const bus = { address: env["DBUS_SESSION_BUS_ADDRESS"], runtimeFolder };
  const keychain: Caches["keychain"] = (mode, log) =>
    openKeychain(mode, { platform, arch, uid, bus, tell: log });
  return {
    keychain,
    entries: (mode, log) => {
      if (mode === "none") return noCache;
      const ledger = () => findLedger({ ...inputs, parent: process.ppid }, log);
      return { ...cacheOn({ keychain: keychain(mode, log), clock, log, sha256 }), ledger };
    },
    singleFlight: async (mode, log) => {
      const { openSingleFlight } = await import("./cache/flight/single-flight.ts");
      const userName = platform === "win32" ? userInfo().username : "";
      return openSingleFlight({ ...inputs, env, userName, isKept: mode !== "none" }, log);
    },
  };
}

/** Like os.tmpdir(), which reads the environment of the process. */
function temporaryFolder(env: Environment): string {
  if (process.platform === "win32") return tmpdir();
  const folder = env["TMPDIR"] || env["TMP"] || env["TEMP"] || "/tmp";
  return folder.length > 1 ? folder.replace(/\/$/, "") : folder;
}

const sha256: Sha256 = (content) => createHash("sha256").update(content).digest("hex");

async function stdin(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const bytes of input) {
    length += bytes.length;
    if (length > limit) throw inputTooLong(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function inputTooLong(limit: number): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "STDIN_TOO_LONG",
    message: `stdin contains more than ${limit} bytes`,
    hint: "Pass one token, one ExecCredential, or the certificates of one identity.",
  });
}

async function readFile(path: string, role: FileRole): Promise<FileContent> {
  const content = await readFileAnywhere(path, role);
  // On Windows, the mode reflects only the read-only attribute, so every file would seem readable for others.
  return process.platform === "win32" ? { ...content, mode: 0o600 } : content;
}

/** A file can contain a private key beside its certificate. */
async function readNoting(path: string, role: FileRole, secrets: Secrets): Promise<FileContent> {
  const content = await readFile(path, role);
  const text = Buffer.from(content.bytes).toString("latin1");
  if (role.hop === "private-key" || text.includes("PRIVATE KEY-----")) secrets.add(text);
  return content;
}

/**
 * AWS_CA_BUNDLE replaces Node's certificates, as with the AWS CLI. NODE_EXTRA_CA_CERTS is added to it, which Node does
 * only for its own certificates.
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
function maxAttempts(env: Environment): number {
  const value = env["AWS_MAX_ATTEMPTS"] ?? "";
  return /^[1-9]\d?$/.test(value) ? Number(value) : 3;
}
