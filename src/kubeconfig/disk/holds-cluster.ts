/** Whether a kubeconfig has a cluster, for the choice of the file to write. */
import { itemNamed } from "../edit/entries.ts";
import { kubeconfigDocument } from "../read/yaml.ts";
import { isObject } from "../../foundation/json.ts";
import type { Disk } from "./disk.ts";
import { readKubeconfig } from "./read-file.ts";

/** @throws EksX509Error those of readKubeconfig() and kubeconfigDocument() */
export function holdsCluster(path: string, cluster: string, disk: Disk): boolean {
  const found = readKubeconfig(path, disk);
  const content: unknown = found && kubeconfigDocument({ name: path, text: found.text }).toJS();
  return isObject(content) && itemNamed(content, "cluster", cluster) !== undefined;
}
