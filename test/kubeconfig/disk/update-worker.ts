/**
 * One process that changes a kubeconfig: adds a cluster, or a line of comment. Before each call that it makes of the system, it can
 * do something to itself.
 */
import * as fs from "node:fs";
import { disk, type Disk } from "../../../src/kubeconfig/disk/disk.ts";
import { updateKubeconfigFile } from "../../../src/kubeconfig/disk/update-file.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { isObject, parseJson } from "../../../src/foundation/json.ts";

export interface Job {
  path: string;
  /** Without one, a comment is added. */
  cluster?: string;
  /** Before the call of that number, counted from 1. */
  at?: number;
  signal?: NodeJS.Signals;
  inPlace?: boolean;
  /** The edit sends itself a signal, and then goes on for ever. */
  endless?: boolean;
  /** For a process of the superuser: another one, before anything is done. */
  uid?: number;
}

/** The test that sends it was compiled against the same type. */
function isJob(value: unknown): value is Job {
  return isObject(value);
}

const job = parseJson(process.argv[2] ?? "");
if (!isJob(job)) throw new Error("no job");
if (job.uid !== undefined) process.setuid?.(job.uid);

let calls = 0;
function counted<Arguments extends unknown[], Result>(
  call: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  return (...args) => {
    calls += 1;
    if (isJob(job) && calls === job.at && job.signal) process.kill(process.pid, job.signal);
    return call(...args);
  };
}

const watched: Disk = {
  ...disk,
  closeSync: counted(fs.closeSync),
  fchmodSync: counted(fs.fchmodSync),
  fchownSync: counted(fs.fchownSync),
  fsyncSync: counted(fs.fsyncSync),
  ftruncateSync: counted(fs.ftruncateSync),
  openSync: counted(fs.openSync),
  renameSync: counted(fs.renameSync),
  unlinkSync: counted(fs.unlinkSync),
  // A write may take less than it is given.
  writeSync: counted((file: number, bytes: Uint8Array, offset: number) =>
    fs.writeSync(file, bytes, offset, Math.min(20, bytes.length - offset)),
  ),
};

const ports = {
  disk: watched,
  clock: () => new Date(),
  pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
  log: () => undefined,
  signals: {
    on: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => process.on(signal, listener),
    off: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) =>
      process.off(signal, listener),
    raise: (signal: NodeJS.Signals) => {
      process.kill(process.pid, signal);
    },
  },
};

/** Loading what reads YAML takes most of the time of a process that does not need it. */
async function run({ path, cluster, inPlace = false, endless = false }: Job): Promise<void> {
  if (endless)
    await updateKubeconfigFile(
      path,
      () => {
        process.kill(process.pid, "SIGTERM");
        for (;;);
      },
      ports,
    );
  if (cluster === undefined) {
    const mode = inPlace ? "in place" : "replace";
    await updateKubeconfigFile(path, (text = "") => ({ text: `${text}# more\n` }), { ...ports, mode });
    return;
  }
  const [{ writeEntries }, { entriesFor }] = await Promise.all([
    import("../../../src/kubeconfig/disk/update-file.ts"),
    import("../edit/entries-in-text.ts"),
  ]);
  await writeEntries(path, [entriesFor(cluster)], ports);
}

await run(job).catch((error: unknown) => {
  process.stdout.write(error instanceof EksX509Error ? error.code : String(error));
  process.exitCode = 1;
});
process.stdout.write(` ${calls}`);
