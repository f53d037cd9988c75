/**
 * The effect of an edit on existing entries, in the edited file and in the other files that kubectl reads. An edit must not
 * silently change what a context uses, and must not be without effect.
 */
import { isDeepStrictEqual } from "node:util";
import type { Context, ExecFields, User } from "../read/entries.ts";
import { mergeKubeconfigs, type Kubeconfig } from "../read/kubeconfig.ts";
import { kubeconfigProblem, quoted } from "../read/problem.ts";
import { credentialOf } from "../read/user.ts";
import type { Edited } from "./edit.ts";
import { programName } from "../program-name.ts";
import type { KubeconfigEntries } from "./entries.ts";

/** The other files that kubectl reads: those with higher precedence than the edited one, and those with lower. */
export interface OtherFiles {
  earlier: readonly Kubeconfig[];
  later: readonly Kubeconfig[];
}

export function refuseHidden(
  { after }: Edited,
  entries: readonly KubeconfigEntries[],
  { earlier }: OtherFiles,
): void {
  const first = mergeKubeconfigs(earlier);
  for (const { cluster, user, context } of entries)
    for (const [kind, ours, theirs] of [
      ["context", after.contexts.get(context.name), first.contexts.get(context.name)],
      ["cluster", after.clusters.get(cluster.name), first.clusters.get(cluster.name)],
      ["user", after.users.get(user.name), first.users.get(user.name)],
    ] as const)
      if (ours && theirs && !isDeepStrictEqual({ ...ours, file: "" }, { ...theirs, file: "" }))
        throw kubeconfigProblem(
          "KUBECONFIG_HIDDEN",
          `${theirs.file} has a ${kind} ${quoted(ours.name)}, which kubectl uses instead of the one in ${ours.file}`,
          `Write to that file with --kubeconfig, choose another name with --alias or --user-alias, or put ${ours.file} first in KUBECONFIG. Nothing was changed.`,
        );
}

/** @param home the folder for `~/` in an option */
export function refuseReplacing(
  { before, after }: Edited,
  entries: readonly KubeconfigEntries[],
  { earlier, later }: OtherFiles,
  home: string | undefined,
): void {
  const present = mergeKubeconfigs([...earlier, before, ...later]);
  const written = new Set(entries.map(({ context }) => context.name));
  const replaced = entries.flatMap(({ context, user }) => [
    ...replacedContext(present.contexts.get(context.name), after.contexts.get(context.name)),
    ...replacedUser(user.name, present, after, { home, written }),
  ]);
  if (replaced.length === 0) return;
  throw kubeconfigProblem(
    "KUBECONFIG_REPLACES",
    `${after.files.join()}: the entries would replace ${[...new Set(replaced)].slice(0, 5).join("; ")}`,
    "Choose other names with --alias and --user-alias, or use --overwrite to replace them. Nothing was changed.",
  );
}

function replacedContext(old: Context | undefined, wanted: Context | undefined): string[] {
  if (!old || !wanted) return [];
  const uses = (["cluster", "user"] as const)
    .filter((kind) => old[kind] !== "" && old[kind] !== wanted[kind])
    .map((kind) => `${kind} ${quoted(old[kind])}`);
  return uses.length === 0 ? [] : [`the context ${quoted(old.name)}, which uses ${uses.join(" and ")}`];
}

function replacedUser(
  name: string,
  present: Kubeconfig,
  after: Kubeconfig,
  { home, written }: { home: string | undefined; written: ReadonlySet<string> },
): string[] {
  const old = present.users.get(name);
  const wanted = after.users.get(name)?.exec;
  if (!old || !wanted) return [];
  const contexts = [...present.contexts.values()].filter(({ user }) => user === name);
  const isShared = contexts.some((context) => !written.has(context.name));
  const change = otherUse(old, wanted, home, isShared);
  // Another program's entry counts without a context too.
  if (change === undefined || (contexts.length === 0 && !change.startsWith("runs"))) return [];
  const names = contexts.map((context) => quoted(context.name)).slice(0, 5);
  const usedBy = names.length === 0 ? "" : ` and is used by context ${names.join(", ")}`;
  return [`the user ${quoted(name)}, which ${change}${usedBy}`];
}

/** The identity and the role. An option that is missing in the old entry can come from a config file. */
const identityOptions = ["certificate", "private-key", "trust-anchor-arn", "profile-arn", "role-arn"];
/** With --inline-args, for one cluster alone. */
const clusterOptions = ["cluster-name", "region"];

/** @param isShared whether other contexts use the user too */
function otherUse(
  old: User,
  wanted: ExecFields,
  home: string | undefined,
  isShared: boolean,
): string | undefined {
  const { exec } = old;
  if (!exec) {
    const { kind } = credentialOf(old);
    return kind === "nothing" ? undefined : `signs in with ${kind}`;
  }
  if (programName(exec.command) !== programName(wanted.command)) return `runs ${quoted(exec.command)}`;
  const [before, after] = [optionsOf(exec.args, home), optionsOf(wanted.args, home)];
  const isOther = (name: string): boolean => before.get(name) !== after.get(name);
  const other =
    identityOptions.find((name) => before.has(name) && isOther(name)) ??
    (isShared ? clusterOptions.find(isOther) : undefined);
  // Without the value, because args can contain confidential values.
  return other && `signs in with another --${other}`;
}

/** `--name=value` and `--name value`. */
function optionsOf(args: readonly string[], home: string | undefined): ReadonlyMap<string, string> {
  return new Map(
    args.flatMap((arg, index): [string, string][] => {
      const [, name, value = args[index + 1] ?? ""] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
      return name === undefined ? [] : [[name, home ? value.replace(/^~(?=[/\\])/, home) : value]];
    }),
  );
}
