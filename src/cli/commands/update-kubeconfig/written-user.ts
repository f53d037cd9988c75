/** Which of the settings update-kubeconfig writes into the users entry: what get-token will be given by whoever starts it. */
import { isAbsolute, relative, resolve } from "node:path";
import type { Machine } from "../../../foundation/ports.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { WrittenUser } from "../../../kubeconfig/edit/cluster-entries.ts";
import { expandHome } from "../../settings/config-file.ts";
import { optionEntries, optionNamed, type OptionName } from "../../settings/options.ts";
import type { Setting, Settings } from "../../settings/settings.ts";

/** The identity and the role. They are written wherever they came from, or the entry would be another one with another environment. */
const identity: readonly OptionName[] = [
  "certificate",
  "private-key",
  "intermediates",
  "trust-anchor-arn",
  "profile-arn",
  "role-arn",
];

/** What belongs to the cluster, or to this run alone. */
const elsewhere: readonly OptionName[] = ["cluster-name", "region", "verbose"];

/** @param isHomeRelative writes paths below the home folder as `~/…`, which get-token expands */
export function writtenUser(
  settings: Settings,
  { session: { role } }: SessionInput,
  machine: Machine,
  isHomeRelative: boolean,
): WrittenUser {
  const path = (value: string): string => {
    const absolute = resolve(machine.cwd(), expandHome(value, machine));
    return isHomeRelative ? belowHome(absolute, machine) : absolute;
  };
  const options = optionEntries.flatMap(([name]): [string, string][] => {
    const setting = settings.get(name);
    if (!setting || !isWritten(name, setting)) return [];
    return [[name, "isPath" in optionNamed(name) ? path(setting.value) : setting.value]];
  });
  return { roleArn: role.text, roleName: role.name, options };
}

/**
 * Beside the identity, what was said on purpose: as a flag, or, where it belongs to the identity, in a variable of ours. AWS's own
 * variables and the config file get-token reads itself.
 */
function isWritten(name: OptionName, { source }: Setting): boolean {
  if (elsewhere.includes(name)) return false;
  if (identity.includes(name) || source.startsWith("--")) return true;
  return name !== "cache" && source.startsWith("EKS_X509_");
}

function belowHome(path: string, { home }: Machine): string {
  if (home === undefined) return path;
  const below = relative(home, path);
  const isBelow = below !== "" && !isAbsolute(below) && !/^\.\.([/\\]|$)/.test(below);
  return isBelow ? `~/${below}` : path;
}
