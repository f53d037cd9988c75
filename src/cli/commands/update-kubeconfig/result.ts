/** What update-kubeconfig says of its result: what it wrote, and where kubectl will do something else. */
import { EksX509Error } from "../../../foundation/errors.ts";
import type { Machine } from "../../../foundation/ports.ts";
import { printable } from "../../../foundation/shown.ts";
import { execInfo } from "../../../exec/exec-request.ts";
import type { Edited } from "../../../kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../kubeconfig/edit/entries.ts";
import { resolveContext, type Target } from "../../../kubeconfig/read/context.ts";
import type { Kubeconfig } from "../../../kubeconfig/read/kubeconfig.ts";
import { quoted } from "../../../kubeconfig/read/problem.ts";

/** As the AWS CLI: `Added new context X to F`, `Updated context X in F`. */
export function resultText(edited: Edited, entries: readonly KubeconfigEntries[], path: string): string {
  const lines = entries.map(({ context: { name } }) =>
    edited.before.contexts.has(name)
      ? `Updated context ${name} in ${path}`
      : `Added new context ${name} to ${path}`,
  );
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** A file of many clusters may have as many. */
const mostWarnings = 10;

/** @param merged what kubectl makes of all its files after the edit */
export async function resultWarnings(
  merged: Promise<Kubeconfig>,
  entries: readonly KubeconfigEntries[],
  machine: Machine,
): Promise<string[]> {
  try {
    const kubeconfig = await merged;
    const warnings = [
      ...currentContextWarning(kubeconfig, entries),
      ...entries.flatMap(({ context }) => contextWarning(kubeconfig, context.name, machine)),
    ];
    const more = warnings.length - mostWarnings;
    return more > 0 ? [...warnings.slice(0, mostWarnings), `${more} more warnings`] : warnings;
  } catch (error) {
    if (error instanceof EksX509Error)
      return [`kubectl cannot use the result: ${error.message}. ${error.hint}`];
    throw error;
  }
}

function currentContextWarning(
  { currentContext }: Kubeconfig,
  entries: readonly KubeconfigEntries[],
): string[] {
  const wanted = entries.findLast(({ isCurrent }) => isCurrent)?.context.name;
  if (wanted === undefined || !currentContext || currentContext.name === wanted) return [];
  const { name, file } = currentContext;
  return [
    `kubectl still uses the context ${quoted(name)}: ${file} makes it current, and comes first in KUBECONFIG. ` +
      `Run kubectl config use-context ${quoted(wanted)}, or give kubectl --context.`,
  ];
}

/** Why kubectl fails in a context. */
function contextWarning(kubeconfig: Kubeconfig, name: string, machine: Machine): string[] {
  try {
    return execInfoWarning(resolveContext(kubeconfig, name), machine);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    return [`kubectl cannot use the context ${quoted(name)}: ${error.message}. ${error.hint}`];
  }
}

/** Bytes of a variable's value. Linux: MAX_ARG_STRLEN, less the name, = and NUL; Windows: 32,767 characters in all. */
const longestValue: Partial<Record<NodeJS.Platform, number>> = { linux: 131_050, win32: 32_746 };

function execInfoWarning({ context, cluster, credential }: Target, { platform }: Machine): string[] {
  const longest = longestValue[platform];
  if (credential.kind !== "exec" || longest === undefined) return [];
  const { data } = cluster.certificateAuthority;
  const certificateAuthority = data.length > 0 ? data : undefined;
  const info = execInfo({ entry: credential.exec, cluster, certificateAuthority, interactive: true });
  if (Buffer.byteLength(info) <= longest) return [];
  return [
    `kubectl cannot start the plugin in the context ${quoted(context.name)} ("argument list too long"): ` +
      `the cluster's information, with a CA of ${data.length} bytes, is more than this system hands to a program. ` +
      "Run the command again with --inline-args: kubectl then passes no cluster information.",
  ];
}
