import { DocumentProblem } from "../../src/trust-policy/json-text.ts";
import { trustPolicyIn, type TrustPolicy } from "../../src/trust-policy/policy.ts";

/** One statement that lets Roles Anywhere in. */
export function trusting(
  Action: string | readonly string[],
  Condition: Readonly<Record<string, object>> = {},
): TrustPolicy {
  const Principal = { Service: "rolesanywhere.amazonaws.com" };
  return policyOf({ Effect: "Allow", Principal, Action, Condition });
}

export function policyOf(...Statement: readonly object[]): TrustPolicy {
  const policy = trustPolicyIn({ Version: "2012-10-17", Statement });
  if (policy instanceof DocumentProblem) throw new Error(policy.why);
  return policy;
}
