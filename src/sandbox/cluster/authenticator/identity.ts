/** Who STS says a token is from. */
import { quoted, bytesOf } from "./byte-string.ts";
import { canonicalArn } from "./canonical-arn.ts";
import { jsonMember, parseJson } from "../../json-value.ts";
import { TokenError } from "./token-error.ts";
import type { TokenForm } from "./token-form.ts";

export interface Identity {
  arn: string;
  /** The IAM ARN that aws-auth matches. */
  canonicalArn: string;
  accountId: string;
  /** `AROA…`, or the whole UserId of a user. */
  userId: string;
  /** Empty for users and root. */
  sessionName: string;
  accessKeyId: string;
  stsEndpoint: string;
}

export interface StsAnswer {
  status: number;
  body: string;
}

/** @throws {TokenError} of kind `throttled` or `sts`. */
export function readIdentity(
  { status, body }: StsAnswer,
  { host, region, accessKeyId }: TokenForm,
): Identity {
  if (status !== 200) throw stsError(status, body, region);
  const content = parseJson(body);
  if (content === undefined) throw new TokenError("sts", "answer is not JSON");
  const answer = jsonMember(content, "GetCallerIdentityResponse");
  const result = jsonMember(answer, "GetCallerIdentityResult");
  const arn = textMember(result, "Arn");
  const canonical = canonicalArn(arn);
  const wholeUserId = textMember(result, "UserId");
  return {
    arn,
    canonicalArn: canonical.arn,
    accountId: textMember(result, "Account"),
    ...(canonical.isRole ? splitUserId(wholeUserId) : { userId: wholeUserId, sessionName: "" }),
    accessKeyId,
    stsEndpoint: host,
  };
}

/** Of a role: `AROA…:session name`. */
function splitUserId(whole: string): Pick<Identity, "userId" | "sessionName"> {
  const [userId = "", sessionName, ...rest] = whole.split(":");
  if (sessionName !== undefined && rest.length === 0) return { userId, sessionName };
  throw new TokenError("sts", `malformed UserID ${quoted(bytesOf(whole))}`);
}

function textMember(value: unknown, name: string): string {
  const member = jsonMember(value, name);
  return typeof member === "string" ? member : "";
}

/** The word is looked for anywhere in the body, as the real one does. */
function stsError(status: number, body: string, region: string): TokenError {
  if (body.includes("Throttling")) return new TokenError("throttled", body);
  return new TokenError(
    "sts",
    `error from AWS (expected 200, got ${status}) on ${region} endpoint. Body: ${body}`,
  );
}
