/** A program of its own, bundled by the tests: opens a keychain as its first argument says, takes the steps, prints what came of them. */
import { execFileSync } from "node:child_process";
import { KeychainError, type Keychain } from "../../../src/cache/keychain/keychain.ts";
import type { KeychainMode } from "../../../src/cache/keychain/mode.ts";
import { openKeychain } from "../../../src/cache/keychain/open.ts";

/** sh and later run a command, at once or while the next step is under way. open begins anew, with another limit. */
export type Step =
  | { do: "get" | "delete"; account: string }
  | { do: "set"; account: string; password: string }
  | { do: "find" }
  | { do: "open"; perCall: number }
  | { do: "sh" | "later"; command: string };

export interface Task {
  mode: KeychainMode;
  steps: Step[];
  perCall?: number;
}

/** A step's result, or the reason why it failed. */
export interface Outcome {
  result?: unknown;
  reason?: string;
  message?: string;
}

export interface Report {
  outcomes: Outcome[];
  logged: string[];
}

const service = "eks-x509-test";

type CallStep = Exclude<Step, { do: "open" }>;

async function take(keychain: Keychain, step: CallStep): Promise<unknown> {
  switch (step.do) {
    case "get":
      return (await keychain.getPassword(service, step.account)) ?? null;
    case "set":
      await keychain.setPassword(service, step.account, step.password);
      return true;
    case "delete":
      return keychain.deletePassword(service, step.account);
    case "find":
      return keychain.findCredentials(service);
    case "sh":
      execFileSync("sh", ["-c", step.command]);
      return true;
    case "later":
      setTimeout(() => execFileSync("sh", ["-c", step.command]), 1_000);
      return true;
  }
}

function open(mode: KeychainMode, perCall: number, log: (line: string) => void): Keychain {
  return openKeychain(mode, {
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.(),
    bus: {
      address: process.env["DBUS_SESSION_BUS_ADDRESS"],
      runtimeFolder: process.env["XDG_RUNTIME_DIR"],
    },
    log,
    limits: { perCall, total: perCall * 2 },
  });
}

/** What does not hang has as much time as the slowest machine takes. */
const longEnough = 20_000;

async function run({ mode, steps, perCall = longEnough }: Task): Promise<Report> {
  const logged: string[] = [];
  const log = (line: string): void => void logged.push(line);
  let keychain = open(mode, perCall, log);
  const outcomes: Outcome[] = [];
  for (const step of steps)
    if (step.do === "open") keychain = open(mode, step.perCall, log);
    else outcomes.push(await take(keychain, step).then((result) => ({ result }), failed));
  return { outcomes, logged };
}

function failed(error: unknown): Outcome {
  if (!(error instanceof KeychainError)) throw error;
  return { reason: error.reason, message: error.message };
}

function isTask(value: unknown): value is Task {
  return typeof value === "object" && value !== null && "mode" in value && "steps" in value;
}

const task: unknown = JSON.parse(process.argv[2] ?? "");
if (!isTask(task)) throw new Error("no task");
const report = await run(task);
process.stdout.write(JSON.stringify(report) + "\n", () => {
  // As the real program ends: whatever still hangs must not keep it.
  process.exit(0);
});
