/**
 * One process of a crowd. Reads one command on each line of stdin, and prints one event on each line of stdout;
 * which of them comes first is then a matter of order, and no test has to measure time.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { isObject, parseJson } from "../../../src/foundation/json.ts";
import { folderLock, pipeLock } from "../../../src/cache/flight/lock.ts";
import { inTurnAt, singleFlightAt } from "../../../src/cache/flight/single-flight.ts";
import { textWanted } from "./text-wanted.ts";

export interface Command {
  run?: {
    key: string;
    folder?: string;
    pipe?: string;
    patience?: number;
    beat?: number;
    linger?: { success: number; failure: number };
    /** Milliseconds of work; without it, the work lasts until the command `finish`. */
    takes?: number;
    fails?: boolean;
    text?: string;
  };
  /** Adds one to the number in a file, with a pause in between; without a file, the turn never ends. */
  turn?: { key: string; folder: string; file?: string };
  finish?: { text: string } | { failure: string };
}

export interface WorkerEvent {
  kind: "ready" | "working" | "logged" | "text" | "failure" | "crash";
  value: string;
}

function say(kind: WorkerEvent["kind"], value = ""): void {
  process.stdout.write(`${JSON.stringify({ kind, value })}\n`);
}

let finish: (how: NonNullable<Command["finish"]>) => void = () => undefined;

function failure(message: string): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "create-session",
    code: "REFUSED_OTHER",
    message,
    hint: "Ask.",
  });
}

async function work({
  takes,
  fails,
  text = String(process.pid),
}: NonNullable<Command["run"]>): Promise<string> {
  say("working");
  if (takes === undefined) {
    const how = await new Promise<NonNullable<Command["finish"]>>((resolve) => {
      finish = resolve;
    });
    if ("failure" in how) throw failure(how.failure);
    return how.text;
  }
  await new Promise((resolve) => setTimeout(resolve, takes));
  if (fails) throw failure(String(process.pid));
  return text;
}

function fieldsOf({ category, hop, code, message, hint }: EksX509Error): string {
  return JSON.stringify({ category, hop, code, message, hint });
}

async function run(command: NonNullable<Command["run"]>): Promise<void> {
  const { key, folder, pipe, patience, beat, linger } = command;
  const flight = singleFlightAt({
    lock: folder ? folderLock(folder) : pipeLock(pipe ?? ""),
    log: (line) => {
      say("logged", line);
    },
    ...(patience === undefined ? {} : { patience }),
    ...(beat === undefined ? {} : { beat }),
    ...(linger === undefined ? {} : { linger }),
  });
  try {
    say("text", await flight.run(textWanted(key, () => work(command))));
  } catch (error) {
    if (error instanceof EksX509Error) say("failure", fieldsOf(error));
    else say("crash", String(error));
  }
}

async function turn({ key, folder, file }: NonNullable<Command["turn"]>): Promise<void> {
  const log = (line: string): void => {
    say("logged", line);
  };
  await inTurnAt({ lock: folderLock(folder), log })(key, async () => {
    say("working");
    if (file === undefined) await new Promise(() => undefined);
    const count = Number(readFileSync(file ?? "", "utf8"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    writeFileSync(file ?? "", String(count + 1));
  });
  say("text");
}

/** The test that sends it was compiled against the same type. */
function isCommand(value: unknown): value is Command {
  return isObject(value);
}

function obey(text: string): void {
  const command = parseJson(text);
  if (!isCommand(command)) throw new Error(`no command: ${text}`);
  if (command.run) void run(command.run);
  if (command.turn) void turn(command.turn);
  if (command.finish) finish(command.finish);
}

const [once] = process.argv.slice(2);
if (once) obey(once);
else createInterface({ input: process.stdin }).on("line", obey);
say("ready");
