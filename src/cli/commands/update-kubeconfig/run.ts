/** `eks-x509 update-kubeconfig`: writes entries for clusters into a kubeconfig. */
import { EksX509Error, settled } from "../../../foundation/errors.ts";
import { printable } from "../../../foundation/shown.ts";
import { parseRegion } from "../../../aws/partition.ts";
import { isEksEndpoint } from "../../../aws/eks/cluster-endpoint.ts";
import { formatServer, type KnownServer } from "../../../exec/cluster-server.ts";
import { clusterEntries, type WrittenCluster } from "../../../kubeconfig/edit/cluster-entries.ts";
import { refuseHidden, refuseReplacing } from "../../../kubeconfig/edit/consequences.ts";
import { editKubeconfig, type Edited } from "../../../kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/entries.ts";
import { maskedText } from "../../../kubeconfig/edit/masked.ts";
import { mayAsk } from "../../../keys/question.ts";
import { mergeKubeconfigs, type Kubeconfig } from "../../../kubeconfig/read/kubeconfig.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { presentError } from "../../text/present-error.ts";
import { hopLog } from "../get-token/run.ts";
import { clustersToWrite, type ClustersToWrite } from "./clusters.ts";
import { type UpdateKubeconfigInput, updateKubeconfigInput } from "./input.ts";
import { openKubeconfig, type KubeconfigFile, type OpenKubeconfig } from "./kubeconfig-file.ts";
import type { Machine } from "../../../foundation/ports.ts";
import { execInfo } from "../../../exec/exec-request.ts";
import { resolveContext, type Target } from "../../../kubeconfig/read/context.ts";
import { quoted } from "../../../kubeconfig/read/problem.ts";

/**
 * @returns the exit code: 0
 * @throws EksX509Error also if some clusters were written and others not
 */
export async function runUpdateKubeconfig(
  flags: Flags,
  root: Ports,
  open: OpenKubeconfig = openKubeconfig,
): Promise<number> {
  const settings = await resolveSettings(flags.settings(), undefined, root);
  const log = hopLog(settings, root);
  const input = updateKubeconfigInput(flags, settings, root);
  // A file that cannot be changed is a mistake of usage, and costs no session.
  if (flags.text("kubeconfig") !== undefined) (await open(flags, [], log, root)).read();
  const clusters = await clustersToWrite(input, log, root);
  const [first, ...others] = clusters.missed;
  if (first && others.length === 0 && clusters.found.length === 0) throw first.error;
  if (clusters.found.length > 0) {
    const form = { ...input.form, mayAsk: await mayAsk(input.session.files, root.readOptional) };
    const entries = entriesOf(clusters, { ...input, form }, root);
    const file = await open(flags, entries, log, root);
    const warnings = await writeOrPrint(file, entries, flags, root);
    const isWritten = !flags.isOn("dry-run");
    const ofRecord = isWritten ? await notRecorded(file, clusters, root) : [];
    const ofCommand = await commandWarning(input.form.command, root);
    for (const line of [...warnings, ...ofCommand, ...ofRecord, ...input.warnings])
      await root.streams.stderr(`eks-x509: warning: ${printable(line)}\n`).catch(() => undefined);
  }
  if (first) throw await incomplete(clusters, first.error, root);
  return 0;
}

/**
 * With --dry-run, stdout contains only the resulting file.
 * @returns warnings
 */
async function writeOrPrint(
  file: KubeconfigFile,
  entries: readonly KubeconfigEntries[],
  flags: Flags,
  root: Ports,
): Promise<string[]> {
  const { path, others } = file;
  const check = (edited: Edited): void => {
    refuseHidden(edited, entries, others);
    if (!flags.isOn("overwrite")) refuseReplacing(edited, entries, others, root.machine.home);
  };
  if (!flags.isOn("dry-run")) {
    await root.streams.stdout(resultText(await file.write(check), entries, path));
    return resultWarnings(file.merged(), entries, root.machine);
  }
  const edited = editKubeconfig({ name: path, text: file.read() ?? "" }, entries);
  check(edited);
  const written = new Set(entries.map(({ user }) => user.name));
  const { text, count } = maskedText({ name: path, text: edited.text }, written);
  await root.streams.stdout(text);
  const masked = `--dry-run prints REDACTED for values that may be credentials: ${count}`;
  const merged = mergeKubeconfigs([...others.earlier, edited.after, ...others.later]);
  const warnings = await resultWarnings(Promise.resolve(merged), entries, root.machine);
  return count > 0 ? [masked, ...warnings] : warnings;
}

/** @returns a warning if the servers cannot be recorded */
async function notRecorded(
  { record }: KubeconfigFile,
  { found }: ClustersToWrite,
  root: Ports,
): Promise<string[]> {
  const failure = await settled(record(found.map((cluster) => serverOf(cluster, root))));
  if (!(failure instanceof EksX509Error)) return [];
  return [
    `the servers of the clusters are not recorded: ${failure.message}. get-token cannot notice another server with the name of one of these clusters.`,
  ];
}

function entriesOf(
  { found }: ClustersToWrite,
  input: UpdateKubeconfigInput,
  root: Ports,
): KubeconfigEntries[] {
  return found.map((cluster) => {
    const region = parseRegion(cluster.region);
    const isKnown = region && isEksEndpoint(cluster.endpoint, region) && input.form.proxyUrl === undefined;
    const server = isKnown ? undefined : formatServer(serverOf(cluster, root));
    return clusterEntries(cluster, input.user, { ...input.form, server });
  });
}

function serverOf(
  { tokenName, endpoint, certificateAuthority }: WrittenCluster,
  { sha256 }: Ports,
): KnownServer {
  return { clusterName: tokenName, server: endpoint, authorityHash: sha256(certificateAuthority) };
}

async function incomplete(
  { found, missed }: ClustersToWrite,
  { category }: EksX509Error,
  { streams: { stderr } }: Ports,
): Promise<EksX509Error> {
  for (const { error } of missed) await stderr(presentError(error).text).catch(() => undefined);
  const names = missed.map(({ name }) => name);
  return new EksX509Error({
    category,
    hop: "eks",
    code: "CLUSTERS_MISSED",
    message: `${missed.length} of ${missed.length + found.length} clusters were not written: ${names.slice(0, 20).join(", ")}${names.length > 20 ? " …" : ""}`,
    hint: "The causes are above. The written entries stay, and you can run the command again.",
  });
}

/** As the AWS CLI: `Added new context X to F`, `Updated context X in F`. */
function resultText(edited: Edited, entries: readonly KubeconfigEntries[], path: string): string {
  const lines = entries.map(({ context: { name } }) =>
    edited.before.contexts.has(name)
      ? `Updated context ${name} in ${path}`
      : `Added new context ${name} to ${path}`,
  );
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A file of many clusters may have as many. */
const mostWarnings = 10;

/** @param merged what kubectl makes of all its files after the edit */
async function resultWarnings(
  merged: Promise<Kubeconfig>,
  entries: readonly KubeconfigEntries[],
  machine: Machine,
): Promise<string[]> {
  const kubeconfig = await settled(merged);
  if (kubeconfig instanceof EksX509Error)
    return [`kubectl cannot use the result: ${kubeconfig.message}. ${kubeconfig.hint}`];
  const warnings = [
    ...currentContextWarning(kubeconfig, entries),
    ...entries.flatMap(({ context }) => contextWarning(kubeconfig, context.name, machine)),
  ];
  const more = warnings.length - mostWarnings;
  return more > 0 ? [...warnings.slice(0, mostWarnings), `${more} more warnings`] : warnings;
}

/** kubectl looks up a name on its PATH, which is assumed to be this one. On Windows, npm puts a script in front of this program. */
async function commandWarning(command: string, root: Ports): Promise<string[]> {
  const { platform, program, paths } = root.machine;
  if (paths.isAbsolute(command)) return [];
  const { find } = await root.plugins();
  const found = await settled(find({ command, installHint: "" }, { env: root.env, platform, program }));
  const remedy = `Run the command again with --command=${JSON.stringify(program)}, or put this program first on PATH as ${command}.`;
  if (found instanceof EksX509Error) return [`kubectl cannot start the plugin: ${found.message}. ${remedy}`];
  const isOurs =
    found.relation === "this program" || (platform === "win32" && found.relation !== "another program");
  return isOurs ? [] : [`kubectl starts ${found.path}, which is ${found.relation}. ${remedy}`];
}

function currentContextWarning(
  { currentContext }: Kubeconfig,
  entries: readonly KubeconfigEntries[],
): string[] {
  const wanted = entries.findLast(({ isCurrent }) => isCurrent)?.context.name;
  if (wanted === undefined || !currentContext || currentContext.name === wanted) return [];
  const { name, file } = currentContext;
  return [
    `kubectl still uses the context ${quoted(name)}: ${file} makes it current, and comes first in KUBECONFIG. ` +
      `Run kubectl config use-context ${quoted(wanted)}, or give kubectl --context.`,
  ];
}

/** Why kubectl fails in a context. */
function contextWarning(kubeconfig: Kubeconfig, name: string, machine: Machine): string[] {
  try {
    return execInfoWarning(resolveContext(kubeconfig, name), machine);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    return [`kubectl cannot use the context ${quoted(name)}: ${error.message}. ${error.hint}`];
  }
}

/** Bytes of a variable's value. Linux: MAX_ARG_STRLEN, less the name, = and NUL; Windows: 32,767 characters in all. */
const longestValue: Partial<Record<NodeJS.Platform, number>> = { linux: 131_050, win32: 32_746 };

function execInfoWarning({ context, cluster, credential }: Target, { platform }: Machine): string[] {
  const longest = longestValue[platform];
  if (credential.kind !== "exec" || longest === undefined) return [];
  const { data } = cluster.certificateAuthority;
  const certificateAuthority = data.length > 0 ? data : undefined;
  const info = execInfo({ entry: credential.exec, cluster, certificateAuthority });
  if (Buffer.byteLength(info) <= longest) return [];
  return [
    `kubectl cannot start the plugin in the context ${quoted(context.name)} ("argument list too long"): ` +
      `the cluster's information, with a CA of ${data.length} bytes, is more than this system hands to a program. ` +
      "Run the command again with --inline-args: kubectl then passes no cluster information.",
  ];
}
