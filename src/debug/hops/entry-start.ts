/** Whether a client can start the entry's program: as this command found it, and from a desktop. */
import { programName } from "../../exec/entry-program.ts";
import { findExecutable, type Executable } from "../../exec/plugin/executable.ts";
import { startFailure, type PluginRun } from "../../exec/plugin/run-plugin.ts";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { ExecEntry } from "../../kubeconfig/read/user.ts";
import type { Warning } from "../report/findings.ts";
import type { World } from "../world.ts";

/** PATH without a shell's profile: of launchd, and of systemd and login(1). A client that a desktop starts has no other. */
const desktopPaths: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "/usr/bin:/bin:/usr/sbin:/sbin",
  linux: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/**
 * Starts an entry of get-token, which then prints only its version.
 * @throws EksX509Error PLUGIN_…
 */
export async function startOwn(run: PluginRun, world: World): Promise<Warning[]> {
  // npx may load a package from the network.
  if (programName(run.entry.command) === "npx") return [];
  const [failure, fromDesktop] = await Promise.all([startFailure(run, world), desktopStart(run, world)]);
  if (failure) throw failure;
  return fromDesktop ? [notFromDesktop(run.executable, fromDesktop.message)] : [];
}

/** Without a start where the desktop's PATH has node, the only program that eks-x509 needs of it. */
async function desktopStart(run: PluginRun, world: World): Promise<EksX509Error | undefined> {
  const desktop = onDesktop(world);
  if (!desktop || !(await problemOf("node", desktop))) return undefined;
  return startFailure(run, desktop);
}

/** What works here, and may not elsewhere. */
export async function entryWarnings(
  { command, env }: ExecEntry,
  executable: Executable,
  world: World,
): Promise<Warning[]> {
  const loading = env.filter(({ name, value }) => loadsCode.test(name) && value !== "");
  const desktop = onDesktop(world);
  const problem = desktop && executable.foundBy === "PATH" ? await problemOf(command, desktop) : undefined;
  return [
    ...(problem ? [notFromDesktop(executable, problem.message)] : []),
    ...(loading.length > 0 ? [loadingCode(loading.map(({ name }) => name))] : []),
  ];
}

function onDesktop(world: World): World | undefined {
  const PATH = desktopPaths[world.platform];
  return PATH === undefined ? undefined : { ...world, env: { ...world.env, PATH } };
}

async function problemOf(command: string, world: World): Promise<EksX509Error | undefined> {
  const found = await settled(findExecutable({ command, installHint: "" }, world));
  return found instanceof EksX509Error ? found : undefined;
}

function notFromDesktop({ path }: Executable, why: string): Warning {
  return {
    code: "PLUGIN_PATH_OF_SHELL",
    why: `a client that a desktop starts cannot run it: ${why}`,
    hint: `Such a client has a shorter PATH than a terminal. Use the absolute path ${path} as command, with node beside it or on that PATH.`,
  };
}

/** Variables by which a dynamic linker, an interpreter or OpenSSL loads code of others. See SECURITY.md. */
const loadsCode =
  /^(NODE_OPTIONS|NODE_PATH|LD_\w+|DYLD_\w+|OPENSSL_(CONF|MODULES|ENGINES)|GCONV_PATH|BASH_ENV|ENV|PATH|PYTHON(PATH|HOME|STARTUP)|PERL5(OPT|LIB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS)$/;

function loadingCode(names: readonly string[]): Warning {
  return {
    code: "PLUGIN_ENV_LOADS_CODE",
    why: `the entry's env sets ${names.join(", ")}, which can run other code in the program`,
    hint: "kubectl's allow-list of plugins looks only at the command. Remove it from the exec entry unless you know why it is there.",
  };
}
