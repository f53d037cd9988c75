/**
 * A profile of Roles Anywhere, from the output of `aws rolesanywhere get-profile`, and what it refuses. IAM Roles Anywhere API reference,
 * ProfileDetail; user guide, "Trusted identity propagation".
 */
import { isObject } from "../foundation/json.ts";
import { shown } from "../foundation/shown.ts";
import {
  defaultMappings,
  type AttributeMapping,
  type SessionIdentity,
} from "../identity/session-identity.ts";
import { DocumentProblem, Malformed, orProblem, uniqueJson } from "./json-text.ts";

export interface Profile {
  arn: string | undefined;
  isEnabled: boolean;
  roleArns: readonly string[];
  /** Of a session for which no duration is requested. */
  durationSeconds: number;
  acceptRoleSessionName: boolean;
  mappings: readonly AttributeMapping[];
  /** The tag whose value trusted identity propagation adds to the session; undefined if it is disabled. */
  originSource: string | undefined;
  requiresInstanceProperties: boolean;
  /** A session policy or managed policies, which limit the session. */
  isLimited: boolean;
}

export function profileIn(text: string): Profile | DocumentProblem {
  const json = uniqueJson(text);
  if (json instanceof DocumentProblem) return json;
  const { value } = json;
  const profile = isObject(value) && isObject(value["profile"]) ? value["profile"] : value;
  if (!isObject(profile) || !("roleArns" in profile))
    return new DocumentProblem("is not the output of aws rolesanywhere get-profile: it has no roleArns");
  return orProblem(() => profileOf(profile));
}

function profileOf(profile: Record<string, unknown>): Profile {
  const { attributeMappings, tipConfiguration } = profile;
  const sessionPolicy = sessionPolicyIn(profile["sessionPolicy"] ?? "");
  return {
    arn: typeof profile["profileArn"] === "string" ? profile["profileArn"] : undefined,
    isEnabled: boolean(profile, "enabled", true),
    roleArns: texts(profile["roleArns"], "roleArns"),
    durationSeconds: number(profile, "durationSeconds", 3600),
    acceptRoleSessionName: boolean(profile, "acceptRoleSessionName", false),
    mappings:
      attributeMappings === undefined
        ? defaultMappings
        : list(attributeMappings, "attributeMappings").map(mapping),
    originSource: originSource(tipConfiguration ?? {}),
    requiresInstanceProperties: boolean(profile, "requireInstanceProperties", false),
    isLimited:
      sessionPolicy !== "" || texts(profile["managedPolicyArns"] ?? [], "managedPolicyArns").length > 0,
  };
}

/** JSON in a text. */
function sessionPolicyIn(value: unknown): string {
  if (typeof value !== "string") throw new Malformed("has a sessionPolicy that is not text");
  if (value !== "" && uniqueJson(value) instanceof DocumentProblem)
    throw new Malformed("has a sessionPolicy that is not JSON");
  return value;
}

const fields = ["x509Subject", "x509Issuer", "x509SAN"] as const;

function mapping(value: unknown): AttributeMapping {
  const { certificateField, mappingRules } = isObject(value) ? value : {};
  const field = fields.find((name) => name === certificateField);
  if (field === undefined) throw new Malformed(`has an attribute mapping for none of ${fields.join(", ")}`);
  const rules = list(mappingRules, "mappingRules");
  return {
    field,
    specifiers: texts(
      rules.map((rule) => (isObject(rule) ? rule["specifier"] : rule)),
      "specifier",
    ),
  };
}

function originSource(configuration: unknown): string | undefined {
  if (!isObject(configuration)) throw new Malformed("has a tipConfiguration that is not an object");
  const { status = "DISABLED", subjectSource = "x509Subject/CN" } = configuration;
  if (status === "DISABLED") return undefined;
  if (status === "ENABLED" && typeof subjectSource === "string") return subjectSource;
  throw new Malformed("has a tipConfiguration whose status is neither ENABLED nor DISABLED");
}

function boolean(profile: Record<string, unknown>, name: string, byDefault: boolean): boolean {
  const value = profile[name] ?? byDefault;
  if (typeof value === "boolean") return value;
  throw new Malformed(`has a value of ${name} that is not true or false`);
}

function number(profile: Record<string, unknown>, name: string, byDefault: number): number {
  const value = profile[name] ?? byDefault;
  if (typeof value === "number") return value;
  throw new Malformed(`has a value of ${name} that is not a number`);
}

function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Malformed(`has a value of ${name} that is not a list`);
}

function texts(value: unknown, name: string): string[] {
  return list(value, name).map((each) => {
    if (typeof each === "string") return each;
    throw new Malformed(`has a value of ${name} that is not text`);
  });
}

/** A reason to refuse, and the words in which Roles Anywhere answers. */
export interface Obstacle {
  answer: string;
  why: string;
}

export interface ProfileQuestion {
  roleArn: string;
  /** Whether the request names the session. */
  isNamed: boolean;
  session: SessionIdentity;
}

/** The first reason for which the profile refuses a session. */
export function obstacleOf(
  profile: Profile,
  { roleArn, isNamed, session }: ProfileQuestion,
): Obstacle | undefined {
  const { isEnabled, roleArns, acceptRoleSessionName } = profile;
  const invalid = "Invalid or empty profile provided.";
  if (!isEnabled) return { answer: invalid, why: "the profile is disabled" };
  if (roleArns.length === 0) return { answer: invalid, why: "the profile lists no role" };
  if (!roleArns.includes(roleArn))
    return {
      answer: "Requested Role isn't one of those listed in the Profile.",
      why: unlisted(roleArns, roleArn),
    };
  if (isNamed && !acceptRoleSessionName)
    return {
      answer: "Not authorized to set roleSessionName",
      why: "the profile does not accept a session name",
    };
  return withoutOrigin(profile, session);
}

function unlisted(roleArns: readonly string[], roleArn: string): string {
  const nameOf = (arn: string): string | undefined => arn.split("/").at(-1);
  const similar = roleArns.find((each) => nameOf(each) === nameOf(roleArn));
  const hint = similar === undefined ? "" : `; it lists ${shown(similar)}, which has another path or account`;
  return `the profile does not list the role ${shown(roleArn)}${hint}`;
}

/** Trusted identity propagation needs a value and a mapping of the field. AWS does not document the words of this refusal. */
function withoutOrigin({ originSource, mappings }: Profile, session: SessionIdentity): Obstacle | undefined {
  if (originSource === undefined || originOf(originSource, session) !== undefined) return undefined;
  const isMapped = mappings.some(({ field, specifiers }) => {
    const [part, ...specifier] = originSource.split("/");
    return field === part && (specifiers.includes("*") || specifiers.includes(specifier.join("/")));
  });
  const missing = isMapped
    ? "the certificate has no value for it"
    : "its attribute mappings have no rule for it";
  return {
    answer: "Access denied",
    why: `the profile propagates ${originSource} as the trusted identity, and ${missing}`,
  };
}

/** aws:OriginIdentity/Subject. */
export function originOf(originSource: string, { sessionTags }: SessionIdentity): string | undefined {
  const tag = sessionTags.find(({ key, leftOut }) => key === originSource && leftOut === undefined);
  return tag?.value === "" ? undefined : tag?.value;
}
