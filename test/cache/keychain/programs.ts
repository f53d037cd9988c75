/** Runs the worker as real processes: under a session bus, in session keyrings, as another user. */
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import type { Report, Task } from "./worker.ts";

/** Long enough for the slowest machine: only what hangs reaches it, and is killed. */
const patience = 60_000;

export interface Bench {
  folder: string;
  remove: () => void;
}

/** A copy of the program and its native packages, as installed for all users: readable, and writable for nobody else. */
export async function bench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-keychain-"));
  chmodSync(folder, 0o755);
  await build({
    input: { worker: join(import.meta.dirname, "worker.ts") },
    platform: "node",
    write: true,
    output: {
      dir: join(folder, "dist"),
      format: "esm",
      entryFileNames: "[name].mjs",
      chunkFileNames: "[name].mjs",
    },
  });
  const installed = join(import.meta.dirname, "../../../node_modules");
  for (const name of [
    "keytar",
    ...readdirSync(join(installed, "@napi-rs")).map((each) => join("@napi-rs", each)),
  ])
    if (existsSync(join(installed, name)))
      cpSync(join(installed, name), join(folder, "node_modules", name), {
        recursive: true,
        dereference: true,
      });
  closed(folder);
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whatever the umask is, and whatever the checkout's modes are. */
function closed(folder: string): void {
  spawnSync("chmod", ["-R", "u+rwX,go+rX,go-w", folder]);
}

/** A home and a runtime folder of its own; no bus but the one that a test makes. */
export function environment(folder: string): NodeJS.ProcessEnv {
  const home = mkdtempSync(join(folder, "home-"));
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  return { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: runtime, LC_ALL: "C.UTF-8" };
}

export interface Place {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** A program that runs the worker: its arguments follow. */
  within?: readonly string[];
}

export async function runWorker(task: Task, { folder, env, within = [] }: Place): Promise<Report> {
  const [command, ...args] = [
    ...within,
    process.execPath,
    join(folder, "dist", "worker.mjs"),
    JSON.stringify(task),
  ];
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(command, args, { env, timeout: patience, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
  const report: unknown = JSON.parse(
    printed.split("\n").find((line) => line.startsWith('{"outcomes"')) ?? "",
  );
  if (isReport(report)) return report;
  throw new Error(`no report: ${printed}`);
}

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "outcomes" in value && "logged" in value;
}

/** $DAEMON is the daemon's process; the script ends it, since gnome-keyring outlives its bus. */
const underGnomeKeyring = `
unlock=$1; shift
if [ "$unlock" = locked ]; then gnome-keyring-daemon --foreground --components=secrets >/dev/null 2>&1 &
else printf %s "$unlock" | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
fi
export DAEMON=$!
trap 'kill -9 $DAEMON 2>/dev/null' EXIT
for i in $(seq 200); do
  dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
    string:org.freedesktop.secrets | grep -q true && break
  sleep 0.05
done
"$@"
`;

/** @param unlock the password; or that nobody has unlocked it */
export function gnomeKeyring(unlock: "locked" | (string & {})): string[] {
  return ["dbus-run-session", "--", "sh", "-c", underGnomeKeyring, "sh", unlock];
}

export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0);
}

/** Why the kernel keyring cannot be tested here; undefined when it can. */
export function noKernelKeyring(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (missingPrograms(["keyctl"]).length > 0) return "keyctl is not installed";
  if (spawnSync("keyctl", ["session", "-", "true"]).status !== 0) return "keyctl is not allowed here";
  const listed = existsSync("/proc/keys") && readFileSync("/proc/keys", "utf8") !== "";
  return listed ? undefined : "/proc/keys is hidden here";
}

export function noSecretService(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  const missing = missingPrograms(["dbus-run-session", "dbus-send", "gnome-keyring-daemon"]);
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  const starts = spawnSync("dbus-run-session", ["--", "true"]).status === 0;
  return starts ? undefined : "no session bus can be started here";
}

export function noKeytar(): string | undefined {
  const loads = spawnSync(process.execPath, ["-e", 'require("keytar")'], { cwd: import.meta.dirname });
  return loads.status === 0 ? undefined : "keytar, or the libsecret that it needs, is not installed";
}

/** A test's name, with the reason why it is skipped. */
export function named(name: string, why: string | undefined): string {
  return why === undefined ? name : `${name} (skipped: ${why})`;
}
