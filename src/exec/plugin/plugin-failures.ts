/** The reasons why another tool's plugin returns no credential, if it did not answer. */
import { errorsOf, type CodeOf, type EksX509Error } from "../../foundation/errors.ts";
import { shown } from "../../foundation/shown.ts";
import type { Ended } from "./child-process.ts";

/** The entry cannot be run. */
export const pluginNotStarted = errorsOf("usage", "plugin");
/** The program ran but returned no credential. */
const pluginProblem = errorsOf("other", "plugin");

/** @param stderr its last lines, without secrets */
export function exitFailure(plugin: string, code: number | null, stderr: readonly string[]): EksX509Error {
  const unstarted = stderr.find((line) => interpreterMissing.test(line) || nodeTooOld.test(line));
  if (unstarted !== undefined) return notStarted(plugin, unstarted);
  const reason = reasonIn(stderr);
  const message = `${plugin} failed with exit code ${code ?? "unknown"}${reason ? `: ${reason}` : ", and printed nothing on stderr"}`;
  if (stderr.some((line) => terminalWanted.test(line)))
    return pluginProblem(
      "PLUGIN_WANTS_TERMINAL",
      message,
      "It seems to need a terminal, which token debug does not give it. Run it by hand first, if it caches its answer; or pipe its output into: eks-x509 token debug -",
    );
  return pluginProblem(
    "PLUGIN_FAILED",
    message,
    `The program itself failed. Run the exec entry's command by hand, with its args and env, until it succeeds.`,
  );
}

/** As env(1) of GNU, BSD and BusyBox print it, and bin/eks-x509. */
const interpreterMissing =
  /^(\S*\/)?env: .*(no such file or directory|not found)|^eks-x509: needs Node \S+ there is no node /i;

const nodeTooOld = /^eks-x509: needs Node \S+ this is /;

function notStarted(plugin: string, line: string): EksX509Error {
  const message = `${plugin} cannot be started: ${line.replace("eks-x509: ", "")}`;
  if (nodeTooOld.test(line))
    return pluginNotStarted(
      "PLUGIN_NODE_TOO_OLD",
      message,
      "Install a newer Node, or put the folder of a newer one first on the client's PATH.",
    );
  return pluginNotStarted(
    "PLUGIN_INTERPRETER_MISSING",
    message,
    "Neither the client's PATH nor the PATH in the exec entry's env has the interpreter. A client that a desktop starts has a shorter PATH than a terminal. Install the interpreter into one of its folders, or set PATH in the exec entry's env.",
  );
}

/** Messages of programs that cannot open the terminal or ask for input. */
const terminalWanted =
  /\/dev\/tty|not a (tty|terminal)|no (controlling )?(tty|terminal)|inappropriate ioctl for device/i;

/** Its last line. Errors in this program's own form end with a hint: the line before the hint. */
function reasonIn(stderr: readonly string[]): string | undefined {
  return stderr.findLast((line) => /^eks-x509: .*\([A-Z0-9_]+\)$/.test(line)) ?? stderr.at(-1);
}

/** @param printed its last line, without secrets */
export function notTheProgram(path: string, what: string, printed: string): EksX509Error {
  const answer = printed === "" ? "nothing" : shown(printed);
  return pluginNotStarted(
    "PLUGIN_NOT_EKS_X509",
    `${path} is not ${what}: with --version it prints ${answer}`,
    "kubectl starts the same program. Correct it, or put the right one first on the client's PATH, or use its absolute path.",
  );
}

export function needsTerminal(plugin: string): EksX509Error {
  return pluginNotStarted(
    "PLUGIN_NEEDS_TERMINAL",
    `${plugin} has interactiveMode Always, and stdin is not a terminal`,
    "Run it on a terminal, or set interactiveMode to IfAvailable if the program works without one.",
  );
}

const stops = {
  cancelled: () => ["PLUGIN_CANCELLED", "was ended before it answered", "Run the command again."],
  output: () => [
    "PLUGIN_OUTPUT_TOO_LARGE",
    "printed more than 1 MiB",
    "stdout must contain only one ExecCredential. Check the exec entry's command and args.",
  ],
  time: (limit: number) => [
    "PLUGIN_TIMED_OUT",
    `did not end within ${limit / 1000} seconds`,
    "kubectl would continue to wait. The program may wait for the network, for a browser or for input, or it left a process behind that keeps its stdout open. Run it by hand.",
  ],
} as const satisfies Record<string, (limit: number) => Answer>;

type Answer = readonly [code: CodeOf<"other", "plugin">, what: string, hint: string];

/** @returns undefined for a program that ended by itself and reports success */
export function endFailure(
  plugin: string,
  { code, signal, stopped }: Ended,
  stderr: readonly string[],
  timeLimit: number,
): EksX509Error | undefined {
  if (stopped) {
    const [problem, what, hint] = stops[stopped](timeLimit);
    return pluginProblem(problem, `${plugin} ${what}`, hint);
  }
  if (signal)
    return pluginProblem(
      "PLUGIN_KILLED",
      `${plugin} was ended by ${signal}`,
      "It crashed, or a user or the system ended it, for example because memory ran out. Run it by hand.",
    );
  return code === 0 ? undefined : exitFailure(plugin, code, stderr);
}

type Unstarted = readonly [code: CodeOf<"usage", "plugin">, why: string, hint: string];

/** By the code of the system, or of Node. */
const unstarted: Readonly<Record<string, Unstarted | undefined>> = {
  ENOENT: [
    "PLUGIN_INTERPRETER_MISSING",
    ": PATH exists, but the interpreter or loader that it needs does not",
    "For a script, check its #! line: that program must exist, and the line must end with LF, not with CR LF. A binary may be built for another libc (musl or glibc) or processor.",
  ],
  E2BIG: [
    "PLUGIN_ARGUMENTS_TOO_LONG",
    ": its arguments or environment exceed the limit of the system",
    "With provideClusterInfo: true, the certificate-authority and the extension are passed to the program. Make them smaller, or set provideClusterInfo to false.",
  ],
  ERR_INVALID_ARG_VALUE: [
    "PLUGIN_CANNOT_START",
    ": the exec entry's args or env have a NUL character",
    String.raw`No system passes it to a program. Remove it from the entry; YAML and JSON write it as \0 or \u0000.`,
  ],
  ENOEXEC: [
    "PLUGIN_CANNOT_START",
    ": exec format error",
    "PATH is damaged, or was built for another system or processor. Install the build for this machine.",
  ],
};

/** @param code of the system; that of the kernel where a shell was given the program, and has reported something else */
export function cannotStart(plugin: string, path: string, code: string): EksX509Error {
  const [problem, why, hint] = unstarted[code] ?? [
    "PLUGIN_CANNOT_START",
    code && `: ${code}`,
    "Check that PATH is a program for this machine's system and processor, and that the interpreter of a script is executable.",
  ];
  const withPath = (text: string): string => text.replace("PATH", () => path);
  return pluginNotStarted(problem, `${plugin} cannot be started${withPath(why)}`, withPath(hint));
}
