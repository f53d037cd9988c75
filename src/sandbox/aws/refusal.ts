/** The answers of AWS's services that are JSON, and the refusals of all of them. */
import type { WireResponse } from "../wire.ts";

/** A request that AWS answers with an error. The checks throw it, and each service turns it into an answer. */
export interface RefusalFields {
  status: number;
  /** The service's error code, for example `AccessDeniedException`. */
  code: string;
  /** The message for the caller, in AWS's own words. */
  message: string;
  /** The reason for the sandbox's log, because AWS's message seldom contains it. Never a secret. */
  why?: string;
}

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly why: string;

  constructor({ status, code, message, why }: RefusalFields) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.why = why ?? message;
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
