/** `eks-x509 update-kubeconfig`: from clusters' names to entries in a kubeconfig. */
import { EksX509Error } from "../../../foundation/errors.ts";
import type { HopLog, Streams } from "../../../foundation/ports.ts";
import { printable } from "../../../foundation/printable.ts";
import { holdsCluster, kubeconfigToWrite } from "../../../kubeconfig/disk/choose-file.ts";
import { disk } from "../../../kubeconfig/disk/disk.ts";
import { readKubeconfig } from "../../../kubeconfig/disk/read-file.ts";
import { writeEntries as writeToDisk } from "../../../kubeconfig/disk/write-entries.ts";
import { clusterEntries } from "../../../kubeconfig/edit/cluster-entries.ts";
import { editKubeconfig, type Edited, type KubeconfigEntries } from "../../../kubeconfig/edit/edit.ts";
import { logOf, type Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command-flags.ts";
import { resolveSettings } from "../../settings/resolve-settings.ts";
import { presentError } from "../../text/present-error.ts";
import { hopLog, logSettings } from "../get-token/run.ts";
import { clustersToWrite, type ClustersToWrite } from "./clusters.ts";
import { updateKubeconfigInput, type UpdateKubeconfigInput } from "./input.ts";

/** A kubeconfig's file, as far as this needs one. */
export interface KubeconfigFile {
  path: string;
  /** Undefined when there is no such file. */
  read: () => string | undefined;
  /** Locked and atomic. */
  write: () => Promise<Edited>;
}

/** Chooses the file. */
export type OpenKubeconfig = (
  flag: string | undefined,
  entries: readonly KubeconfigEntries[],
  log: HopLog,
  root: Ports,
) => KubeconfigFile | Promise<KubeconfigFile>;

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

/**
 * @param flag `--kubeconfig`
 * @throws EksX509Error those of kubeconfigToWrite()
 */
export function kubeconfigFile(
  flag: string | undefined,
  entries: readonly KubeconfigEntries[],
  log: HopLog,
  { env, clock, machine, signals }: Ports,
): KubeconfigFile {
  const path = kubeconfigToWrite(flag, env, machine, (candidate) =>
    entries.some(({ cluster }) => holdsCluster(candidate, cluster.name, disk)),
  );
  const ports = {
    disk,
    clock,
    signals,
    raise: signals.raise,
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    random: () => Math.random(),
    tell: logOf("kubeconfig", log),
  };
  return {
    path,
    read: () => readKubeconfig(path, disk)?.text,
    write: () => writeToDisk(path, entries, ports),
  };
}

/**
 * Says what the AWS CLI says: `Added new context X to F`, `Updated context X in F`.
 * @throws EksX509Error as editKubeconfig does, and as the file does
 */
export async function writeEntries(
  entries: readonly KubeconfigEntries[],
  file: KubeconfigFile,
  { stdout }: Pick<Streams, "stdout">,
): Promise<void> {
  const edited = await file.write();
  const lines = entries.map(({ context: { name } }, index) => {
    const isNew = edited.each[index]?.context === "added";
    return isNew ? `Added new context ${name} to ${file.path}` : `Updated context ${name} in ${file.path}`;
  });
  await stdout(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** The file as it would be, and nothing else. */
export async function printEntries(
  entries: readonly KubeconfigEntries[],
  file: KubeconfigFile,
  { stdout }: Pick<Streams, "stdout">,
): Promise<void> {
  const { text } = editKubeconfig({ name: file.path, text: file.read() ?? "" }, entries);
  await stdout(text);
}
