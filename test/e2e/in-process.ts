/** The program from its composition root down, inside this process: an eighth of the time that a process of its own takes. */
import { dependencies } from "../../src/dependencies.ts";
import { filtered } from "../../src/foundation/output.ts";
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
    streams: {
      stdout: print("stdout"),
      stderr: print("stderr"),
      stdin: () => Promise.resolve(Buffer.from(stdin)),
      terminal: { stdout: false, stderr: false, columns: 80 },
    },
  });
  return { code, ...output };
}

/** Arguments, variables and output of a process are bytes: of half a surrogate pair, a replacement character is left. */
function asBytes(text: string): string {
  return Buffer.from(text).toString();
}
