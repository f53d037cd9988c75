/** Which settings an entry for another program holds, so that it works in any environment and folder. */
import { isAbsolute, relative, resolve } from "node:path";
import type { Machine } from "../../foundation/ports.ts";
import { usageError } from "../../foundation/errors.ts";
import { isElsewhere, withoutPin } from "../../keys/identity-sources.ts";
import type { WrittenUser } from "../../kubeconfig/edit/cluster-entries.ts";
import { finalRole, type SessionInput } from "../../sign-in/input.ts";
import { identityOptions } from "./option-help.ts";
import { type OptionName, optionEntries, optionNamed } from "./options.ts";
import { type Setting, type Settings, expandHome } from "./settings.ts";

/** The settings of the cluster, or of this run alone. */
const elsewhere: readonly OptionName[] = ["cluster-name", "region", "verbose"];

/** @param isHomeRelative writes paths below the home folder as `~/…`, which get-token expands */
export function writtenUser(
  settings: Settings,
  session: SessionInput,
  machine: Machine,
  isHomeRelative: boolean,
): WrittenUser {
  const path = (value: string): string => {
    if (isElsewhere({ path: value })) return value;
    const expanded = expandHome(value, machine);
    const absolute = resolve(isAbsolute(expanded) ? "/" : machine.cwd(), expanded);
    return isHomeRelative ? belowHome(absolute, machine) : absolute;
  };
  const options = optionEntries.flatMap(([name]): [string, string][] => {
    const setting = settings.get(name);
    if (!setting || !isWritten(name, setting)) return [];
    refusePin(setting);
    return [[name, paths.has(name) ? path(setting.value) : setting.value]];
  });
  const role = finalRole(session);
  return { roleArn: role.text, roleName: role.name, options };
}

/** Every reader of the file could read the PIN, and every user of the machine could read it in the arguments of the plugin. */
function refusePin({ value, source }: Setting): void {
  if (withoutPin(value) === value) return;
  throw usageError(
    "URI_HAS_PIN",
    `the pkcs11: URI in ${source} contains a pin-value, and eks-x509 writes no secret into a file`,
    "Write the PIN to a file for its owner alone, and name it: pin-source=/path in the URI, or --password-file. Or use eks-x509 key remember.",
  );
}

const ofIdentity: readonly string[] = [
  "assume-role-arn",
  "external-id",
  "assume-role-session-name",
  ...identityOptions,
];

const paths = new Set<string>(optionEntries.filter(([, { isPath }]) => isPath).map(([name]) => name));

/**
 * The identity and the role are written from any source, because another environment would change the entry's meaning. Flags are
 * written too, and the variables of eks-x509 that belong to the identity. get-token reads AWS's own variables and the config file
 * itself.
 */
function isWritten(name: OptionName, { source }: Setting): boolean {
  if (elsewhere.includes(name)) return false;
  if (optionNamed(name).required || ofIdentity.includes(name) || source.startsWith("--")) return true;
  return name !== "cache" && source.startsWith("EKS_X509_");
}

/** A linked home has two names, and the current folder can have the other one. */
function belowHome(path: string, { home, realPath }: Machine): string {
  if (home === undefined) return path;
  const real = realPath(home);
  const below = [relative(home, path), relative(real, path), relative(real, realPath(path))].find(
    (one) => one !== "" && !isAbsolute(one) && !/^\.\.([/\\]|$)/.test(one),
  );
  return below === undefined ? path : `~/${below}`;
}

export function elsewhereWarnings({ options }: WrittenUser): string[] {
  return options
    .filter(([name, value]) => paths.has(name) && !value.startsWith("~/"))
    .map(
      ([name, value]) =>
        `--${name} ${value} is not below the home folder: --home-relative writes the complete path`,
    );
}
