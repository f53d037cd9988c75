/**
 * The one error type. Every failure tells the hop that failed, a stable code, what was wrong with which
 * input, and what to do next. Messages and hints never hold key material, tokens, signatures or presigned URLs.
 */

/** Where on the way from kubectl to the cluster a failure happened. */
export type Hop =
  | "configuration"
  | "exec-info"
  | "certificate"
  | "private-key"
  | "cache"
  | "create-session"
  | "session"
  | "token"
  | "kubeconfig"
  | "plugin"
  | "sts"
  | "mapping"
  | "eks"
  | "api-server"
  | "authorization"
  | "sandbox"
  /** Of any command. */
  | "output";

/** What kind of failure it is; decides the exit code. */
export type Category = "usage" | "identity" | "network" | "refused" | "other";

/** Documented and stable: scripts depend on them. See docs/errors.md. */
export const exitCodes: Readonly<Record<Category, number>> = {
  other: 1,
  usage: 2,
  identity: 3,
  network: 4,
  refused: 5,
};

export interface Failure {
  category: Category;
  hop: Hop;
  /** Stable, upper case; listed with cause and cure in docs/errors.md. */
  code: string;
  /** What was wrong with which input. One sentence, no full stop at the end. */
  message: string;
  /** What to do next. Full sentences. */
  hint: string;
  cause?: unknown;
}

export class EksX509Error extends Error {
  readonly category: Category;
  readonly hop: Hop;
  readonly code: string;
  readonly hint: string;

  constructor({ category, hop, code, message, hint, cause }: Failure) {
    super(message, { cause });
    this.name = "EksX509Error";
    this.category = category;
    this.hop = hop;
    this.code = code;
    this.hint = hint;
  }
}
