/** `eks-x509 __complete WORD…`: answers a shell or kubectl on TAB, in the form of cobra's completions. */
import { printable } from "../../foundation/shown.ts";
import type { Ports } from "../../sign-in/ports.ts";
import { expandHome } from "../settings/settings.ts";
import { type Word, completions } from "./completion.ts";

/** cobra, completions.go: ShellCompDirectiveDefault, with which shells offer files, and ShellCompDirectiveNoFileComp. */
const directives = { files: ":0", nothingElse: ":4" };

/** Never fails and prints only the answer, because a message would disturb the command line. */
export async function answerCompletion(typed: readonly string[], root: Ports): Promise<void> {
  const { words, files, contextsOf } = completions(typed);
  const contexts = contextsOf ? await contextsFrom(contextsOf.kubeconfig, typed.at(-1) ?? "", root) : [];
  const lines = [...words, ...contexts].map(({ word, describe }) =>
    describe === "" ? word : `${word}\t${describe}`,
  );
  const answer = [...lines, files ? directives.files : directives.nothingElse];
  await root.streams.stdout(`${answer.join("\n")}\n`).catch(() => undefined);
}

async function contextsFrom(kubeconfig: string | undefined, current: string, root: Ports): Promise<Word[]> {
  const start = current.replace(/^--[^=]*=/, "");
  try {
    const names = await contextNames(kubeconfig, root);
    // Behind --context, a name that begins with a hyphen is a flag; behind --context= it is a name.
    const isFlag = (name: string): boolean => start === current && name.startsWith("-");
    return names
      .filter((name) => name.startsWith(start) && !isFlag(name))
      .map((word) => ({ word, describe: "" }));
  } catch {
    return [];
  }
}

/**
 * @param flag `--kubeconfig` as typed, because no shell has expanded it
 * @throws EksX509Error those of kubeconfigPaths and loadKubeconfig
 */
async function contextNames(flag: string | undefined, root: Ports): Promise<string[]> {
  const { kubeconfigPaths, loadKubeconfig } = await import("../../kubeconfig/read/kubeconfig.ts");
  const { env, machine } = root;
  const { platform } = machine;
  const typed = flag === undefined ? undefined : expandHome(flag, machine);
  const paths = kubeconfigPaths(typed, env, machine);
  const { contexts } = await loadKubeconfig(paths, { readFile: root.readFile, cwd: machine.cwd, platform });
  // Other names cannot be typed, and would break the lines of the answer.
  return [...contexts.keys()].filter((name) => name !== "" && printable(name) === name);
}
