/** The program that an entry runs: --command, a name on PATH or an absolute path. */
import { basename, isAbsolute } from "node:path";
import { usageError } from "../../foundation/errors.ts";
import { isLikeSecret, shown } from "../../foundation/shown.ts";
import { type HomeRules, expandHome } from "./settings.ts";

/**
 * Permission to run one of these is permission to run anything, which a credentialPluginPolicy cannot distinguish. The
 * name can have a version, as in node20 or python3.11, and an extension, as in npx.cmd.
 */
const interpreters =
  /^(node|nodejs|npx|npm|pnpm|pnpx|yarn|bun|bunx|deno|corepack|tsx|ts-node|python|pypy|ruby|perl|php|lua|tclsh|osascript|env|sudo|doas|busybox|toybox|sh|ash|bash|dash|zsh|ksh|mksh|csh|tcsh|fish|cmd|powershell|pwsh|wscript|cscript)(-?\d[\d.]*)?(\.\w+)?$/i;

export function execCommand(command: string, machine: HomeRules): string {
  const path = expandHome(command, machine);
  if ((isName(path) || (isFile(path) && !/[/\\]$/.test(command))) && !interpreters.test(basename(path)))
    return path;
  throw usageError(
    "EXEC_COMMAND_INVALID",
    `--command ${shown(command)} is not a program that a client can run`,
    'Use a name on PATH or an absolute path of eks-x509 itself, not of its interpreter: --command "$(command -v eks-x509)"',
  );
}

/** Some clients and shells treat a leading hyphen as an option. A key in place of a name is written into no file. */
function isName(text: string): boolean {
  return /^[\w.][\w.-]*$/.test(text) && !/^\.+$/.test(text) && !isLikeSecret(text);
}

/** An absolute path that can be a file. */
function isFile(path: string): boolean {
  return isAbsolute(path) && !/\p{Cc}/u.test(path) && !/(^|[/\\])\.{0,2}$/.test(path);
}
