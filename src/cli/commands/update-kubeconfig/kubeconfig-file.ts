/** The kubeconfig that update-kubeconfig writes: which one, and how it is changed. */
import { logOf, type Ports } from "../../../sign-in/ports.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { kubeconfigToWrite } from "../../../kubeconfig/disk/choose-file.ts";
import { disk } from "../../../kubeconfig/disk/disk.ts";
import { holdsCluster } from "../../../kubeconfig/disk/holds-cluster.ts";
import { readKubeconfig } from "../../../kubeconfig/disk/read-file.ts";
import { writeEntries } from "../../../kubeconfig/disk/write-entries.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/edit.ts";
import type { KubeconfigFile } from "./written-kubeconfig.ts";

/**
 * @param flag `--kubeconfig`
 * @throws EksX509Error KUBECONFIG_HOME_UNKNOWN
 */
export async function kubeconfigFile(
  flag: string | undefined,
  entries: readonly KubeconfigEntries[],
  log: HopLog,
  { env, clock, machine, signals }: Ports,
): Promise<KubeconfigFile> {
  const path = await kubeconfigToWrite(
    { flag, variable: env["KUBECONFIG"], delimiter: machine.paths.delimiter, home: machine.home },
    (candidate) => entries.some(({ cluster }) => holdsCluster(candidate, cluster.name, disk)),
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
    write: () => writeEntries(path, entries, ports),
  };
}
