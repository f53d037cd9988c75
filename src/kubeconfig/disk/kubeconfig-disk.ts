/** The kubeconfig files of this machine: a port. */
import type { Clock, Environment, Log, Machine, Signals } from "../../foundation/ports.ts";
import type { Edited } from "../edit/edit.ts";
import type { KubeconfigEntries } from "../edit/entries.ts";
import type { WriteMode } from "./atomic-write.ts";
import { disk } from "./disk.ts";
import { holdsCluster, kubeconfigToWrite, readKubeconfig } from "./read-file.ts";
import { type Edit, updateKubeconfigFile, writeEntries } from "./update-file.ts";

export type KubeconfigDisk = ReturnType<typeof kubeconfigDisk>;

export function kubeconfigDisk(ports: { clock: Clock; signals: Signals }) {
  const common = {
    ...ports,
    disk,
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
    random: () => Math.random(),
  };
  return {
    /** The file to write: the first that contains one of the clusters. */
    choose: (
      flag: string | undefined,
      env: Environment,
      machine: Machine,
      clusters: ReadonlySet<unknown>,
    ): string => kubeconfigToWrite(flag, env, machine, (path) => holdsCluster(path, clusters, disk)),
    read: (path: string): string | undefined => readKubeconfig(path, disk)?.text,
    writeEntries: (
      path: string,
      entries: readonly KubeconfigEntries[],
      how: { mode: WriteMode; log: Log },
      check: (edited: Edited) => void,
    ): Promise<Edited> => writeEntries(path, entries, { ...common, ...how }, check),
    update: (path: string, edit: Edit<{ text: string }>, log: Log) =>
      updateKubeconfigFile(path, edit, { ...common, log }),
  };
}
