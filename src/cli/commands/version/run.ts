import { build } from "./build.ts";
import { jsonText } from "../../../foundation/json.ts";
import { version } from "../../../foundation/version.ts";
import type { CommandPorts, Flags } from "../../command.ts";

export async function runVersion(flags: Flags, { machine, streams }: CommandPorts): Promise<number> {
  const { runtime, arch } = machine;
  const platform = `${machine.platform === "win32" ? "windows" : machine.platform}-${arch}`;
  const facts = { version, commit: build.commit, built: build.time, runtime, platform };
  const words = { ...facts, runtime: `${runtime.name} ${runtime.version}` };
  await streams.stdout(flags.text("output") === "json" ? jsonText(facts) : inWords(words));
  return 0;
}

function inWords(facts: Readonly<Record<string, string | null>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${`${name}:`.padEnd(10)}${value ?? "unknown"}\n`)
    .join("");
}
