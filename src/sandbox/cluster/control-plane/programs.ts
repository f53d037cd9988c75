/** etcd and kube-apiserver: started, waited for, and started again should one of them end. */
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { OnEvent } from "../../wire.ts";
import { apiServerFlags } from "./api-server.ts";
import type { Assets } from "./assets.ts";
import { etcdFlags } from "./etcd.ts";
import { notReady, programFailed } from "./failures.ts";
import { freePort } from "./free-port.ts";
import type { Guard } from "./guard.ts";
import { lastLines, saysAddressTaken } from "./log-file.ts";

export interface ProgramsOptions {
  guard: Guard;
  /** Where they run, and where their logs are. */
  folder: string;
  assets: Assets;
  /** Whether the API server at this port can be used: it may be asked again and again. */
  isReady: (port: number) => Promise<boolean>;
  /** The sandbox is told to end: nothing is waited for, and nothing started again. */
  signal: AbortSignal;
  onEvent: OnEvent;
}

/** On a busy machine it takes many times the three seconds that it takes on an idle one. */
const patience = 120;

/** How often kube-apiserver may find its port taken. */
const ports = 4;

/** @returns the port of the API server, when it is ready  @throws {EksX509Error} naming the program that failed */
export async function startPrograms(options: ProgramsOptions): Promise<number> {
  const etcd = start(options, "etcd", [options.assets.etcd, ...etcdFlags]);
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(patience * 1000)]);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const command = [options.assets.kubeApiserver, ...apiServerFlags(port)];
    const apiServer = start(options, "kube-apiserver", command);
    const ended = await firstOf(options, [etcd.ended, apiServer.ended], port, deadline);
    if (ended === undefined) {
      for (const program of [etcd, apiServer]) keepRunning(options, program).catch(() => undefined);
      return port;
    }
    const log = join(options.folder, `${ended.name}.log`);
    const isLost = ended.name === "kube-apiserver" && (await saysAddressTaken(log));
    if (!isLost || attempt === ports) throw programFailed(ended.name, ended.code, await lastLines(log));
  }
}

interface Ended {
  name: string;
  code: number;
}

interface Program {
  name: string;
  command: readonly string[];
  ended: Promise<Ended>;
}

function start({ guard }: ProgramsOptions, name: string, command: readonly string[]): Program {
  return { name, command, ended: guard.run(name, command).then((code) => ({ name, code })) };
}

/** The program that ended first; undefined when the API server was ready before any did. */
async function firstOf(
  { folder, isReady, signal }: ProgramsOptions,
  ended: readonly Promise<Ended>[],
  port: number,
  deadline: AbortSignal,
): Promise<Ended | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([
      ...ended,
      untilReady(() => isReady(port), AbortSignal.any([over.signal, deadline])),
    ]);
  } catch (error) {
    if (signal.aborted || !deadline.aborted) throw error;
    throw notReady(patience, await lastLines(join(folder, "kube-apiserver.log")));
  } finally {
    over.abort();
  }
}

async function untilReady(isReady: () => Promise<boolean>, over: AbortSignal): Promise<undefined> {
  over.throwIfAborted();
  // An answer that does not come must not hold up an end.
  const told = once(over, "abort").then(() => Promise.reject(new Error("told to end")));
  const pause = (): Promise<void> => delay(100, undefined, { signal: over });
  while (!(await Promise.race([isReady(), told]))) await pause();
  return undefined;
}

/** Milliseconds before a program that has ended is started again: as before, at the same port, with the same data. */
const pause = 1000;

async function keepRunning(options: ProgramsOptions, { name, command, ended }: Program): Promise<void> {
  const { code } = await ended;
  const isOver = (): boolean => options.signal.aborted;
  if (isOver()) return;
  const why = `it ended with code ${code}, and is started again`;
  options.onEvent({ hop: "kubernetes", what: name, verdict: "refused", who: "", why });
  await delay(pause, undefined, { signal: options.signal, ref: false }).catch(() => undefined);
  if (!isOver()) await keepRunning(options, start(options, name, command));
}
