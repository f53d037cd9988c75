/** `eks-x509 update-kubeconfig`: writes entries for clusters into a kubeconfig. */
import { EksX509Error } from "../../../foundation/errors.ts";
import { printable } from "../../../foundation/shown.ts";
import { parseRegion } from "../../../aws/partition.ts";
import { isEksEndpoint } from "../../../aws/eks/cluster-endpoint.ts";
import { formatServer, type KnownServer } from "../../../exec/cluster-server.ts";
import { clusterEntries, type WrittenCluster } from "../../../kubeconfig/edit/cluster-entries.ts";
import { refuseHidden, refuseReplacing } from "../../../kubeconfig/edit/consequences.ts";
import { editKubeconfig, type Edited } from "../../../kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/entries.ts";
import { maskedText } from "../../../kubeconfig/edit/masked.ts";
import { mergeKubeconfigs } from "../../../kubeconfig/read/kubeconfig.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command-flags.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { presentError } from "../../text/present-error.ts";
import { hopLog, logSettings } from "../get-token/run.ts";
import { clustersToWrite, type ClustersToWrite } from "./clusters.ts";
import { updateKubeconfigInput, type UpdateKubeconfigInput } from "./input.ts";
import { openKubeconfig, type KubeconfigFile, type OpenKubeconfig } from "./kubeconfig-file.ts";
import { resultText, resultWarnings } from "./result.ts";

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
  logSettings(settings, log);
  const input = updateKubeconfigInput(flags, settings, root);
  const clusters = await clustersToWrite(input, log, root);
  const [first, ...others] = clusters.missed;
  if (first && others.length === 0 && clusters.found.length === 0) throw first.error;
  if (clusters.found.length > 0) {
    const entries = entriesOf(clusters, input, root);
    const file = await open(flags, entries, log, root);
    await writeOrPrint(file, entries, flags, root);
    if (!flags.isOn("dry-run")) await warn(await notRecorded(file, clusters, root), root);
    await warn(input.warnings, root);
  }
  if (first) throw await incomplete(clusters, first.error, root);
  return 0;
}

/** With --dry-run, stdout contains only the resulting file. */
async function writeOrPrint(
  file: KubeconfigFile,
  entries: readonly KubeconfigEntries[],
  flags: Flags,
  root: Ports,
): Promise<void> {
  const { path, others } = file;
  const check = (edited: Edited): void => {
    refuseHidden(edited, entries, others);
    if (!flags.isOn("overwrite")) refuseReplacing(edited, entries, others, root.machine.home);
  };
  if (!flags.isOn("dry-run")) {
    await root.streams.stdout(resultText(await file.write(check), entries, path));
    await warn(await resultWarnings(file.merged(), entries, root.machine), root);
    return;
  }
  const edited = editKubeconfig({ name: path, text: file.read() ?? "" }, entries);
  check(edited);
  const { text, count } = maskedText(
    { name: path, text: edited.text },
    new Set(entries.map(({ user }) => user.name)),
  );
  await root.streams.stdout(text);
  if (count > 0) await warn([`--dry-run prints REDACTED for values that may be credentials: ${count}`], root);
  const merged = mergeKubeconfigs([...others.earlier, edited.after, ...others.later]);
  await warn(await resultWarnings(Promise.resolve(merged), entries, root.machine), root);
}

/** @returns a warning if the servers cannot be recorded */
async function notRecorded(
  { record }: KubeconfigFile,
  { found }: ClustersToWrite,
  root: Ports,
): Promise<string[]> {
  try {
    await record(found.map((cluster) => serverOf(cluster, root)));
    return [];
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    return [
      `the servers of the clusters are not recorded: ${error.message}. get-token cannot notice another server with the name of one of these clusters.`,
    ];
  }
}

async function warn(warnings: readonly string[], { streams: { stderr } }: Ports): Promise<void> {
  for (const line of warnings) await stderr(`eks-x509: warning: ${printable(line)}\n`).catch(() => undefined);
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
    return clusterEntries(cluster, input.user, { ...input.form, isCurrent: input.setCurrent, server });
  });
}

function serverOf(
  { tokenName, endpoint, certificateAuthority }: WrittenCluster,
  { sha256 }: Ports,
): KnownServer {
  return { clusterName: tokenName, server: endpoint, authorityHash: sha256(certificateAuthority) };
}

/** Prints each failure with its cause and hint, and then the number of failures. */
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
