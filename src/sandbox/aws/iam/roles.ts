/** Roles with their trust policies, inline policies and tags. IAM API reference. */
import { randomBytes } from "node:crypto";
import { longestTrustPolicy, trustPolicySize } from "../../../aws/iam/trust-policy-size.ts";
import { parseJson } from "../../../foundation/json.ts";
import { wholeSeconds } from "../../../foundation/duration.ts";
import { type JsonObject, isJsonObject, listIn, textIn, textsIn } from "../../json-value.ts";
import { DocumentProblem, uniqueJson } from "../../../trust-policy/json-text.ts";
import { type TrustPolicy, trustPolicyIn as trustPolicyOf } from "../../../trust-policy/policy.ts";
import type { Call, Operation } from "../api/api-service.ts";
import { Refusal } from "../refusal.ts";
import type { XmlContent } from "../api/xml.ts";

export interface Role {
  name: string;
  /** `/` or `/team/`. */
  path: string;
  arn: string;
  /** `AROA…`; a role that is created again under the same name has another id. */
  uniqueId: string;
  createdAt: Date;
  description: string | undefined;
  /** Seconds, 3600 to 43200. */
  maxSessionDuration: number;
  /** Who can assume it: `rolesanywhere.amazonaws.com`, under conditions on the certificate. */
  trustPolicy: TrustPolicy;
  /** Its document, as it was given. */
  trustDocument: string;
  /** JSON by name. */
  policies: Map<string, string>;
  /** ARNs of managed policies. */
  attached: Set<string>;
  tags: Map<string, string>;
}

interface RolesOptions {
  all: Role[];
  accountId: string;
  partition: string;
}

export function roleOperations(options: RolesOptions): Readonly<Record<string, Operation>> {
  const { all } = options;
  const find = (call: Call): Role => roleOf(all, call);
  return {
    CreateRole: (call) => {
      const role = newRole(call, options);
      if (all.some(({ name }) => name.toLowerCase() === role.name.toLowerCase()))
        throw new Refusal(409, "EntityAlreadyExists", `Role with name ${role.name} already exists.`);
      all.push(role);
      return { Role: described(role) };
    },
    GetRole: (call) => ({ Role: described(find(call)) }),
    ListRoles: (call) =>
      page(
        [...all].sort(byName).filter(({ path }) => path.startsWith(textIn(call.input, "PathPrefix"))),
        call,
      ),
    DeleteRole: (call) => {
      const role = find(call);
      if (role.policies.size > 0) throw conflict("Cannot delete entity, must delete policies first.");
      if (role.attached.size > 0) throw conflict("Cannot delete entity, must detach all policies first.");
      all.splice(all.indexOf(role), 1);
      return {};
    },
    ListInstanceProfilesForRole: (call) => {
      find(call);
      return { InstanceProfiles: [], IsTruncated: false };
    },
    ...changeOperations(find),
    ...inlinePolicyOperations(find),
    ...attachedPolicyOperations(find),
    ...tagOperations(find),
  };
}

/** `Marker` is the name of the next page's first role. */
function page(roles: readonly Role[], { input }: Call): XmlContent {
  const marker = textIn(input, "Marker");
  const start = marker === "" ? 0 : roles.findIndex(({ name }) => name === marker);
  if (start < 0) throw new Refusal(400, "ValidationError", `Invalid Marker: ${marker}`);
  const size = typeof input["MaxItems"] === "number" ? input["MaxItems"] : 100;
  const next = roles[start + size];
  return {
    Roles: roles.slice(start, start + size).map(described),
    IsTruncated: next !== undefined,
    Marker: next?.name,
  };
}

type Find = (call: Call) => Role;

function changeOperations(find: Find): Readonly<Record<string, Operation>> {
  return {
    UpdateRole: (call) => {
      const { MaxSessionDuration: seconds, Description: description } = call.input;
      const role = find(call);
      if (typeof seconds === "number") role.maxSessionDuration = seconds;
      if (typeof description === "string") role.description = description;
      return {};
    },
    UpdateAssumeRolePolicy: (call) => {
      Object.assign(find(call), storedTrustPolicy(textIn(call.input, "PolicyDocument")));
      return {};
    },
  };
}

function inlinePolicyOperations(find: Find): Readonly<Record<string, Operation>> {
  const existing = (call: Call): [Role, string, string] => {
    const role = find(call);
    const name = textIn(call.input, "PolicyName");
    const document = role.policies.get(name);
    if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
    return [role, name, document];
  };
  return {
    PutRolePolicy: (call) => {
      find(call).policies.set(textIn(call.input, "PolicyName"), policyIn(call.input, "PolicyDocument"));
      return {};
    },
    GetRolePolicy: (call) => {
      const [role, PolicyName, document] = existing(call);
      return { RoleName: role.name, PolicyName, PolicyDocument: encodeURIComponent(document) };
    },
    ListRolePolicies: (call) => ({ PolicyNames: [...find(call).policies.keys()].sort(), IsTruncated: false }),
    DeleteRolePolicy: (call) => {
      const [role, name] = existing(call);
      role.policies.delete(name);
      return {};
    },
  };
}

function attachedPolicyOperations(find: Find): Readonly<Record<string, Operation>> {
  return {
    AttachRolePolicy: (call) => {
      find(call).attached.add(textIn(call.input, "PolicyArn"));
      return {};
    },
    DetachRolePolicy: (call) => {
      const arn = textIn(call.input, "PolicyArn");
      if (!find(call).attached.delete(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
      return {};
    },
    ListAttachedRolePolicies: (call) => ({
      AttachedPolicies: [...find(call).attached].map((arn) => ({
        PolicyName: arn.split("/").at(-1) ?? "",
        PolicyArn: arn,
      })),
      IsTruncated: false,
    }),
  };
}

function tagOperations(find: Find): Readonly<Record<string, Operation>> {
  return {
    TagRole: (call) => {
      for (const [key, value] of tagsIn(call.input)) find(call).tags.set(key, value);
      return {};
    },
    UntagRole: (call) => {
      for (const key of textsIn(call.input, "TagKeys")) find(call).tags.delete(key);
      return {};
    },
    ListRoleTags: (call) => ({ Tags: tagList(find(call)), IsTruncated: false }),
  };
}

function newRole({ input, at }: Call, { accountId, partition }: RolesOptions): Role {
  const name = textIn(input, "RoleName");
  const path = textIn(input, "Path") || "/";
  const { MaxSessionDuration: seconds, Description: description } = input;
  return {
    name,
    path,
    arn: `arn:${partition}:iam::${accountId}:role${path}${name}`,
    uniqueId: uniqueId("AROA"),
    createdAt: at,
    description: typeof description === "string" ? description : undefined,
    maxSessionDuration: typeof seconds === "number" ? seconds : 3600,
    ...storedTrustPolicy(textIn(input, "AssumeRolePolicyDocument")),
    policies: new Map(),
    attached: new Set(),
    tags: tagsIn(input),
  };
}

/** IAM user guide, "Unique identifiers": a prefix for the kind, and 17 characters of base32. */
function uniqueId(prefix: string): string {
  return (
    prefix +
    Array.from(randomBytes(17), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(byte & 31)).join("")
  );
}

/**
 * Of the size that IAM stores.
 * @throws {Refusal} MalformedPolicyDocument, LimitExceeded
 */
function storedTrustPolicy(trustDocument: string): Pick<Role, "trustPolicy" | "trustDocument"> {
  const policy = trustPolicyIn(trustDocument);
  if (trustPolicySize(trustDocument) <= longestTrustPolicy) return policy;
  throw new Refusal(409, "LimitExceeded", `Cannot exceed quota for ACLSizePerRole: ${longestTrustPolicy}`);
}

/** @throws {Refusal} MalformedPolicyDocument, as IAM refuses the document */
export function trustPolicyIn(trustDocument: string): Pick<Role, "trustPolicy" | "trustDocument"> {
  const json = uniqueJson(trustDocument);
  const trustPolicy = json instanceof DocumentProblem ? json : trustPolicyOf(json.value);
  if (!(trustPolicy instanceof DocumentProblem)) return { trustPolicy, trustDocument };
  throw new Refusal(400, "MalformedPolicyDocument", `The trust policy ${trustPolicy.why}.`);
}

/** @throws {Refusal} MalformedPolicyDocument */
function policyIn(input: JsonObject, member: string): string {
  const text = textIn(input, member);
  if (isJsonObject(parseJson(text))) return text;
  throw new Refusal(400, "MalformedPolicyDocument", "This policy contains invalid Json");
}

function tagsIn(input: JsonObject): Map<string, string> {
  const tags = listIn(input, "Tags").filter(isJsonObject);
  const keys = new Set(tags.map((tag) => textIn(tag, "Key").toLowerCase()));
  if (keys.size < tags.length)
    throw new Refusal(
      400,
      "InvalidInput",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  return new Map(tags.map((tag) => [textIn(tag, "Key"), textIn(tag, "Value")]));
}

function tagList({ tags }: Role): XmlContent[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

function roleOf(all: readonly Role[], { input }: Call): Role {
  const name = textIn(input, "RoleName");
  const role = all.find((each) => each.name === name);
  if (role) return role;
  throw noSuchEntity(`The role with name ${name} cannot be found.`);
}

/** IAM percent-encodes policy documents. */
function described(role: Role): XmlContent {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.uniqueId,
    Arn: role.arn,
    CreateDate: wholeSeconds(role.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustDocument),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    Tags: role.tags.size === 0 ? undefined : tagList(role),
    RoleLastUsed: {},
  };
}

function byName(one: Role, other: Role): number {
  return one.name < other.name ? -1 : 1;
}

const noSuchEntity = (message: string): Refusal => new Refusal(404, "NoSuchEntity", message);
const conflict = (message: string): Refusal => new Refusal(409, "DeleteConflict", message);
