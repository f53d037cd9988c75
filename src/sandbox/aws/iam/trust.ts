/** How the sandbox decides by a role's trust policy. AWS gives no reason, so the sandbox's log has it. */
import type { Decision } from "../../../trust-policy/decision.ts";
import { reasonsOf } from "../../../trust-policy/reasons.ts";

/** Every client of the sandbox is on the same machine. */
export const sourceIp = "127.0.0.1";

/** Undefined if the policy allows. A policy that cannot be judged refuses. */
export function whyRefused(decision: Decision): string | undefined {
  if (decision.verdict === "allowed") return undefined;
  const unknown = decision.verdict === "unknown" ? "the trust policy cannot be judged: " : "";
  return `${unknown}${reasonsOf(decision).join("; ")}`;
}
