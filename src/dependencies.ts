/** The composition root: the one place that touches clock, environment, streams, files and network. */
import { realpathSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { cacheOn, noCache, type Cache } from "./cache/cache.ts";
import { findLedger } from "./cache/refusals/find-ledger.ts";
import type { KeychainMode } from "./cache/keychain/mode.ts";
import { openKeychain } from "./cache/keychain/open.ts";
import type { Keychain } from "./cache/keychain/keychain.ts";
import type { SingleFlight } from "./cache/flight/single-flight.ts";
import { EksX509Error } from "./foundation/errors.ts";
import {
  fileState,
  readFile as readFileAnywhere,
  type FileContent,
  type FileRole,
  type GivenFile,
} from "./foundation/files.ts";
import type { Http } from "./http/client.ts";
import type { Environment } from "./foundation/environment.ts";
import { fileSigner } from "./identity/file-signer.ts";
import type { SignerSource } from "./identity/signer.ts";
import { outputTo } from "./foundation/output.ts";
import type { SignalSource } from "./sandbox/command.ts";

export interface Dependencies {
  clock: () => Date;
  env: Environment;
  platform: NodeJS.Platform;
  /** Absolute path of this very program, links followed. */
  program: string;
  /** The current folder's absolute path. */
  cwd: () => string;
  signals: SignalSource;
  /** Lets a signal that was kept waiting do what it does, unless somebody else listens to it. */
  raise: (signal: NodeJS.Signals) => void;
  /** Resolves when the text has left the process; rejects when it cannot. */
  stdout: (text: string) => Promise<void>;
  stderr: (text: string) => Promise<void>;
  /** Whether a person looks at them, and how wide it is. */
  terminal: { stdout: boolean; stderr: boolean; columns: number };
  /** All of it, bounded; a terminal too is read to its end. */
  stdin: (limit: number) => Promise<string>;
  readFile: (path: string, role: FileRole) => Promise<FileContent>;
  /** Chooses what signs with the key that the settings name. */
  signer: (key: GivenFile) => SignerSource;
  keychain: (mode: KeychainMode, tell: TellLine) => Keychain;
  cache: (mode: KeychainMode, tell: TellLine) => Cache;
  singleFlight: (mode: KeychainMode, tell: TellLine) => Promise<SingleFlight>;
  http: (onAttempt: TellLine) => Promise<Http>;
  /** The same, in another environment: that of a kubeconfig's exec entry. */
  within: (env: Environment) => Dependencies;
}

/** For --verbose. */
type TellLine = (line: string) => void;

export function dependencies(env: Environment = process.env): Dependencies {
  return {
    clock: () => new Date(),
    env,
    platform: process.platform,
    get program() {
      return realpathSync(process.argv[1] ?? "");
    },
    cwd: () => process.cwd(),
    signals: process,
    raise: (signal) => {
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    },
    stdout: outputTo(1, () => process.stdout),
    stderr: outputTo(2, () => process.stderr),
    // Not before somebody asks: a stream takes 3 ms to load.
    get terminal() {
      const { stdout, stderr } = process;
      return { stdout: stdout.isTTY, stderr: stderr.isTTY, columns: stdout.columns || 80 };
    },
    stdin,
    readFile,
    signer: (key) => fileSigner(key, { readFile, fileState }),
    keychain,
    cache,
    singleFlight,
    http: async (onAttempt) => {
      const { httpClient } = await import("./http/client.ts");
      return httpClient({ env, trustStore: () => trustStore(env), maxAttempts: maxAttempts(env), onAttempt });
    },
    within: dependencies,
  };
}

function cache(mode: KeychainMode, tell: TellLine): Cache {
  if (mode === "none") return noCache;
  const ledger = () => findLedger({ parent: process.ppid, uid: process.geteuid?.(), ...machine() }, tell);
  return { ...cacheOn({ keychain: keychain(mode, tell), clock: () => new Date(), tell }), ledger };
}

function machine() {
  const runtimeFolder = process.env["XDG_RUNTIME_DIR"];
  return { platform: process.platform, runtimeFolder, temporaryFolder: tmpdir() };
}

function keychain(mode: KeychainMode, tell: TellLine): Keychain {
  const bus = {
    address: process.env["DBUS_SESSION_BUS_ADDRESS"],
    runtimeFolder: process.env["XDG_RUNTIME_DIR"],
  };
  return openKeychain(mode, {
    platform: process.platform,
    arch: process.arch,
    uid: process.geteuid?.(),
    bus,
    tell,
  });
}

/** Milliseconds that a process stays to hand its session to latecomers; a keychain does that better. */
const lingerWithoutKeychain = 200;

async function singleFlight(mode: KeychainMode, tell: TellLine): Promise<SingleFlight> {
  const [{ createSingleFlight }, { findLock }, { keyIn }] = await Promise.all([
    import("./cache/flight/single-flight.ts"),
    import("./cache/flight/find-lock.ts"),
    import("./cache/flight/circumstances.ts"),
  ]);
  const user = {
    uid: process.geteuid?.(),
    userName: process.platform === "win32" ? userInfo().username : "",
  };
  const lock = findLock({ ...user, ...machine() }, tell);
  const flight = createSingleFlight({
    lock,
    tell,
    linger: mode === "none" ? { success: lingerWithoutKeychain } : {},
  });
  return { run: (key, work) => flight.run(keyIn(process.env, key), work) };
}

async function stdin(limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const bytes of input) {
    length += bytes.length;
    if (length > limit) throw inputTooLong(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function inputTooLong(limit: number): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "STDIN_TOO_LONG",
    message: `stdin holds more than ${limit} bytes`,
    hint: "Give one token, or one ExecCredential.",
  });
}

async function readFile(path: string, role: FileRole): Promise<FileContent> {
  const content = await readFileAnywhere(path, role);
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
