/** The program from its composition root down, inside this process: an eighth of the time that a process of its own takes. */
import { dependencies } from "../../src/dependencies.ts";
import { filtered } from "../../src/foundation/output.ts";
import type { Plugins } from "../../src/exec/plugin/run-plugin.ts";
import { run } from "../../src/main.ts";

export interface RunHere {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin?: string | Uint8Array | undefined;
  /** Path of the installed program, as it would find it. */
  program: string;
  cwd: string;
}

export async function runHere({
  args,
  env,
  stdin = "",
  program,
  cwd,
}: RunHere): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  const ports = dependencies(
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value && asBytes(value)])),
  );
  const print = (stream: keyof typeof output) =>
    filtered((text) => {
      output[stream] += asBytes(text);
      return Promise.resolve();
    }, ports.secrets);
  const code = await run(args.map(asBytes), {
    ...ports,
    machine: { ...ports.machine, program, cwd: () => cwd },
    plugins: async () => startedOnce(await ports.plugins()),
    streams: {
      stdout: print("stdout"),
      stderr: print("stderr"),
      stdin: () => Promise.resolve(Buffer.from(stdin)),
      terminal: { stdout: false, stderr: false, columns: 80 },
    },
  });
  return { code, ...output };
}

const starts = new Map<string, ReturnType<Plugins["startFailure"]>>();

/** A start of get-token ends before it reads a flag's value: it is the same for every list of valid flags. */
function startedOnce(plugins: Plugins): Plugins {
  const startFailure: Plugins["startFailure"] = (run, ports) => {
    const { args, env } = run.entry;
    if (args[0] !== "get-token" || args.slice(1).some((arg) => !/^--[a-z-]+=/.test(arg)))
      return plugins.startFailure(run, ports);
    const key = JSON.stringify([{ ...run, entry: { ...run.entry, args: [] } }, ports.env["PATH"], env]);
    const start = starts.get(key) ?? plugins.startFailure(run, ports);
    starts.set(key, start);
    return start;
  };
  return { ...plugins, startFailure };
}

/** Arguments, variables and output of a process are bytes: of half a surrogate pair, a replacement character is left. */
function asBytes(text: string): string {
  return Buffer.from(text).toString();
}
