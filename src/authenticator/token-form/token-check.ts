/** The checks by name, and what one of them finds. */
import type { CodeOf } from "../../foundation/errors.ts";

/** What the verifier checks before it asks STS, in its order (aws-iam-authenticator, pkg/token, Verify). */
export const tokenCheckNames = [
  "length",
  "prefix",
  "base64url",
  "url",
  "scheme",
  "host",
  "path",
  "query",
  "parameters-once",
  "parameters-known",
  "action",
  "cluster-header",
  "expires",
  "date",
  "age",
] as const;

export type TokenCheckName = (typeof tokenCheckNames)[number];

export interface TokenCheck {
  name: TokenCheckName;
  status: "ok" | "failed" | "not-reached";
  /** Of a failed one; stable, from docs/errors.md. */
  code?: CodeOf<"refused", "token">;
  /** What was found; never a part of the signature or of the session token. Empty when not reached. */
  why: string;
  /** What to do; empty unless failed. */
  hint: string;
}

/** What the token fails by. */
export interface FailedCheck extends TokenCheck {
  status: "failed";
  code: CodeOf<"refused", "token">;
}

/** A string is what was found in order. */
export type Finding = string | Fault;

export interface Fault {
  code: CodeOf<"refused", "token">;
  why: string;
  hint: string;
}
