/** The entry of the program that contains its runtime. It is also the process of a PKCS#11 module. */
import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { Executable } from "./foundation/ports.ts";
import { dependencies } from "./dependencies.ts";
import { run } from "./main.ts";

/** The argument by which the program starts itself for a PKCS#11 module. */
const moduleArgument = "__pkcs11-module";
/** The argument by which the front reports that the current folder was deleted, in which this program does not start. */
const noFolderArgument = "__no-folder";

// Not awaited here: the bundle has this code in the module that all its other modules import, and an import waits for the await of a module.
void start(process.argv.slice(2));

async function start(args: readonly string[]): Promise<void> {
  // The front sets it for short runs, and the engine has read it. Other programs do not get it.
  delete process.env["BUN_JSC_useJIT"];
  // The runtime takes this process for one of Node's cluster, which prints nothing without its parent.
  delete process.env["NODE_UNIQUE_ID"];
  // Warnings of the runtime are about variables that have no effect here, such as NODE_TLS_REJECT_UNAUTHORIZED and NODE_DEBUG.
  process.emitWarning = () => undefined;
  if (args[0] === moduleArgument) {
    const { serve } = await import("./keys/pkcs11/module-process.ts");
    const { koffi } = await import("./native-code.ts");
    await serve(koffi(dirname(process.execPath)), true);
    return;
  }
  const isWithoutFolder = args[0] === noFolderArgument;
  if (isWithoutFolder) process.cwd = missingFolder;
  const own = { ...executable(process.execPath), ...(isWithoutFolder && { resolve: resolveAbsolute }) };
  const exitCode = await run(isWithoutFolder ? args.slice(1) : args, dependencies(process.env, own));
  // Not exitCode: an open socket or a slow look-up must not keep kubectl waiting.
  process.exit(exitCode);
}

/** @throws Error as Node does */
function missingFolder(): never {
  throw Object.assign(new Error("the current folder was deleted"), { code: "ENOENT", syscall: "uv_cwd" });
}

/** The runtime's own does not ask process.cwd(). */
function resolveAbsolute(...paths: string[]): string {
  return paths.some(isAbsolute) ? resolve(...paths) : missingFolder();
}

/** @param path of the running file, with links resolved */
function executable(path: string): Executable {
  const folder = dirname(path);
  return { program: front(path, folder) ?? path, folder, pkcs11Module: [path, moduleArgument] };
}

/** The program that a client starts, if this one is in its libexec. */
function front(path: string, folder: string): string | undefined {
  if (basename(folder) !== "libexec") return undefined;
  return [join(folder, ".."), join(folder, "..", "bin")]
    .map((place) => join(place, basename(path)))
    .find((candidate) => existsSync(candidate));
}
