/** Profiles, and the attribute mappings that decide which session tags a certificate sets. IAM Roles Anywhere API reference. */
import { parseJson } from "../../../../foundation/json.ts";
import { type AttributeMapping, defaultMappings } from "../../../../identity/session-identity.ts";
import type { Profile as DecisiveProfile } from "../../../../trust-policy/profile.ts";
import { type JsonObject, isJsonObject, listIn, textIn, textsIn } from "../../../json-value.ts";
import type { Call, Operation } from "../../api/api-service.ts";
import { Refusal } from "../../refusal.ts";
import type { XmlContent } from "../../api/xml.ts";
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
  attributeMappings: readonly AttributeMapping[];
}

/** The settings that decide about a session, for the one rule of all commands. */
export function decisiveOf(profile: Profile): DecisiveProfile {
  const {
    arn,
    enabled: isEnabled,
    roleArns,
    durationSeconds,
    acceptRoleSessionName,
    attributeMappings,
  } = profile;
  return {
    ...{ arn, isEnabled, roleArns, durationSeconds, acceptRoleSessionName, mappings: attributeMappings },
    originSource: undefined,
    requiresInstanceProperties: profile.requireInstanceProperties,
    isLimited: profile.sessionPolicy !== undefined || profile.managedPolicyArns.length > 0,
  };
}

/** Those of a new profile. */
export const usualSettings = {
  durationSeconds: 3600,
  acceptRoleSessionName: false,
  roleArns: [],
  requireInstanceProperties: false,
  sessionPolicy: undefined,
  managedPolicyArns: [],
  attributeMappings: defaultMappings,
} as const;

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
    PutAttributeMapping: (call) => mapped(call, (old) => withMapping(old, call.input)),
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
    attributeMappings: attributeMappings.map(({ field, specifiers }) => ({
      certificateField: field,
      mappingRules: specifiers.map((specifier) => ({ specifier })),
    })),
  };
}

function newProfile(call: Call, partition: string): Profile {
  return {
    ...newResource(call, "profile", partition),
    ...usualSettings,
    requireInstanceProperties: call.input["requireInstanceProperties"] === true,
    createdBy: call.caller.arn,
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

function withMapping(mappings: Profile["attributeMappings"], input: JsonObject): AttributeMapping[] {
  const specifiers = listIn(input, "mappingRules").flatMap((rule) =>
    isJsonObject(rule) ? [textIn(rule, "specifier")] : [],
  );
  if (specifiers.length === 0) throw invalid("Mapping rules must not be empty.");
  const field = fieldIn(input);
  return [...mappings.filter((mapping) => mapping.field !== field), { field, specifiers }];
}

/** Without specifiers, the whole field. */
function without(mappings: Profile["attributeMappings"], input: JsonObject): AttributeMapping[] {
  const [field, removed] = [fieldIn(input), textsIn(input, "specifiers")];
  return mappings.flatMap((mapping) => {
    if (mapping.field !== field) return [mapping];
    const specifiers = mapping.specifiers.filter((each) => !removed.includes(each));
    return removed.length === 0 || specifiers.length === 0 ? [] : [{ field, specifiers }];
  });
}

function fieldIn(input: JsonObject): AttributeMapping["field"] {
  const name = textIn(input, "certificateField");
  return (["x509Subject", "x509Issuer", "x509SAN"] as const).find((field) => field === name) ?? "x509Subject";
}

const invalid = (message: string): Refusal => new Refusal(400, "ValidationException", message);
