/** A request that AWS answers with an error. Thrown by the checks, turned into an answer by each service. */
export interface RefusalFields {
  status: number;
  /** The service's error code, as in `AccessDeniedException`. */
  code: string;
  /** What the caller reads: AWS's own words. */
  message: string;
  /** What the sandbox's log says besides, because AWS's words seldom tell. Never a secret. */
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
