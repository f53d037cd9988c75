/** Access entries, and the access policies of EKS that they are associated with. EKS API reference, AccessEntry. */
import { randomUUID } from "node:crypto";
import { objectIn, textIn, textMapIn, textsIn } from "../../json-value.ts";
import type { AccessEntry, AssociatedPolicy, Cluster } from "../account.ts";
import { parseArn } from "../arn.ts";
import type { Call, Operation } from "../api/api-service.ts";
import { isReservedName } from "../../../aws/eks/names.ts";
import { epochSeconds } from "../api/epoch-seconds.ts";
import { Refusal } from "../refusal.ts";
import type { XmlContent } from "../api/xml.ts";
import { accessPolicies, accessPolicyName, accessPolicyRoles } from "./access-policies.ts";
import { clusterOf, namesPage } from "./clusters.ts";

interface AccessEntriesOptions {
  clusters: readonly Cluster[];
  /** The id of an IAM role or user of the account; undefined if there is none. */
  principalId: (arn: string) => string | undefined;
}

export function accessEntryOperations(options: AccessEntriesOptions): Readonly<Record<string, Operation>> {
  const clusters = (call: Call): Cluster => clusterOf(options.clusters, call, "clusterName");
  const find = (call: Call): [Cluster, AccessEntry] => {
    const cluster = clusters(call);
    return [cluster, entryOf(cluster, call)];
  };
  return {
    CreateAccessEntry: (call) => {
      const cluster = clusters(call);
      const entry = newEntry(cluster, call, options);
      cluster.accessEntries.push(entry);
      return { accessEntry: described(cluster, entry) };
    },
    DescribeAccessEntry: (call) => ({ accessEntry: described(...find(call)) }),
    ListAccessEntries: (call) => {
      const policy = textIn(call.input, "associatedPolicyArn");
      const entries = entriesOf(clusters(call)).filter(
        ({ policies }) => policy === "" || policies.some(({ policyArn }) => policyArn === policy),
      );
      return namesPage(
        "accessEntries",
        entries.map(({ principalArn }) => principalArn),
        call,
      );
    },
    UpdateAccessEntry: (call) => {
      const [cluster, entry] = find(call);
      if (call.input["kubernetesGroups"] !== undefined) entry.kubernetesGroups = groupsIn(call);
      if (call.input["username"] !== undefined) entry.username = usernameIn(call, entry.principalArn);
      entry.modifiedAt = call.at;
      return { accessEntry: described(cluster, entry) };
    },
    DeleteAccessEntry: (call) => {
      const [cluster, entry] = find(call);
      cluster.accessEntries.splice(cluster.accessEntries.indexOf(entry), 1);
      return {};
    },
    ...policyOperations(find),
  };
}

function policyOperations(find: (call: Call) => [Cluster, AccessEntry]): Readonly<Record<string, Operation>> {
  return {
    ListAccessPolicies: ({ region }) => ({ accessPolicies: accessPolicies(region), nextToken: null }),
    AssociateAccessPolicy: (call) => {
      const [cluster, entry] = find(call);
      const policy = policyIn(call, entry);
      entry.policies = [...entry.policies.filter(({ policyArn }) => policyArn !== policy.policyArn), policy];
      const associatedAccessPolicy = describedPolicy(policy);
      return { clusterName: cluster.name, principalArn: entry.principalArn, associatedAccessPolicy };
    },
    DisassociateAccessPolicy: (call) => {
      const [, entry] = find(call);
      const policyArn = textIn(call.input, "policyArn");
      const left = entry.policies.filter((each) => each.policyArn !== policyArn);
      if (left.length === entry.policies.length)
        throw notFound(`The access policy ${policyArn} is not associated.`);
      entry.policies = left;
      return {};
    },
    ListAssociatedAccessPolicies: (call) => {
      const [cluster, entry] = find(call);
      return {
        clusterName: cluster.name,
        principalArn: entry.principalArn,
        associatedAccessPolicies: entry.policies.map(describedPolicy),
        nextToken: null,
      };
    },
  };
}

/** @throws {Refusal} InvalidParameterException */
function policyIn({ input, at }: Call, { policies }: AccessEntry): AssociatedPolicy {
  const policyArn = textIn(input, "policyArn");
  if (accessPolicyName(policyArn) === undefined)
    throw invalid(`The sandbox has the policies ${Object.keys(accessPolicyRoles).join(", ")}.`);
  if (objectIn(input, "accessScope")["type"] !== "cluster")
    throw invalid(
      "The sandbox associates access policies with the whole cluster only: it does not implement the access scope namespace.",
    );
  const known = policies.find((each) => each.policyArn === policyArn);
  return { policyArn, associatedAt: known?.associatedAt ?? at, modifiedAt: at };
}

function describedPolicy({ policyArn, associatedAt, modifiedAt }: AssociatedPolicy): XmlContent {
  const accessScope = { type: "cluster", namespaces: [] };
  return {
    policyArn,
    accessScope,
    associatedAt: epochSeconds(associatedAt),
    modifiedAt: epochSeconds(modifiedAt),
  };
}

/** @throws {Refusal} InvalidRequestException in mode CONFIG_MAP */
function entriesOf({ authenticationMode, accessEntries }: Cluster): readonly AccessEntry[] {
  if (authenticationMode !== "CONFIG_MAP") return accessEntries;
  const message =
    "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
  throw new Refusal(400, "InvalidRequestException", message);
}

function entryOf(cluster: Cluster, { input }: Call): AccessEntry {
  const principalArn = textIn(input, "principalArn");
  const entry = entriesOf(cluster).find((each) => each.principalArn === principalArn);
  if (entry) return entry;
  throw notFound(
    "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
  );
}

/** @throws {Refusal} */
function newEntry(cluster: Cluster, call: Call, { principalId }: AccessEntriesOptions): AccessEntry {
  const { input, at } = call;
  const principalArn = textIn(input, "principalArn");
  if (entriesOf(cluster).some((each) => each.principalArn === principalArn)) {
    const message = "The specified access entry resource is already in use on this cluster.";
    throw new Refusal(409, "ResourceInUseException", message);
  }
  const type = textIn(input, "type") || "STANDARD";
  if (type !== "STANDARD") throw invalid("The sandbox has access entries of type STANDARD only.");
  const id = principalId(principalArn);
  if (id === undefined) throw invalid("The specified principalArn is invalid: invalid principal.");
  return {
    arn: entryArn(cluster, principalArn),
    principalArn,
    principalId: id,
    username: usernameIn(call, principalArn),
    kubernetesGroups: groupsIn(call),
    type: "STANDARD",
    createdAt: at,
    modifiedAt: at,
    tags: textMapIn(input, "tags"),
    policies: [],
  };
}

/** `arn:aws:eks:us-west-2:111122223333:access-entry/demo/role/111122223333/eks-read-only/{uuid}`. */
export function entryArn({ arn, name }: Pick<Cluster, "arn" | "name">, principalArn: string): string {
  const { account = "" } = parseArn(principalArn) ?? {};
  const [kind = "", ...path] = (principalArn.split(":").at(-1) ?? "").split("/");
  return arn.replace(
    /:cluster\/.*/,
    `:access-entry/${name}/${kind}/${account}/${path.at(-1) ?? ""}/${randomUUID()}`,
  );
}

/** EKS user guide, "Create access entries": the usual one where none is given. */
function usernameIn({ input }: Call, principalArn: string): string {
  const given = textIn(input, "username");
  if (given === "") return usualUsername(principalArn);
  if (isReservedName(given)) throw invalid("The username prefix is reserved.");
  return given;
}

/** The session's ARN for a role, and the ARN of a user. */
export function usualUsername(principalArn: string): string {
  const { partition = "aws", account = "" } = parseArn(principalArn) ?? {};
  const name = principalArn.split("/").at(-1) ?? "";
  return principalArn.includes(":role/")
    ? `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`
    : principalArn;
}

/** EKS user guide, "Create access entries": a group must not begin with `system:`. */
function groupsIn({ input }: Call): readonly string[] {
  const groups = textsIn(input, "kubernetesGroups");
  if (groups.some(isReservedName)) throw invalid("The kubernetes group name prefix is reserved.");
  return groups;
}

/** EKS does not return the principal's id. */
function described({ name }: Cluster, entry: AccessEntry): XmlContent {
  const { arn, principalArn, kubernetesGroups, createdAt, modifiedAt, tags, username, type } = entry;
  const times = { createdAt: epochSeconds(createdAt), modifiedAt: epochSeconds(modifiedAt) };
  return {
    clusterName: name,
    principalArn,
    kubernetesGroups,
    accessEntryArn: arn,
    ...times,
    tags,
    username,
    type,
  };
}

const notFound = (message: string): Refusal => new Refusal(404, "ResourceNotFoundException", message);
const invalid = (message: string): Refusal => new Refusal(400, "InvalidParameterException", message);
