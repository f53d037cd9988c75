/** The kubeconfig that update-kubeconfig writes, and the other files that kubectl reads. */
import { EksX509Error, settled, usageError } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { formatRecord, type KnownServer, parseRecord } from "../../../exec/cluster-server.ts";
import type { OtherFiles } from "../../../kubeconfig/edit/consequences.ts";
import type { Edited } from "../../../kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/entries.ts";
import {
  kubeconfigPaths,
  loadEach,
  mergeKubeconfigs,
  type Kubeconfig,
} from "../../../kubeconfig/read/kubeconfig.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { logOf } from "../get-token/run.ts";
import type { Flags } from "../../command.ts";
import { recordPath } from "../../settings/cluster-server.ts";

export interface KubeconfigFile {
  path: string;
  /** Undefined if the file does not exist. */
  read: () => string | undefined;
  others: OtherFiles;
  /** Under the lock. The check throws for an edit that is not allowed. */
  write: (check: (edited: Edited) => void) => Promise<Edited>;
  /** The entries that kubectl reads now. */
  merged: () => Promise<Kubeconfig>;
  /** Notes which servers the clusters have: get-token asks for it when a kubeconfig's extension names one of them. */
  record: (servers: readonly KnownServer[]) => Promise<void>;
}

export type OpenKubeconfig = (
  flags: Flags,
  entries: readonly KubeconfigEntries[],
  log: HopLog,
  root: Ports,
) => KubeconfigFile | Promise<KubeconfigFile>;

/** @throws EksX509Error those of KubeconfigDisk, and those of another file that kubectl reads and refuses */
export const openKubeconfig: OpenKubeconfig = async (flags, entries, log, root) => {
  const { env, machine, readFile } = root;
  const disk = await root.kubeconfigs();
  const flag = flags.text("kubeconfig");
  const names = new Set(entries.map(({ cluster }) => cluster.name));
  const path = disk.choose(flag, env, machine, names);
  // kubectl reads all files of KUBECONFIG, also if --kubeconfig names the one to write.
  const listed = env["KUBECONFIG"] ? kubeconfigPaths(undefined, env, machine) : undefined;
  const isListed = listed?.paths.some((one) => disk.isSame(one, path));
  const { source, paths } = listed && isListed ? listed : kubeconfigPaths(flag && path, env, machine);
  const load = (some: readonly string[]): Promise<Kubeconfig[]> =>
    loadEach({ source, paths: some }, { readFile, platform: machine.platform, cwd: machine.cwd });
  const mode = flags.isOn("in-place") ? "in place" : "replace";
  const ownLog = logOf("kubeconfig", log);
  const position = paths.findIndex((one) => disk.isSame(one, path));
  const others = await settled(othersOf(paths.slice(0, position), paths.slice(position + 1), load));
  if (others instanceof EksX509Error)
    throw others.withHint(
      `kubectl reads this file too, and refuses all files until it is correct. ${others.hint}`,
    );
  return {
    path,
    read: () => disk.read(path),
    others,
    write: (check) => disk.writeEntries(path, entries, { mode, log: ownLog }, check),
    merged: async () => mergeKubeconfigs(await load(paths)),
    record: async (servers) => {
      const record = recordPath(root);
      if (record === undefined) throw usageError("HOME_UNKNOWN", "no home folder is known", "Set HOME.");
      const withServers = (text = ""): { text: string } => ({
        text: formatRecord([...parseRecord(text), ...servers]),
      });
      await disk.updateInTurn(record, withServers, ownLog);
    },
  };
};

async function othersOf(
  earlier: readonly string[],
  later: readonly string[],
  load: (paths: readonly string[]) => Promise<Kubeconfig[]>,
): Promise<OtherFiles> {
  return { earlier: await load(earlier), later: await load(later) };
}
