/** The flags of `setup`, parsed into a plan. */
import { usageError, type EksX509Error } from "../../../foundation/errors.ts";
import { wholeSeconds } from "../../../foundation/duration.ts";
import type { ReadFile } from "../../../foundation/ports.ts";
import { isReservedName } from "../../../aws/eks/names.ts";
import type { Region } from "../../../aws/partition.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { shown } from "../../../foundation/shown.ts";
import { readCertificates, type Certificate } from "../../../identity/certificate.ts";
import { isProblem } from "../../../identity/fitness/finding.ts";
import { anchorFindings } from "../../../identity/fitness/rules.ts";
import { pemLabels, unwrapped } from "../../../identity/pem.ts";
import { longestTag } from "../../../identity/session-identity.ts";
import { allowedIn, AllowProblem, type AllowedAttribute } from "../../../setup/allow.ts";
import { ownerKey, type Plan, type Tag } from "../../../setup/plan.ts";
import type { Flags } from "../../command.ts";
import { clusterName, duration, optionsMissing, regionNamed } from "../../settings/input.ts";
import { options } from "./options.ts";

export interface SetUpInput {
  plan: Plan;
  /** Empty with an AWS Private CA. */
  authorities: readonly Certificate[];
}

export async function setUpInput(
  flags: Flags,
  { readFile, clock }: Pick<Ports, "readFile" | "clock">,
): Promise<SetUpInput> {
  checkGiven(flags);
  const text = (name: string): string => flags.text(name) ?? "";
  const setting = (name: string, value = text(name)) => ({ value, source: `--${name}` });
  const roleName = roleNamed(text("role-name"));
  const mapping = text("mapping") === "aws-auth" ? "aws-auth" : "access-entry";
  const region = regionNamed(setting("region"));
  const { anchor, authorities } = await anchorIn(flags, { region, readFile, now: clock() });
  return {
    authorities,
    plan: {
      anchor,
      mapping,
      roleName,
      cluster: clusterName(setting("cluster")),
      region,
      rolePath: rolePath(flags.text("role-path") ?? "/"),
      trustAnchorName: resourceName(
        "trust-anchor-name",
        flags.text("trust-anchor-name") ?? plainName(roleName),
      ),
      profileName: resourceName("profile-name", flags.text("profile-name") ?? plainName(roleName)),
      allowed: allowed(flags.list("allow")),
      groups: groupsIn(flags.list("kubernetes-groups"), mapping),
      findsClusters: flags.isOn("find-clusters") ?? true,
      sessionDuration: duration(setting("session-duration", flags.text("session-duration") ?? "3600")),
      tags: tagsIn(flags.list("tag")),
    },
  };
}

function checkGiven(flags: Flags): void {
  const required = Object.entries(options).filter(([, option]) => option.required);
  const missing = required.map(([name]) => name).filter((name) => flags.list(name).length === 0);
  if (missing.length > 0) throw optionsMissing(missing, "Set each as a flag. See eks-x509 setup --help.");
}

async function anchorIn(
  flags: Flags,
  { region, readFile, now }: { region: Region; readFile: ReadFile; now: Date },
): Promise<Pick<Plan, "anchor"> & { authorities: readonly Certificate[] }> {
  const [path, arn] = [flags.text("ca"), flags.text("acm-pca-arn")];
  if ((path === undefined) === (arn === undefined))
    throw invalidCa(`${path === undefined ? "neither" : "both"} of --ca and --acm-pca-arn given`);
  if (arn !== undefined)
    return { anchor: { kind: "acm-pca", arn: authorityArn(arn, region) }, authorities: [] };
  const { name, bytes } = await readFile(path ?? "", {
    given: "--ca",
    hop: "configuration",
    category: "usage",
  });
  const authorities = readCertificates({ name, bytes });
  if (pemLabels(unwrapped({ name, bytes })).some((label) => label.endsWith("PRIVATE KEY")))
    throw invalidCa(`${name} (--ca) also has a private key, which belongs to the CA alone`);
  const [problem] = authorities.flatMap(anchorFindings).filter(isProblem);
  if (problem) throw invalidCa(`${name} (--ca): ${problem.message}`);
  const expired = authorities.find(({ notAfter }) => notAfter < now);
  if (expired)
    throw invalidCa(`${name} (--ca): ${expired.subject} expired at ${wholeSeconds(expired.notAfter)}`);
  const pem = authorities.map(({ x509 }) => x509.toString()).join("");
  if (authorities.length > 2 || pem.length > 8000)
    throw invalidCa(`${name} (--ca) has ${authorities.length} certificates with ${pem.length} characters`);
  return { anchor: { kind: "bundle", pem }, authorities };
}

function invalidCa(why: string): EksX509Error {
  return usageError(
    "SETUP_CA_INVALID",
    why,
    "Give one or two CA certificates (CA:true, keyCertSign, SHA-256, at most 8000 characters) with --ca, or the ARN of an AWS Private CA with --acm-pca-arn.",
  );
}

function authorityArn(arn: string, { name, partition }: Region): string {
  const start = `arn:${partition.name}:acm-pca:${name}:`;
  const rest = arn.slice(start.length);
  if (arn.startsWith(start) && /^\d{12}:certificate-authority\/[\w-]+$/.test(rest)) return arn;
  throw invalidCa(`--acm-pca-arn ${shown(arn)} is not the ARN of an AWS Private CA in ${name}`);
}

function roleNamed(name: string): string {
  if (/^[\w+=,.@-]{1,64}$/.test(name)) return name;
  const hint = name.includes("/")
    ? "Give the path with --role-path: /team/."
    : "Use 1 to 64 letters, digits and +=,.@_-.";
  throw usageError("SETUP_ROLE_INVALID", `--role-name ${shown(name)} is not the name of a role`, hint);
}

function rolePath(path: string): string {
  if (/^\/([\x21-\x7e]{1,510}\/)?$/.test(path) && !/["'`$\\]|\/\//.test(path)) return path;
  throw usageError(
    "SETUP_ROLE_INVALID",
    `--role-path ${shown(path)} is not the path of a role`,
    "A path begins and ends with a slash: /team/.",
  );
}

/** Roles Anywhere accepts fewer characters than IAM. */
function plainName(roleName: string): string {
  return roleName.replace(/[^\w-]/g, "-");
}

function resourceName(flag: string, name: string): string {
  if (/^[ \w-]{1,255}$/.test(name)) return name;
  throw usageError(
    "SETUP_NAME_INVALID",
    `--${flag} ${shown(name)} is not a name that Roles Anywhere accepts`,
    "Use 1 to 255 letters, digits, spaces, hyphens and underscores.",
  );
}

function allowed(texts: readonly string[]): readonly [AllowedAttribute, ...AllowedAttribute[]] {
  const [first, ...others] = texts.map((text) => {
    const attribute = allowedIn(text);
    if (!(attribute instanceof AllowProblem)) return attribute;
    throw usageError(
      "SETUP_ALLOW_INVALID",
      `--allow ${shown(text)} ${attribute.why}`,
      "Name an attribute and its value: subject.OU=Platform. eks-x509 cert inspect FILE prints the tags of a certificate.",
    );
  });
  if (first) return [first, ...others];
  throw usageError(
    "SETUP_ALLOW_MISSING",
    "no --allow is given, so the role would let in every certificate of the CA",
    "Give the attributes of the certificates that may sign in: --allow subject.OU=Platform. eks-x509 cert inspect FILE prints the tags of a certificate.",
  );
}

function groupsIn(lists: readonly string[], mapping: Plan["mapping"]): readonly [string, ...string[]] {
  const groups = lists.flatMap((list) => list.split(",")).map((group) => group.trim());
  const [first = "", ...others] = new Set(groups);
  for (const group of [first, ...others]) checkGroup(group, mapping);
  return [first, ...others];
}

function checkGroup(group: string, mapping: Plan["mapping"]): void {
  const isReserved = mapping === "access-entry" && isReservedName(group);
  if (/^[\w:.@/+=-]{1,253}$/.test(group) && !isReserved) return;
  throw usageError(
    "SETUP_GROUP_INVALID",
    `--kubernetes-groups has ${shown(group)}, which ${isReserved ? "an access entry cannot have" : "is not the name of a group"}`,
    "Use a name of your own, such as eks-x509:viewers.",
  );
}

/** Of the services that get the tags, Roles Anywhere accepts the fewest characters. */
const characters = /^[ \w.:/=+@-]*$/;

/** Those of the resources, with the tag of the scripts. IAM ignores the case of a key. */
function tagsIn(texts: readonly string[]): Tag[] {
  const tags = texts.map(tagIn);
  const keys = [ownerKey, ...tags.map(({ key }) => key.toLowerCase())];
  const twice = tags.find(({ key }, at) => keys.indexOf(key.toLowerCase()) < at + 1);
  if (twice) throw invalidTag(`--tag has the key ${shown(twice.key)} twice`);
  if (keys.length > mostTags)
    throw invalidTag(`the resources would have ${keys.length} tags, and AWS accepts ${mostTags}`);
  return tags;
}

const mostTags = 50;

function invalidTag(why: string): EksX509Error {
  return usageError("SETUP_TAG_INVALID", why, "Write it as KEY=VALUE: team=platform.");
}

function tagIn(text: string): Tag {
  const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const isShort = key.length <= 128 && value.length <= longestTag;
  if (key !== "" && isShort && characters.test(key + value) && !/^aws:/i.test(key)) return { key, value };
  throw invalidTag(`--tag ${shown(text)} is not a tag`);
}
