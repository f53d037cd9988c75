/** The answers of AWS's services that are JSON, and the refusals of all of them. */
import type { WireResponse } from "../wire.ts";

/** A request that AWS answers with an error. The checks throw it, and each service turns it into an answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly why: string;

  /**
   * @param code the service's error code, for example `AccessDeniedException`
   * @param message for the caller, in AWS's own words
   * @param why the reason for the sandbox's log, because AWS's message seldom contains it. Never a secret
   */
  constructor(status: number, code: string, message: string, why = message) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.why = why;
  }
}

/** An answer of Roles Anywhere or EKS, also a refusal. STS has its own form. */
export function json(
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  const body = JSON.stringify(content);
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}
