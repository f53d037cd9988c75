/** The composition root: the only place that touches clock, environment, streams, files and network. */
import { hash } from "node:crypto";
import { realpathSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { cacheOn, noCache, type Caches } from "./cache/cache.ts";
import { findLedger } from "./cache/refusals/ledger-files.ts";
import { openKeychain } from "./cache/keychain/open.ts";
import {
  fileState,
  keepingPipes,
  largestFile,
  readFile,
  readOptional,
  type FileCalls,
  type PipeContents,
} from "./foundation/files/files.ts";
import type {
  Clock,
  Environment,
  Executable,
  FileContent,
  FileRole,
  FileState,
  Machine,
  ReadFile,
  Sha256,
  Signals,
  Streams,
} from "./foundation/ports.ts";
import type { CommandPorts } from "./cli/command.ts";
import { identitySources } from "./keys/identity-sources.ts";
import { filtered, outputTo } from "./foundation/output.ts";
import { Secrets } from "./foundation/secrets.ts";

/**
 * @param env replaces the environment of the process in every port
 * @param executable of a program that runs without Node
 */
export function dependencies(env: Environment = process.env, executable?: Executable): CommandPorts {
  return portsIn({ env, executable, secrets: new Secrets(), pipes: new Map(), reading: {} });
}

interface Process {
  env: Environment;
  executable: Executable | undefined;
  secrets: Secrets;
  /** The content of those that were read, for all ports of the process. */
  pipes: PipeContents;
  /** Of all ports of the process. Without calls, a read blocks the process. */
  reading: { calls?: FileCalls };
}

function portsIn(of: Process): CommandPorts {
  const { env, executable, secrets, pipes, reading } = of;
  const uid = process.geteuid?.();
  const keeping = keepingPipes((path, role) => readFile(path, role, uid, reading.calls), pipes);
  const read: ReadFile = async (path, role) => noteKeys(await keeping(path, role), role, secrets);
  const state: FileState = (path, role) => fileState(path, role, reading.calls);
  const own = streams(secrets);
  const ports: CommandPorts = {
    env,
    clock,
    machine: machine(env, executable),
    streams: own,
    secrets,
    signals,
    readFile: read,
    readOptional: (path, role) => readOptional(path, role, uid, reading.calls),
    identities: (access) =>
      identitySources({ readFile: read, fileState: state, sha256 }, async () =>
        (await import("./key-dependencies.ts")).openingOf(access, { ...ports, fileState: state }),
      ),
    sha256,
    cache: caches(env, executable?.folder),
    http: async (onAttempt) => (await import("./http/client.ts")).clientIn(ports, onAttempt),
    plugins: async () => (await import("./exec/plugin/run-plugin.ts")).plugins,
    kubeconfigs: async () => (await import("./kubeconfig/disk/update-file.ts")).kubeconfigDisk(ports),
    sandbox: async (options) => (await import("./sandbox/open-sandbox.ts")).openSandbox(options),
    serving: async () => {
      reading.calls = (await import("./foundation/files/patient-calls.ts")).patientCalls;
      const { koffi } = await import("./native-code.ts");
      return (await import("./serve/edge/serving.ts")).servingWith(clock, koffi(executable?.folder));
    },
    within: (other, own = secrets) => portsIn({ ...of, env: other, secrets: own }),
    writeFolder: async (...to) => (await import("./foundation/files/write-folder.ts")).writeFolder(...to),
  };
  return ports;
}

const clock: Clock = () => new Date();

function machine(env: Environment, executable: Executable | undefined): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    get runtime() {
      const { bun, node } = process.versions;
      return bun === undefined ? { name: "node", version: node } : { name: "bun", version: bun };
    },
    get program() {
      return executable?.program ?? realpathSync(process.argv[1] ?? "");
    },
    executable,
    get home() {
      return [env["HOME"], orUndefined(homedir)].find((path) => path !== undefined && isAbsolute(path));
    },
    temporaryFolder: temporaryFolder(env),
    cwd: () => process.cwd(),
    realPath: (path) => orUndefined(() => realpathSync(path)) ?? path,
    paths: { isAbsolute, dirname, join, resolve: executable?.resolve ?? resolve, delimiter },
  };
}

/** The system refuses to answer for a user without an entry in its database, as in some containers, and for a path without a file. */
function orUndefined(ask: () => string): string | undefined {
  try {
    return ask();
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
    stdin: async () => (await import("./foundation/files/stdin.ts")).readInput(process.stdin, largestFile),
  };
}

const signals: Signals = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  raise: (signal) => {
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  },
};

function caches(env: Environment, executableFolder: string | undefined): Caches {
  const { platform, arch } = process;
  const uid = process.geteuid?.();
  const runtimeFolder = env["XDG_RUNTIME_DIR"];
  const inputs = { platform, uid, runtimeFolder, temporaryFolder: temporaryFolder(env), sha256 };
  const bus = { address: env["DBUS_SESSION_BUS_ADDRESS"], runtimeFolder };
  const keychain: Caches["keychain"] = (mode, log) =>
    openKeychain(mode, { platform, arch, uid, executableFolder, bus, log });
  return {
    keychain,
    entries: (mode, log) => {
      if (mode === "none") return noCache;
      const ledger = () => findLedger({ ...inputs, parent: process.ppid }, log);
      return { ...cacheOn({ keychain: keychain(mode, log), clock, log, sha256 }), ledger };
    },
    singleFlight: async (mode, log) => {
      const { openSingleFlight } = await import("./cache/flight/single-flight.ts");
      const userName = (platform === "win32" && orUndefined(() => userInfo().username)) || "";
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

const sha256: Sha256 = (content) => hash("sha256", content, "hex");

/** A file can contain a private key beside its certificate. */
function noteKeys(content: FileContent, { hop }: FileRole, secrets: Secrets): FileContent {
  const text = Buffer.from(content.bytes).toString("latin1");
  if (hop === "private-key" || text.includes("PRIVATE KEY-----")) secrets.add(text);
  // On Windows, the mode reflects only the read-only attribute, so every file would seem readable for others.
  return process.platform === "win32" ? { ...content, mode: 0o600 } : content;
}
