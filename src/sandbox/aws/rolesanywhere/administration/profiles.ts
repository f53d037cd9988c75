/** Profiles, and the attribute mappings that decide which session tags a certificate sets. IAM Roles Anywhere API reference. */
import { parseJson } from "../../../../foundation/json.ts";
import { type JsonObject, isJsonObject, listIn, textIn, textsIn } from "../../../json-value.ts";
import type { Call, Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../xml.ts";
import {
  type Kind,
  type Resource,
  changed,
  commonOperations,
  described,
  newResource,
  resourceOf,
} from "./resources.ts";

export interface Profile extends Resource {
  /** Seconds. */
  durationSeconds: number;
  acceptRoleSessionName: boolean;
  roleArns: readonly string[];
  requireInstanceProperties: boolean;
  sessionPolicy: string | undefined;
  managedPolicyArns: readonly string[];
  createdBy: string;
  /** Specifiers by certificate field: `x509Subject`, `x509Issuer`, `x509SAN`. */
  attributeMappings: ReadonlyMap<string, readonly string[]>;
}

/** Roles Anywhere user guide, "Attribute mapping": the mappings of a new profile. */
export const usualMappings: Profile["attributeMappings"] = new Map([
  ["x509Issuer", ["*"]],
  ["x509SAN", ["DNS", "URI", "Name/*"]],
  ["x509Subject", ["*"]],
]);

export function profileOperations(all: Profile[], partition: string): Readonly<Record<string, Operation>> {
  const kind: Kind<Profile> = {
    resource: "profile",
    operation: "Profile",
    member: "profile",
    words: "profile",
    all,
    detail: settingsOf,
  };
  const shown = (profile: Profile): XmlContent => ({ profile: described(kind, profile) });
  const mapped = (
    call: Call,
    mappings: (old: Profile["attributeMappings"]) => Profile["attributeMappings"],
  ) => {
    const profile = resourceOf(kind, call);
    return shown(changed(profile, { attributeMappings: mappings(profile.attributeMappings) }, call));
  };
  return {
    ...commonOperations(kind),
    CreateProfile: (call) => {
      const profile = newProfile(call, partition);
      all.push(profile);
      return shown(profile);
    },
    UpdateProfile: (call) => shown(changed(resourceOf(kind, call), settingsIn(call.input), call)),
    PutAttributeMapping: (call) => mapped(call, (old) => new Map([...old, mappingIn(call.input)])),
    DeleteAttributeMapping: (call) => mapped(call, (old) => without(old, call.input)),
  };
}

function settingsOf({ attributeMappings, ...profile }: Profile): XmlContent {
  return {
    durationSeconds: profile.durationSeconds,
    acceptRoleSessionName: profile.acceptRoleSessionName,
    requireInstanceProperties: profile.requireInstanceProperties,
    roleArns: profile.roleArns,
    managedPolicyArns: profile.managedPolicyArns,
    sessionPolicy: profile.sessionPolicy,
    createdBy: profile.createdBy,
    attributeMappings: Array.from(attributeMappings, ([certificateField, specifiers]) => ({
      certificateField,
      mappingRules: specifiers.map((specifier) => ({ specifier })),
    })),
  };
}

function newProfile(call: Call, partition: string): Profile {
  return {
    ...newResource(call, "profile", partition),
    durationSeconds: 3600,
    acceptRoleSessionName: false,
    roleArns: [],
    requireInstanceProperties: call.input["requireInstanceProperties"] === true,
    sessionPolicy: undefined,
    managedPolicyArns: [],
    createdBy: call.caller.arn,
    attributeMappings: usualMappings,
    ...settingsIn(call.input),
  };
}

/** The members that are given. @throws {Refusal} */
function settingsIn(input: JsonObject): Partial<Profile> {
  const { durationSeconds, acceptRoleSessionName, sessionPolicy } = input;
  const name = textIn(input, "name");
  if (typeof sessionPolicy === "string" && !isJsonObject(parseJson(sessionPolicy)))
    throw invalid("Session policy is not a valid JSON document.");
  return {
    ...(name === "" ? {} : { name }),
    ...(typeof durationSeconds === "number" ? { durationSeconds } : {}),
    ...(typeof acceptRoleSessionName === "boolean" ? { acceptRoleSessionName } : {}),
    ...(typeof sessionPolicy === "string" ? { sessionPolicy } : {}),
    ...(input["roleArns"] === undefined ? {} : { roleArns: textsIn(input, "roleArns") }),
    ...(input["managedPolicyArns"] === undefined
      ? {}
      : { managedPolicyArns: textsIn(input, "managedPolicyArns") }),
  };
}

function mappingIn(input: JsonObject): [string, string[]] {
  const specifiers = listIn(input, "mappingRules").flatMap((rule) =>
    isJsonObject(rule) ? [textIn(rule, "specifier")] : [],
  );
  if (specifiers.length === 0) throw invalid("Mapping rules must not be empty.");
  return [textIn(input, "certificateField"), specifiers];
}

/** Without specifiers, the whole field. */
function without(mappings: Profile["attributeMappings"], input: JsonObject): Profile["attributeMappings"] {
  const field = textIn(input, "certificateField");
  const removed = textsIn(input, "specifiers");
  const left =
    removed.length === 0 ? [] : (mappings.get(field) ?? []).filter((each) => !removed.includes(each));
  const others = [...mappings].filter(([name]) => name !== field);
  return new Map(left.length === 0 ? others : [...others, [field, left]]);
}

const invalid = (message: string): Refusal => new Refusal(400, "ValidationException", message);
