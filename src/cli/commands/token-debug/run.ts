/** Runs `eks-x509 token debug`. */
import type { Report } from "../../../debug/report/report.ts";
import { debugToken, walk } from "../../../debug/walk.ts";
import type { EntryToResolve, Resolved, RefusalJudge, WalkRequest, World } from "../../../debug/world.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { usageError } from "../../../foundation/errors.ts";
import { debuggedVariable } from "../../../exec/entry-program.ts";
import type { Flags } from "../../command.ts";
import { checkDebugFlags, timeGiven, tokenGiven } from "./input.ts";
import { debugJson, debugText } from "./output.ts";
import { endedBySignal, endingAt, longestRun } from "./ended-by-signal.ts";
import { parseFlags } from "../../settings/flags.ts";
import { apiVersion, inputForCluster } from "../get-token/run.ts";
import { hasColour, progressOn, type Progress } from "../../text/terminal.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { isOn, settingFacts, type Values } from "../../settings/settings.ts";

/**
 * @returns 0 if the token is accepted, or if its form is correct and --offline asks for no more; otherwise the first failure's exit code
 * @throws EksX509Error for flags that are wrong
 */
export async function runTokenDebug(
  flags: Flags,
  root: Ports,
  deadline = AbortSignal.timeout(longestRun * 1000),
): Promise<number> {
  const { stdout, stderr, terminal } = root.streams;
  checkDebugFlags(flags);
  checkNesting(root);
  const request = { ...walkRequest(flags), judge: await refusalJudge(flags, root) };
  const at = timeGiven(flags.text("at")) ?? root.clock();
  const token = await tokenGiven(flags.text("TOKEN"), root.streams);
  const progress = progressOn(stderr, terminal.stderr && terminal.stdout && root.env["TERM"] !== "dumb");
  const world = worldOf(flags.settings(), root, progress, deadline);
  const clusterName = flags.text("cluster-name") ?? root.env["EKS_X509_CLUSTER_NAME"];
  const found = await (
    token === undefined
      ? walk(request, world)
      : debugToken({ ...request, token, at, clusterName: clusterName || undefined }, world)
  ).finally(progress.clear);
  await stdout(flags.text("output") === "json" ? debugJson(found) : text(found, root));
  return found.exitCode;
}

function text(report: Report, { streams: { terminal }, env }: Ports): string {
  const columns = terminal.stdout ? Math.min(terminal.columns, 100) : 80;
  return debugText(report, Math.max(columns, 40), hasColour(terminal.stdout, env));
}

/** Without this check, an exec entry that runs token debug would start itself again and again. */
function checkNesting({ env }: Ports): void {
  if (!env[debuggedVariable]) return;
  throw usageError(
    "TOKEN_DEBUG_NESTED",
    "token debug was started by the exec entry that it debugs",
    "The entry's program must run get-token, which prints an ExecCredential; token debug prints a report. Correct the entry's command and args.",
  );
}

function walkRequest(flags: Flags): WalkRequest {
  return {
    kubeconfig: flags.text("kubeconfig"),
    context: flags.text("context"),
    hasOwnIdentity: flags.text("certificate") !== undefined,
    isOffline: flags.isOn("offline") ?? false,
    clusterName: flags.text("cluster-name"),
    mapping: { awsAuth: flags.text("aws-auth"), adminContext: flags.text("admin-context") },
  };
}

/** Its code is loaded only with one of the options. */
async function refusalJudge(flags: Flags, root: Ports): Promise<RefusalJudge | undefined> {
  const paths = {
    trustPolicy: flags.text("trust-policy"),
    profile: flags.text("profile"),
    crls: flags.list("crl"),
  };
  if (paths.trustPolicy === undefined && paths.profile === undefined && paths.crls.length === 0)
    return undefined;
  return (await import("./administrator.ts")).readJudge(paths, root);
}

function worldOf(given: Values, root: Ports, progress: Progress, deadline: AbortSignal): World {
  const { machine, ...ports } = root;
  return {
    ...ports,
    ...machine,
    home: machine.home ?? "",
    starting: (hop) => {
      progress.show(`eks-x509: ${hop} …`);
    },
    interruptible: (work) => endedBySignal(work, root.signals, progress.clear, deadline),
    http: async (entryEnv) => endingAt(deadline, await root.within(entryEnv).http(() => undefined)),
    resolve: (entry) => resolve(entry, given, root),
  };
}

/** As get-token resolves the entry's arguments. Flags of this command replace the entry's. */
async function resolve(
  { args, env, cluster }: EntryToResolve,
  given: Values,
  root: Ports,
): Promise<Resolved> {
  const flags = new Map([...parseFlags(args), ...given]);
  const ports = root.within(env);
  const settings = await resolveSettings(flags, cluster?.config, ports);
  isOn(settings.get("verbose"));
  apiVersion(settings);
  return { input: await inputForCluster(settings, cluster, ports), facts: settingFacts(settings) };
}
