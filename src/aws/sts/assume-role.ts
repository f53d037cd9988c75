/**
 * STS AssumeRole with the session of another role (role chaining).
 * STS API reference, AssumeRole; IAM user guide, "Roles terms and concepts", role chaining.
 */
import { extendedEncodeURIComponent } from "@smithy/core/protocols";
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import { timeIn } from "../../foundation/duration.ts";
import type { Http } from "../../http/client.ts";
import type { Answer } from "../../http/exchange.ts";
import { wrongServer } from "../../http/faults.ts";
import type { RoleArn } from "../arn.ts";
import type { RoleSession } from "../credentials.ts";
import { unexpected } from "../json-errors.ts";
import type { Region } from "../partition.ts";
import { signatureOf, signedRequest } from "../signed-request.ts";
import { parseAssumedRole, stsErrorIn } from "./answer.ts";
import { assumeRoleRefusal } from "./assume-role-refusal.ts";
import { isStsThrottling } from "./refusal.ts";

export interface AssumeRoleParameters {
  role: RoleArn;
  externalId: string | undefined;
  /** The first session's name if undefined, so that the audit trails of both accounts have one name. */
  sessionName: string | undefined;
}

export interface AssumeRoleCaller {
  session: RoleSession;
  region: Region;
  endpoint: URL;
}

export interface AssumedSession extends RoleSession {
  expiration: Date;
}

/** Seconds. STS refuses more for a caller that is a role's session itself. */
export const longestChained = 3600;

/** @returns with the seconds that were requested: at most an hour */
export async function assumeRole(
  { durationSeconds, ...parameters }: AssumeRoleParameters & { durationSeconds: number },
  caller: AssumeRoleCaller,
  { http, clock }: { http: Http; clock: () => Date },
): Promise<AssumedSession & { seconds: number }> {
  const { session, region, endpoint } = caller;
  const { credentials, assumedRoleArn } = session;
  const secrets = [credentials.secretAccessKey, credentials.sessionToken];
  const seconds = Math.min(durationSeconds, longestChained);
  const body = form({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: parameters.role.text,
    RoleSessionName: parameters.sessionName ?? sessionNameOf(assumedRoleArn),
    DurationSeconds: String(seconds),
    ...(parameters.externalId !== undefined && { ExternalId: parameters.externalId }),
  });
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const answer = await http({
    hop: "sts",
    service: "STS",
    endpoint,
    request: async () => {
      const signing = { service: "sts" as const, region, credentials, now: clock() };
      const request = await signedRequest(
        { method: "POST", url: new URL("/", endpoint), headers, body },
        signing,
      );
      secrets.push(...signatureOf(request));
      return request;
    },
    throttles: isStsThrottling,
  });
  if (answer.status === 200) return { ...assumedIn(answer, clock()), seconds };
  const circumstances = { ...parameters, seconds, caller: assumedRoleArn, answer, now: clock(), secrets };
  const error = stsErrorIn(answer);
  throw error ? assumeRoleRefusal(error, circumstances) : unexpected(answer, "STS", endpoint, secrets);
}

function form(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${extendedEncodeURIComponent(value)}`)
    .join("&");
}

/** `arn:aws:sts::…:assumed-role/ROLE/SESSION`. */
function sessionNameOf(assumedRoleArn: string): string {
  const name = assumedRoleArn.split("/").at(-1) ?? "";
  return /^[\w+=,.@-]{2,64}$/.test(name) ? name : "eks-x509";
}

function assumedIn({ body }: Answer, now: Date): AssumedSession {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, arn } = parseAssumedRole(body);
  const session = {
    credentials: {
      accessKeyId: known(accessKeyId, "AccessKeyId", /^[A-Z0-9]{16,128}$/),
      secretAccessKey: known(secretAccessKey, "SecretAccessKey", /^[\x21-\x7e]+$/),
      sessionToken: known(sessionToken, "SessionToken", /^[\x21-\x7e]+$/),
    },
    assumedRoleArn: known(arn, "Arn", /^arn:[\x21-\x7e]+$/),
  };
  const end = timeIn(expiration ?? "");
  if (!end) throw malformed("Expiration");
  return unexpired({ ...session, expiration: end }, now);
}

function known(value: string | undefined, field: string, form: RegExp): string {
  if (value !== undefined && form.test(value)) return value;
  throw malformed(field);
}

const failed = errorsOf("network", "assume-role");

/** Names only the field, because the answer can contain a secret. */
function malformed(field: string): EksX509Error {
  return failed(
    "ASSUME_ROLE_MALFORMED",
    `STS's answer to AssumeRole is not a session: ${field} is missing or malformed`,
    wrongServer("STS"),
  );
}

function unexpired(session: AssumedSession, now: Date): AssumedSession {
  if (session.expiration > now) return session;
  throw failed(
    "ASSUME_ROLE_EXPIRED",
    `STS returned a session that expired at ${session.expiration.toISOString()}, according to this machine's clock`,
    "Check this machine's clock.",
  );
}
