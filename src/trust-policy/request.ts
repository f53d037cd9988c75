/**
 * The request that Roles Anywhere makes to STS for a certificate, by the condition keys that a trust policy sees. IAM Roles Anywhere user
 * guide, "Trust model" and "Trusted identity propagation"; IAM user guide, "AWS global condition context keys".
 */
import { wholeSeconds } from "../foundation/duration.ts";
import {
  canMean,
  hasUndocumentedName,
  isAcceptedSourceIdentity,
  keptTags,
  tagCharacters,
  type SessionIdentity,
} from "../identity/session-identity.ts";
import type { ValueForm } from "./operators.ts";

export const rolesAnywhere = "rolesanywhere.amazonaws.com";

/** All three are made at once: it tags each session and sets its source identity. */
export const requestedActions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] as const;

export interface TrustRequest {
  session: SessionIdentity;
  /** Undefined if nobody says it. The keys that depend on it are then unknown. */
  trustAnchorArn?: string | undefined;
  sourceIp?: string | undefined;
  now: Date;
  /** aws:OriginIdentity/Subject: null without trusted identity propagation, undefined if the profile is not known. */
  originSubject?: string | null | undefined;
}

/** What the request has of a condition key. */
export type Given =
  | { kind: "values"; values: readonly string[]; form: ValueForm; isList?: boolean }
  | { kind: "absent"; why: string }
  | { kind: "unknown"; why: string };

/** By the key in lower case, since key names are not case-sensitive. */
export type RequestContext = (key: string) => Given;

export function requestContext(request: TrustRequest): RequestContext {
  return keyed(
    keysOf(request),
    (key, name) => tagIn(name, request.session) ?? absentByNature(name) ?? unknownKey(key, name),
  );
}

/** @param others of a key that is not among these, and of its name in lower case */
export function keyed(
  known: readonly (readonly [key: string, given: Given])[],
  others: (key: string, name: string) => Given,
): RequestContext {
  const keys = new Map(known.map(([key, given]) => [key.toLowerCase(), given]));
  return (key) => keys.get(key.toLowerCase()) ?? others(key, key.toLowerCase());
}

function keysOf({
  session,
  trustAnchorArn,
  sourceIp,
  now,
  originSubject,
}: TrustRequest): readonly [string, Given][] {
  const { roleSessionName, sourceIdentity } = session;
  const account = trustAnchorArn?.split(":")[4];
  const sent = keptTags(session);
  return [
    ["aws:SourceArn", trustAnchorArn === undefined ? unsaid("--trust-anchor-arn") : values(trustAnchorArn)],
    ["aws:SourceAccount", account === undefined ? unsaid("--trust-anchor-arn") : values(account)],
    ["aws:SourceIp", sourceIp === undefined ? unsaid("--source-ip") : values(sourceIp, "address")],
    ["aws:CurrentTime", values(wholeSeconds(now), "date")],
    ["aws:EpochTime", values(String(Math.floor(now.getTime() / 1000)), "number")],
    ["aws:SecureTransport", values("true", "boolean")],
    ["aws:PrincipalIsAWSService", values("true", "boolean")],
    ["aws:PrincipalServiceName", values(rolesAnywhere)],
    ["sts:RoleSessionName", values(roleSessionName)],
    [
      "sts:SourceIdentity",
      sourceIdentity === undefined || !isAcceptedSourceIdentity(sourceIdentity)
        ? unknown("the source identity for such a common name is not documented")
        : values(sourceIdentity),
    ],
    ["aws:TagKeys", tagKeys(sent.map(({ key }) => key))],
    ["aws:OriginIdentity/Subject", origin(originSubject)],
  ];
}

function tagKeys(keys: readonly string[]): Given {
  const undocumented = keys.find(hasUndocumentedName);
  if (undocumented !== undefined) return unknown(`the name of the tag ${undocumented} is not documented`);
  return { kind: "values", values: keys, form: "text", isList: true };
}

export function values(value: string, form: ValueForm = "text"): Given {
  return { kind: "values", values: [value], form };
}

export function unknown(why: string): Given {
  return { kind: "unknown", why };
}

function unsaid(option: string): Given {
  return unknown(`${option} is not given`);
}

function origin(subject: string | null | undefined): Given {
  if (subject === undefined) return unsaid("--profile");
  if (subject === null) return absent("the profile does not propagate a trusted identity");
  return values(subject);
}

export function absent(why: string): Given {
  return { kind: "absent", why };
}

/** A session's tags are both: the request's, and those of the principal that the trust policy judges. */
function tagIn(name: string, { sessionTags }: SessionIdentity): Given | undefined {
  const [, key] = /^aws:(?:principaltag|requesttag)\/(.+)$/s.exec(name) ?? [];
  if (key === undefined) return undefined;
  if (!tagCharacters.test(key)) return unknown("no tag can have this name");
  if (canMean(key, sessionTags))
    return unknown("AWS does not document the name of the tag for such an attribute");
  const tag = sessionTags.find((each) => each.key.toLowerCase() === key);
  if (!tag) return absent("the session has no such tag");
  if (tag.leftOut === undefined) return values(tag.value);
  const why = tag.leftOut === "length" ? "is too long" : "has characters that STS does not accept";
  return absent(`Roles Anywhere omits the tag, because its value ${why}`);
}

/** Keys of other kinds of requests. A policy that was copied from one of them waits for them in vain. */
const ofOtherRequests: readonly (readonly [RegExp, string])[] = [
  [/^sts:externalid$/, "Roles Anywhere sends no external ID"],
  [/^aws:multifactorauth(present|age)$/, "a service's request has no MFA"],
  [/^aws:(username|tokenissuetime)$/, "only a user's or a session's request has it"],
  [/^aws:principalorg(id|paths)$/, "the principal is a service, which is in no organization"],
  [/^saml:/, "only a SAML federation has it"],
];

function absentByNature(name: string): Given | undefined {
  const [, why] = ofOtherRequests.find(([form]) => form.test(name)) ?? [];
  return why === undefined ? undefined : absent(why);
}

function unknownKey(key: string, name: string): Given {
  const isOurs = /^(aws|sts|iam):/.test(name);
  return unknown(
    isOurs ? `whether this request has ${key} is not documented` : `${key} is not a key of this request`,
  );
}
