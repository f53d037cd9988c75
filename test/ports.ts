/** All ports for a test: what it gives takes the place of the outside, and nothing else may be asked for. */
import { posix } from "node:path";
import { expect } from "vitest";
import { dependencies } from "../src/dependencies.ts";
import type { CommandPorts } from "../src/cli/command.ts";
import type { Caches } from "../src/cache/cache.ts";
import type { Environment, Machine, Signals, Streams } from "../src/foundation/ports.ts";
import { EksX509Error } from "../src/foundation/errors.ts";
import { Secrets } from "../src/foundation/secrets.ts";
import type { Ports } from "../src/sign-in/ports.ts";

export const { sha256, plugins, kubeconfigs } = dependencies({});

export interface Given extends Partial<Streams>, Partial<Machine> {
  env?: Environment;
  clock?: Ports["clock"];
  readFile?: Ports["readFile"];
  readOptional?: Ports["readOptional"];
  identities?: Ports["identities"];
  http?: Ports["http"];
  cache?: Partial<Caches>;
  signals?: Signals;
  within?: Ports["within"];
  kubeconfigs?: Ports["kubeconfigs"];
}

export function portsWith(given: Given = {}): CommandPorts {
  const env = given.env ?? {};
  const {
    clock,
    http,
    signals,
    within,
    readFile,
    identities,
    cache,
    streams,
    kubeconfigs,
    sandbox,
    serving,
    writeFolder,
  } = {
    ...refusing,
    ...given,
  };
  return {
    env,
    clock,
    http,
    signals,
    within,
    machine: machineIn(env, given),
    streams: { ...streams, ...given },
    readFile,
    readOptional: given.readOptional ?? optional(readFile),
    identities,
    sha256,
    secrets: new Secrets(),
    cache: { ...refusing.cache, ...cache },
    plugins,
    kubeconfigs,
    sandbox,
    serving,
    writeFolder,
  };
}

const refusing = {
  clock: () => expect.fail("no clock is wanted"),
  http: () => expect.fail("no network is wanted"),
  within: () => expect.fail("no other environment is wanted"),
  streams: {
    stdout: () => Promise.resolve(),
    stderr: () => Promise.resolve(),
    stdin: () => expect.fail("no stdin is wanted"),
    terminal: { stdout: false, stderr: false, columns: 80 },
  },
  signals: {
    on: (signal, listener) => process.on(signal, listener),
    off: (signal, listener) => process.off(signal, listener),
    raise: () => expect.fail("no signal is wanted"),
  },
  readFile: () => expect.fail("no file is wanted"),
  identities: () => expect.fail("no key is wanted"),
  kubeconfigs: () => expect.fail("no kubeconfig is wanted"),
  sandbox: () => expect.fail("no sandbox is wanted"),
  serving: () => expect.fail("no server is wanted"),
  writeFolder: () => expect.fail("no folder is wanted"),
  cache: {
    keychain: () => expect.fail("no keychain is wanted"),
    entries: () => ({ read: () => Promise.resolve(undefined), write: () => Promise.resolve() }),
    singleFlight: () => Promise.resolve({ run: ({ work }) => work(), inTurn: (_, work) => work() }),
  },
} satisfies Omit<CommandPorts, "env" | "machine" | "readOptional" | "sha256" | "secrets" | "plugins">;

/** A file that the test does not have is not there. */
function optional(readFile: Ports["readFile"]): Ports["readOptional"] {
  return async (path, role) =>
    readFile(path, role).catch((error: unknown) => {
      if (error instanceof EksX509Error && error.code === "FILE_MISSING") return "does not exist";
      throw error;
    });
}

/** A Linux machine; the home folder is HOME, as it is where no system is asked. */
export function machineIn(env: Environment = {}, given: Partial<Machine> = {}): Machine {
  return {
    platform: "linux",
    arch: "x64",
    runtime: { name: "node", version: "20.19.0" },
    program: "/bin/eks-x509",
    home: env["HOME"],
    temporaryFolder: "/tmp",
    cwd: () => "/home/alice",
    realPath: dependencies(env).machine.realPath,
    paths: posix,
    ...given,
  };
}
