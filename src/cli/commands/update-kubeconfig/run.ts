/** `eks-x509 update-kubeconfig`: from clusters' names to entries in a kubeconfig. */
import type { Ports } from "../../../sign-in/ports.ts";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { clusterEntries } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/edit.ts";
import { clustersToWrite, type ClustersToWrite } from "./clusters-to-write.ts";
import type { Flags } from "../../command-flags.ts";
import { hopLog, logSettings } from "../get-token/run.ts";
import { kubeconfigFile } from "./kubeconfig-file.ts";
import { presentError } from "../../text/present-error.ts";
import { resolveSettings } from "../../settings/resolve-settings.ts";
import { updateKubeconfigInput, type UpdateKubeconfigInput } from "./input.ts";
import { printEntries, writeEntries, type KubeconfigFile } from "./written-kubeconfig.ts";

/** Chooses the file. */
export type OpenKubeconfig = (
  flag: string | undefined,
  entries: readonly KubeconfigEntries[],
  log: HopLog,
  root: Ports,
) => Promise<KubeconfigFile>;

/**
 * @returns the exit code: 0
 * @throws EksX509Error also when some clusters were written and others not
 */
export async function runUpdateKubeconfig(
  flags: Flags,
  root: Ports,
  open: OpenKubeconfig = kubeconfigFile,
): Promise<number> {
  const settings = await resolveSettings(flags.settings(), undefined, root);
  const log = hopLog(settings, root);
  logSettings(settings, log);
  const input = updateKubeconfigInput(flags, settings, root);
  const clusters = await clustersToWrite(input, log, root);
  const [first, ...others] = clusters.missed;
  if (first && others.length === 0 && clusters.found.length === 0) throw first.error;
  if (clusters.found.length > 0) {
    const entries = entriesOf(clusters, input);
    const file = await open(flags.text("kubeconfig"), entries, log, root);
    await (flags.isOn("dry-run") ? printEntries : writeEntries)(entries, file, root.streams);
  }
  if (first) throw await incomplete(clusters, first.error, root);
  return 0;
}

function entriesOf({ found }: ClustersToWrite, input: UpdateKubeconfigInput): KubeconfigEntries[] {
  const form = { ...input.form, isCurrent: input.setCurrent };
  return found.map((cluster) => clusterEntries(cluster, input.user, form));
}

/** Each failure with its cause and cure; and then how many. */
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
    hint: "The causes stand above. What was written stays; the command may be run again.",
  });
}
