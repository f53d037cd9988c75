/** The `aws-auth` ConfigMap: which IAM ARNs are which Kubernetes users. */
import { isJsonKey } from "../../json-value.ts";
import { type YamlNode, parseYaml, scalarValue } from "./yaml-document.ts";
import { YamlProblem } from "./yaml-problem.ts";
import { type YamlValue, isMapping, valueOf } from "./yaml-value.ts";

export type AwsAuthData = Readonly<Record<string, string>>;

export interface Mapping {
  arn: string;
  /** Both may hold `{{…}}` templates. */
  username: string;
  groups: readonly string[];
}

export interface AwsAuth {
  roles: readonly Mapping[];
  users: readonly Mapping[];
  accounts: ReadonlySet<string>;
  /** What was passed over, for those who wonder why a mapping does not work. */
  problems: readonly string[];
}

/** Reads the three lists, whose names are case-sensitive. What is broken is passed over, and the rest counts. */
export function parseAwsAuth(data: AwsAuthData): AwsAuth {
  const problems: string[] = [];
  return {
    roles: attempt("mapRoles", data, problems, (text) => mappings(text, "rolearn", problems)) ?? [],
    users: attempt("mapUsers", data, problems, (text) => mappings(text, "userarn", problems)) ?? [],
    accounts: new Set(attempt("mapAccounts", data, problems, (text) => accountIds(text, problems)) ?? []),
    problems,
  };
}

function attempt<Result>(
  name: string,
  data: AwsAuthData,
  problems: string[],
  read: (text: string) => Result,
): Result | undefined {
  try {
    return read(data[name] ?? "");
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    problems.push(`${name}: ${error.message}`);
    return undefined;
  }
}

function mappings(text: string, arnField: "rolearn" | "userarn", problems: string[]): Mapping[] {
  const entries = valueOf(parseYaml(text)) ?? [];
  if (!isList(entries)) throw new YamlProblem("not a list");
  const read = entries.map((entry) => readMapping(entry, arnField));
  const valid = read.filter((mapping) => mapping !== undefined);
  if (valid.length < read.length)
    problems.push(`${read.length - valid.length} entries without a valid ${arnField}`);
  return valid;
}

/** Undefined for what the real one refuses: no ARN, or both an ARN and an SSO matcher. */
function readMapping(entry: YamlValue, arnField: "rolearn" | "userarn"): Mapping | undefined {
  const members = isMapping(entry) ? [...entry] : [];
  const textOf = (field: string): string =>
    valuesOf(members, field).findLast((value) => typeof value === "string") ?? "";
  const hasSso = arnField === "rolearn" && (valuesOf(members, "sso").at(-1) ?? null) !== null;
  const arn = textOf(arnField);
  return arn === "" || hasSso
    ? undefined
    : { arn, username: textOf("username"), groups: valuesOf(members, "groups").reduce(readGroups, []) };
}

/** The values of a field, whose name may be in any case; the later ones count more. */
function valuesOf(members: readonly (readonly [string, YamlValue])[], field: string): readonly YamlValue[] {
  return members.filter(([key]) => isJsonKey(key, field)).map(([, value]) => value);
}

/** As encoding/json fills a list of text: null empties it, what is no list leaves it, what is no text is empty. */
function readGroups(before: readonly string[], value: YamlValue): readonly string[] {
  if (value === null) return [];
  if (!isList(value)) return before;
  return value.map((group, index) => (typeof group === "string" ? group : (before[index] ?? "")));
}

/**
 * Read as text whatever they look like: an account id with a leading zero is no octal number. A tag that does not
 * fit ends the list, and what stands before it counts.
 */
function accountIds(text: string, problems: string[]): readonly string[] {
  const list = parseYaml(text);
  if (list?.kind !== "sequence") return [];
  const ids: string[] = [];
  attempt("mapAccounts", { mapAccounts: text }, problems, () => {
    for (const item of list.items) ids.push(...accountId(item));
  });
  return ids;
}

function accountId(item: YamlNode): readonly string[] {
  const node = item.kind === "alias" ? item.target : item;
  if (node.kind !== "scalar") return [];
  const value = scalarValue(node);
  if (value === null) return [""];
  return [node.tag === "!!binary" ? String(value) : node.text];
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}
