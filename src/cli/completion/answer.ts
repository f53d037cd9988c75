/** `eks-x509 __complete WORD…`: what a shell or kubectl asks on TAB, answered in the form of cobra's completions. */
import type { Ports } from "../../sign-in/ports.ts";
import { completions, type Word } from "./completion.ts";

/** cobra, completions.go: ShellCompDirectiveDefault, with which shells offer files; ShellCompDirectiveNoFileComp. */
const directives = { files: ":0", nothingElse: ":4" };

/** Never fails, and says nothing but the answer: somebody is typing, and there is no place for complaints. */
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
    const { contextNames } = await import("./contexts.ts");
    const names = await contextNames(kubeconfig, root);
    return names.filter((name) => name.startsWith(start)).map((word) => ({ word, describe: "" }));
  } catch {
    return [];
  }
}
