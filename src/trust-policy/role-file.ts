/** A file with a trust policy: the document, alone or URL-encoded (RFC 3986), or the output of `aws iam get-role`. */
import { isObject } from "../foundation/json.ts";
import { DocumentProblem, uniqueJson } from "./json-text.ts";
import { trustPolicyIn, type TrustPolicy } from "./policy.ts";

export interface RoleFile {
  policy: TrustPolicy;
  /** What the output of get-role has in addition. */
  role: { arn: string; maxSessionDuration: number | undefined } | undefined;
}

export function roleFileIn(text: string): RoleFile | DocumentProblem {
  const json = jsonIn(text);
  if (json instanceof DocumentProblem) return json;
  const { value } = json;
  const role = isObject(value) && isObject(value["Role"]) ? value["Role"] : value;
  if (!isObject(role) || !("AssumeRolePolicyDocument" in role)) return fileOf(value, undefined);
  const { Arn: arn, MaxSessionDuration: seconds, AssumeRolePolicyDocument: document } = role;
  const named =
    typeof arn === "string"
      ? { arn, maxSessionDuration: typeof seconds === "number" ? seconds : undefined }
      : undefined;
  if (typeof document !== "string") return fileOf(document, named);
  const inner = jsonIn(document);
  return inner instanceof DocumentProblem ? inner : fileOf(inner.value, named);
}

function fileOf(document: unknown, role: RoleFile["role"]): RoleFile | DocumentProblem {
  const policy = trustPolicyIn(document);
  return policy instanceof DocumentProblem ? policy : { policy, role };
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
