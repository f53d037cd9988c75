/** A file with a trust policy: the document, alone or URL-encoded (RFC 3986), or the output of `aws iam get-role`. */
import { ArnProblem, parseRoleArn } from "../aws/arn.ts";
import { isObject } from "../foundation/json.ts";
import { DocumentProblem, uniqueJson } from "./json-text.ts";
import { trustPolicyIn, type TrustPolicy } from "./policy.ts";

export interface RoleFile {
  policy: TrustPolicy;
  /** JSON. */
  document: string;
  /** What the output of get-role has in addition. */
  role: { arn: string; maxSessionDuration: number | undefined } | undefined;
}

export function roleFileIn(content: string): RoleFile | DocumentProblem {
  const json = jsonIn(content);
  if (json instanceof DocumentProblem) return json;
  const { value } = json;
  const role = isObject(value) && isObject(value["Role"]) ? value["Role"] : value;
  if (!isObject(role) || !("AssumeRolePolicyDocument" in role)) return fileOf(value, undefined);
  const { Arn: text, MaxSessionDuration: seconds, AssumeRolePolicyDocument: document } = role;
  const arn = typeof text === "string" ? parseRoleArn(text) : undefined;
  if (arn instanceof ArnProblem) return new DocumentProblem(`has a role whose Arn ${arn.why}`);
  const maxSessionDuration = typeof seconds === "number" ? seconds : undefined;
  const named = arn && { arn: arn.text, maxSessionDuration };
  if (typeof document !== "string") return fileOf(document, named);
  const inner = jsonIn(document);
  return inner instanceof DocumentProblem ? inner : fileOf(inner.value, named);
}

function fileOf(document: unknown, role: RoleFile["role"]): RoleFile | DocumentProblem {
  const policy = trustPolicyIn(document);
  return policy instanceof DocumentProblem ? policy : { policy, document: JSON.stringify(document), role };
}

/** IAM's API returns the document URL-encoded. */
function jsonIn(text: string): { value: unknown } | DocumentProblem {
  const plain = text.trim();
  if (!/^"?%7B/i.test(plain)) return uniqueJson(plain);
  try {
    return uniqueJson(decodeURIComponent(plain.replace(/^"|"$/g, "")));
  } catch {
    return new DocumentProblem("is not URL-encoded as IAM's is");
  }
}
