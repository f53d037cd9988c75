/** A plugin that ended with another exit code than 0: its own reason, as far as its stderr tells. */
import type { EksX509Error } from "../../foundation/errors.ts";
import { pluginProblem } from "./plugin-problem.ts";

/** @param stderr its last lines, without secrets */
export function exitFailure(plugin: string, code: number | null, stderr: readonly string[]): EksX509Error {
  const reason = reasonIn(stderr);
  const message = `${plugin} failed with exit code ${code ?? "unknown"}${reason ? `: ${reason}` : ", and said nothing"}`;
  if (stderr.some((line) => terminalWanted.test(line)))
    return pluginProblem(
      "PLUGIN_WANTS_TERMINAL",
      message,
      "It seems to want a terminal, which token debug does not lend. Run it by hand first, if it keeps what it was told; or pipe what it prints to: eks-x509 token debug -",
    );
  return pluginProblem(
    "PLUGIN_FAILED",
    message,
    `The reason is the program's own. Run the exec entry's command by hand, with its args and env, until it succeeds.`,
  );
}

/** What programs say that cannot open the terminal, or ask at it. */
const terminalWanted =
  /\/dev\/tty|not a (tty|terminal)|no (controlling )?(tty|terminal)|inappropriate ioctl for device/i;

/** Its last line; of what is written as this program's own errors are, the one before the hint. */
function reasonIn(stderr: readonly string[]): string | undefined {
  return stderr.findLast((line) => /^eks-x509: .*\([A-Z0-9_]+\)$/.test(line)) ?? stderr.at(-1);
}
