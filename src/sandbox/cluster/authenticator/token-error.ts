/** Why the authenticator refuses a token: the very words of the real one, which its log and `verify` print. */

/** `format`: before any request; `sts`: STS refused; `throttled`: STS asks to come later. */
export type TokenErrorKind = "format" | "sts" | "throttled";

const openings: Readonly<Record<TokenErrorKind, string>> = {
  format: "input token was not properly formatted",
  sts: "sts getCallerIdentity failed",
  throttled: "sts getCallerIdentity was throttled",
};

export class TokenError extends Error {
  readonly kind: TokenErrorKind;
  /** The same without the presigned URL, which the real one quotes when it cannot be parsed: for logs. */
  readonly why: string;

  constructor(kind: TokenErrorKind, reason: string, why = reason) {
    super(`${openings[kind]}: ${reason}`);
    this.name = "TokenError";
    this.kind = kind;
    this.why = `${openings[kind]}: ${why}`;
  }
}

export function formatError(reason: string, why?: string): TokenError {
  return new TokenError("format", reason, why);
}
