/** The kubeconfig that update-kubeconfig writes: which one, and how it is changed. */
import { delimiter } from "node:path";
import type { Dependencies } from "../../../dependencies.ts";
import type { Tell } from "../../../sign-in/get-token.ts";
import { kubeconfigToWrite } from "../../../kubeconfig/disk/choose-file.ts";
import { disk } from "../../../kubeconfig/disk/disk.ts";
import { holdsCluster } from "../../../kubeconfig/disk/holds-cluster.ts";
import { readKubeconfig } from "../../../kubeconfig/disk/read-file.ts";
import { writeEntries } from "../../../kubeconfig/disk/write-entries.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/edit.ts";
import { expandHome } from "../../settings/config-file.ts";
import type { KubeconfigFile } from "./written-kubeconfig.ts";

/**
 * @param flag `--kubeconfig`
 * @throws EksX509Error KUBECONFIG_HOME_UNKNOWN
 */
export async function kubeconfigFile(
  flag: string | undefined,
  entries: readonly KubeconfigEntries[],
  tell: Tell,
  { env, clock, signals, raise }: Dependencies,
): Promise<KubeconfigFile> {
  const home = expandHome("~/", env);
  const path = await kubeconfigToWrite(
    { flag, variable: env["KUBECONFIG"], delimiter, home: home === "~/" ? undefined : home },
    (candidate) => entries.some(({ cluster }) => holdsCluster(candidate, cluster.name, disk)),
  );
  const ports = {
    disk,
    clock,
    signals,
    raise,
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    random: () => Math.random(),
    tell: (line: string) => {
      tell("kubeconfig", line);
    },
  };
  return {
    path,
    read: () => readKubeconfig(path, disk)?.text,
    write: () => writeEntries(path, entries, ports),
  };
}
