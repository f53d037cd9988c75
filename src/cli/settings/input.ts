/** Parses settings, which are text, into get-token's input, whose types cannot be wrong. */
import {
  ArnProblem,
  type RoleArn,
  type RolesAnywhereArn,
  parseRoleArn,
  parseRolesAnywhereArn,
} from "../../aws/arn.ts";
import { clusterNameForm } from "../../aws/eks/names.ts";
import {
  type EndpointVariant,
  type Partition,
  type Region,
  parseRegion,
  rolesAnywhereHost,
  stsHost,
} from "../../aws/partition.ts";
import { type EksX509Error, usageError } from "../../foundation/errors.ts";
import type { Environment, GivenFile } from "../../foundation/ports.ts";
import type { KeyAccess } from "../../identity/signer.ts";
import type { GetTokenInput, SecondRole, SessionInput } from "../../sign-in/input.ts";
import { parseEndpoint, stsEndpoint } from "../../http/endpoint.ts";
import type { SessionParameters } from "../../rolesanywhere/session.ts";
import { type HomeRules, type Setting, type Settings, expandHome } from "./settings.ts";
import { isLikeSecret, shown } from "../../foundation/shown.ts";
import { type OptionName, optionEntries, optionNamed } from "./options.ts";
import { type KeychainMode, keychainModes } from "../../cache/keychain/mode.ts";

const required = optionEntries.filter(([, option]) => option.required).map(([name]) => name);

const requiredForSession = required.filter((name) => name !== "cluster-name");

interface WhereItRuns {
  env: Environment;
  machine: HomeRules;
}

export function getTokenInput(settings: Settings, where: WhereItRuns): GetTokenInput {
  checkRequired(settings, required);
  const session = sessionInput(settings, where);
  return {
    ...session,
    token: {
      clusterName: clusterName(given(settings, "cluster-name")),
      region: clusterRegion(settings, session.parameters.trustAnchor),
      variant: endpointVariant(where.env),
    },
  };
}

/** The input of a session, independent of the cluster. */
export function sessionInput(settings: Settings, { env, machine }: WhereItRuns): SessionInput {
  checkRequired(settings, requiredForSession);
  const parameters = sessionParameters(settings);
  const { certificate = givenFile(given(settings, "certificate"), machine), ...files } = keyInput(
    settings,
    machine,
  );
  return {
    // A PKCS#12 file and a token hold both, and so can a PEM file.
    files: { ...files, certificate, privateKey: files.privateKey ?? certificate },
    parameters,
    endpoint:
      optional(settings, "endpoint", endpoint) ??
      new URL(`https://${rolesAnywhereHost(parameters.trustAnchor.region, endpointVariant(env))}`),
    second: secondRole(settings, parameters.trustAnchor, env),
    cache: cacheMode(settings.get("cache")),
  };
}

/** STS is asked in the trust anchor's region, which the account of the first role has enabled. */
function secondRole(
  settings: Settings,
  { region, partition }: RolesAnywhereArn,
  env: Environment,
): SecondRole | undefined {
  const role = optional(settings, "assume-role-arn", roleArn);
  const options = {
    externalId: optional(settings, "external-id", externalId),
    sessionName: optional(settings, "assume-role-session-name", sessionName),
  };
  if (role) {
    checkPartition(role, partition);
    const endpoint = stsEndpoint(env) ?? new URL(`https://${stsHost(region, endpointVariant(env))}`);
    return { role, ...options, region, endpoint };
  }
  const { source = "" } = settings.get("external-id") ?? settings.get("assume-role-session-name") ?? {};
  if (!source.startsWith("--")) return undefined;
  throw usageError("ASSUME_ROLE_MISSING", `${source} needs --assume-role-arn`, "Give both, or neither.");
}

/** STS API reference, AssumeRole: ExternalId. */
export function externalId(setting: Setting): string {
  if (/^[\w+=,.@:/-]{2,1224}$/.test(setting.value)) return setting.value;
  throw notA(
    "EXTERNAL_ID_INVALID",
    setting,
    "an external ID",
    "It has 2 to 1224 letters, digits and characters of _+=,.@:/-",
  );
}

export interface KeyInput {
  certificate: GivenFile | undefined;
  privateKey: GivenFile | undefined;
  intermediates: GivenFile | undefined;
  access: Omit<KeyAccess, "asking">;
}

/** What is opened, and with what. */
export function keyInput(settings: Settings, machine: HomeRules): KeyInput {
  const file = (setting: Setting): GivenFile => givenFile(setting, machine);
  return {
    certificate: optional(settings, "certificate", file),
    privateKey: optional(settings, "private-key", file),
    intermediates: optional(settings, "intermediates", file),
    access: {
      passwordFile: optional(settings, "password-file", file),
      askpass: optional(settings, "askpass", file)?.path,
      pkcs11Module: optional(settings, "pkcs11-module", file)?.path,
    },
  };
}

function givenFile({ value, source }: Setting, machine: HomeRules): GivenFile {
  return { path: expandHome(value, machine), source };
}

function checkRequired(settings: Settings, names: readonly OptionName[]): void {
  const missing = names.filter((name) => !settings.has(name));
  if (missing.length > 0) throw missingOptions(missing);
}

function sessionParameters(settings: Settings): SessionParameters {
  const trustAnchor = rolesAnywhereArn(given(settings, "trust-anchor-arn"), "trust-anchor");
  const profile = rolesAnywhereArn(given(settings, "profile-arn"), "profile");
  const role = roleArn(given(settings, "role-arn"));
  checkTogether(trustAnchor, profile, role);
  return {
    trustAnchor,
    profile,
    role,
    durationSeconds: optional(settings, "session-duration", duration) ?? 3600,
    roleSessionName: optional(settings, "role-session-name", sessionName),
  };
}

/** IAM Roles Anywhere is regional: anchor and profile are in one region. A role of another partition cannot be assumed. */
function checkTogether(trustAnchor: RolesAnywhereArn, profile: RolesAnywhereArn, role: RoleArn): void {
  if (profile.region.name !== trustAnchor.region.name)
    throw usageError(
      "ARN_REGIONS_DIFFER",
      `the profile is in ${profile.region.name} and the trust anchor in ${trustAnchor.region.name}`,
      "Use a profile and a trust anchor of one region.",
    );
  checkPartition(role, trustAnchor.partition);
}

function checkPartition(role: RoleArn, { name }: Partition): void {
  if (role.partition.name === name) return;
  throw usageError(
    "ARN_PARTITIONS_DIFFER",
    `the role is in partition ${role.partition.name} and the trust anchor in ${name}`,
    "Use a role and a trust anchor of one partition.",
  );
}

export function clusterRegion(settings: Settings, trustAnchor: RolesAnywhereArn): Region {
  const setting = settings.get("region");
  if (!setting) return trustAnchor.region;
  const region = regionNamed(setting);
  if (region.partition === trustAnchor.partition) return region;
  throw usageError(
    "REGION_PARTITION_DIFFERS",
    `${quoted(setting)} is in partition ${region.partition.name} and the trust anchor in ${trustAnchor.partition.name}`,
    "A session is not valid in another partition. Use the cluster's region.",
  );
}

export function regionNamed(setting: Setting): Region {
  const region = parseRegion(setting.value);
  if (region) return region;
  throw notA("REGION_INVALID", setting, "an AWS region", "Use a region such as us-west-2.");
}

export function rolesAnywhereArn(setting: Setting, kind: RolesAnywhereArn["kind"]): RolesAnywhereArn {
  return arn(
    setting,
    parseRolesAnywhereArn(setting.value, kind),
    `arn:aws:rolesanywhere:REGION:ACCOUNT:${kind}/UUID`,
  );
}

export function roleArn(setting: Setting): RoleArn {
  return arn(setting, parseRoleArn(setting.value), "arn:aws:iam::ACCOUNT:role/NAME");
}

/** For a value that has not the form of `what`. */
function notA(
  code: Parameters<typeof usageError>[0],
  setting: Setting,
  what: string,
  hint: string,
): EksX509Error {
  return usageError(code, `${quoted(setting)} is not ${what}`, hint);
}

function arn<Arn>(setting: Setting, parsed: Arn | ArnProblem, form: string): Arn {
  if (!(parsed instanceof ArnProblem)) return parsed;
  throw usageError("ARN_INVALID", `the ARN in ${quoted(setting)} ${parsed.why}`, `Use the form ${form}.`);
}

/**
 * Reports and kubeconfigs contain it, so it must not look like a key. The hash of a commit is not one: clusters for one test run are named
 * by it.
 */
export function clusterName(setting: Setting): string {
  const isValid = clusterNameForm.test(setting.value);
  if (isValid && !isLikeSecret(setting.value.replace(/\b[0-9a-f]{40}\b/, ""))) return setting.value;
  throw notA(
    "CLUSTER_NAME_INVALID",
    setting,
    "the name of an EKS cluster",
    "Use the name, not the ARN or a key: 1 to 100 letters, digits, hyphens and underscores, the first a letter or digit.",
  );
}

/** CreateSession: durationSeconds. */
export function duration(setting: Setting): number {
  const seconds = Number(setting.value);
  if (/^\d{1,6}$/.test(setting.value) && seconds >= 900 && seconds <= 43200) return seconds;
  throw notA("SESSION_DURATION_INVALID", setting, "a session duration", "Use 900 to 43200, in seconds.");
}

/** CreateSession: roleSessionName. */
export function sessionName(setting: Setting): string {
  if (/^[\w+=,.@-]{2,64}$/.test(setting.value)) return setting.value;
  throw notA(
    "SESSION_NAME_INVALID",
    setting,
    "a role session name",
    "A name has 2 to 64 letters, digits and characters of _+=,.@-",
  );
}

function endpoint(setting: Setting): URL {
  const parsed = parseEndpoint(setting.value);
  if (parsed instanceof URL) return parsed;
  throw usageError(
    "ENDPOINT_INVALID",
    `the endpoint in ${setting.source} ${parsed}`,
    "Give one such as https://rolesanywhere.us-west-2.amazonaws.com, or http://127.0.0.1:PORT for a test.",
  );
}

/** AWS SDKs and Tools reference, "Dual-stack and FIPS endpoints". */
export function endpointVariant(env: Environment): EndpointVariant {
  const isTrue = (name: string): boolean => env[name]?.toLowerCase() === "true";
  return { fips: isTrue("AWS_USE_FIPS_ENDPOINT"), dualStack: isTrue("AWS_USE_DUALSTACK_ENDPOINT") };
}

function given(settings: Settings, name: OptionName): Setting {
  const setting = settings.get(name);
  if (!setting) throw missingOptions([name]);
  return setting;
}

function optional<Value>(
  settings: Settings,
  name: OptionName,
  parse: (setting: Setting) => Value,
): Value | undefined {
  const setting = settings.get(name);
  return setting && parse(setting);
}

function quoted({ value, source }: Setting): string {
  return `${source} ${shown(value)}`;
}

function missingOptions(names: readonly OptionName[]): EksX509Error {
  const [first] = names;
  // get-token alone needs it, and the usual cause is a client that passes no cluster information.
  const ofKubectl =
    first === "cluster-name"
      ? " kubectl sends the name with provideClusterInfo. Java and Node need update-kubeconfig --inline-args."
      : "";
  const variable = first ? optionNamed(first).env[0] : "";
  return optionsMissing(
    names,
    `Set each as a flag, in the environment (${variable} …) or in the config file.${ofKubectl} See --help.`,
  );
}

export function optionsMissing(names: readonly string[], hint: string): EksX509Error {
  return usageError("OPTION_MISSING", `missing: ${names.map((name) => `--${name}`).join(", ")}`, hint);
}

export function cacheMode(setting: Setting | undefined): KeychainMode {
  if (setting === undefined) return "auto";
  const mode = keychainModes.find((known) => known === setting.value);
  if (mode) return mode;
  throw notA("CACHE_MODE_INVALID", setting, "a cache mode", `Use one of ${keychainModes.join(", ")}.`);
}
