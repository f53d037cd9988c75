/** The session tokens of IMDSv2. Only their hashes are kept, so that a look-up reveals nothing by its time. */
import { randomBytes } from "node:crypto";
import type { Sha256 } from "../foundation/ports.ts";

/** As many as AWS's own helper keeps. A client whose token is dropped gets a 401 and requests another one. */
const mostTokens = 256;

/** Seconds, in the documentation of IMDSv2. */
export const longestTtl = 21_600;

/** 100 characters of base64 without padding, as AWS's own helper issues them. */
export function randomToken(): string {
  return randomBytes(75).toString("base64");
}

interface TokenPorts {
  /** A new token, which cannot be guessed. */
  create: () => string;
  sha256: Sha256;
}

export class MetadataTokens {
  readonly #ports: TokenPorts;
  /** Hash → end, by the uptime, which nobody can set. The oldest one is the first. */
  readonly #ends = new Map<string, number>();

  constructor(ports: TokenPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#ends.size;
  }

  /** @param ttl in seconds */
  issue(ttl: number, uptime: number): string {
    const token = this.#ports.create();
    this.#makeSpace(uptime);
    this.#ends.set(this.#ports.sha256(token), uptime + ttl * 1_000);
    return token;
  }

  /** Undefined for a token that is unknown or has expired. */
  secondsLeft(token: string, uptime: number): number | undefined {
    const end = this.#ends.get(this.#ports.sha256(token));
    return end === undefined || end <= uptime ? undefined : Math.floor((end - uptime) / 1_000);
  }

  #makeSpace(uptime: number): void {
    if (this.#ends.size < mostTokens) return;
    for (const [hash, end] of this.#ends) if (end <= uptime) this.#ends.delete(hash);
    for (const hash of this.#ends.keys()) {
      if (this.#ends.size < mostTokens) return;
      this.#ends.delete(hash);
    }
  }
}
