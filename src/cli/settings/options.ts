/**
 * The options, declared once. This table defines the flags, their environment variables, the keys of the config file, and
 * the values that a cluster's extension can set. It imports nothing, because the fast path loads it. option-help.ts has the
 * words of --help for each.
 */

export interface Option {
  type: "string" | "boolean";
  /** The value is the path of a file. */
  isPath?: boolean;
  required?: boolean;
  /** The option's own variable, and then those of AWS, in the order in which they are read. */
  env: readonly [own: string, ...ofAws: string[]];
  /** Whether the config file can set it. */
  inFile: boolean;
  /** Whether the cluster's client.authentication.k8s.io/exec extension can set it. Somebody else may have written that. */
  inExtension?: boolean;
}

interface Row extends Partial<Omit<Option, "env">> {
  ofAws?: readonly string[];
}

const table = {
  "cluster-name": { required: true, inExtension: true },
  region: { inExtension: true, ofAws: ["AWS_REGION", "AWS_DEFAULT_REGION"] },
  "cluster-servers": {},
  certificate: { required: true, isPath: true },
  "private-key": { isPath: true },
  intermediates: { isPath: true },
  "password-file": { isPath: true },
  askpass: {},
  "pkcs11-module": {},
  "trust-anchor-arn": { required: true, inExtension: true },
  "profile-arn": { required: true, inExtension: true },
  "role-arn": { required: true, inExtension: true },
  "session-duration": {},
  "role-session-name": {},
  "assume-role-arn": {},
  "external-id": {},
  "assume-role-session-name": {},
  endpoint: { ofAws: ["AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"] },
  cache: {},
  "exec-api-version": { inFile: false },
  config: { isPath: true, inFile: false },
  verbose: { type: "boolean" },
} satisfies Record<string, Row>;

export type OptionName = keyof typeof table;

export const optionEntries: readonly (readonly [OptionName, Option])[] = Object.keys(table)
  .filter(isOptionName)
  .map((name) => [name, optionNamed(name)]);

export function optionNamed(name: OptionName): Option {
  const { ofAws = [], ...row }: Row = table[name];
  const own = `EKS_X509_${name.replaceAll("-", "_").toUpperCase()}`;
  return { type: "string", inFile: true, ...row, env: [own, ...ofAws] };
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(table, name);
}
