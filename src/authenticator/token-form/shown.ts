/**
 * The parts of a token that can be printed. In a damaged token, secrets can be anywhere: a lost `=` makes a signature part
 * of a name, and an additional `&` makes a piece of the session token a name. So only narrow known forms are printed.
 */
import { knownNames } from "./query.ts";

/** Of the parameters and headers that the SDKs are known to send. */
const names = new Set([
  ...knownNames,
  "x-k8s-aws-id",
  "host",
  "accept",
  "accept-encoding",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "content-length",
  "content-type",
  "user-agent",
  "x-amz-checksum-mode",
  "x-amz-content-sha256",
  "x-amz-region-set",
  "x-amz-source-account",
  "x-amz-source-arn",
  "x-amz-target",
  "x-amz-user-agent",
  "x-amzn-trace-id",
  "x-id",
]);

/** A DNS name without a run of hexadecimal digits, as in a signature, or of mixed letters, as in a session token. */
export function harmlessHost(host: string): string | undefined {
  return harmless("host", host) !== undefined && !host.split(".").some(looksRandom) ? host : undefined;
}

function looksRandom(label: string): boolean {
  const runs = label.match(/[0-9a-f]{8,}/gi) ?? [];
  return runs.some((run) => /\d/.test(run)) || (/[a-z]/.test(label) && /[A-Z]/.test(label));
}

const forms = {
  /** Of STS. */
  action:
    /^(?:AssumeRole(?:WithSAML|WithWebIdentity)?|DecodeAuthorizationMessage|Get(?:AccessKeyInfo|CallerIdentity|FederationToken|SessionToken))$/i,
  date: /^[0-9TZ:.+ -]{1,24}$/,
  host: /^[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){1,9}\.?(?::\d{0,5})?$/i,
  /** Access key ids are not secret: CloudTrail lists them. */
  keyId: /^A[A-Z]{3}[A-Z0-9]{12,28}$/,
  number: /^[+-]?[0-9.]{1,9}$/,
  region: /^[a-z]{2,8}(?:-[a-z]{1,16}){1,3}-\d{1,2}$/,
};

export function harmless(form: keyof typeof forms, value: string): string | undefined {
  return forms[form].test(value) ? value : undefined;
}

export function shown(form: keyof typeof forms, value: string): string {
  return harmless(form, value) ?? lengthOf(value);
}

export function shownName(name: string): string {
  return names.has(name.toLowerCase()) ? name : lengthOf(name);
}

export function shownHost(host: string): string {
  return harmlessHost(host) ?? lengthOf(host);
}

function lengthOf({ length }: string): string {
  return `(${length} characters, not shown)`;
}
