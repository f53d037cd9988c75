/** Starts etcd and kube-apiserver, waits for them, and starts one again if it ends. */
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
  /** The folder of the programs and of their logs. */
  folder: string;
  assets: Assets;
  /** Whether the API server at this port is ready. Called repeatedly. */
  isReady: (port: number) => Promise<boolean>;
  /** The sandbox is ending: nothing is waited for and nothing is started again. */
  signal: AbortSignal;
  onEvent: OnEvent;
}

/** A start takes three seconds on an idle machine, and many times that on a busy one. */
const patience = 120;

/** Maximum number of attempts if kube-apiserver finds its port in use. */
const ports = 4;

/** @returns the port of the ready API server  @throws {EksX509Error} with the name of the program that failed */
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

/** The program that ended first; undefined if the API server was ready before. */
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
  // A missing answer must not delay the end.
  const told = once(over, "abort").then(() => Promise.reject(new Error("told to end")));
  const pause = (): Promise<void> => delay(100, undefined, { signal: over });
  while (!(await Promise.race([isReady(), told]))) await pause();
  return undefined;
}

/** Milliseconds before an ended program is started again, at the same port and with the same data. */
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
