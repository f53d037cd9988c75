/** Keeps the secrets that the sandbox issues and receives out of its log and its trail, whatever a client repeats. */
import { readTexts } from "../foundation/confidential/characters.ts";
import { Confidential } from "../foundation/confidential.ts";
import { Secrets } from "../foundation/secrets.ts";
import { parameter, parseParameters, uriDecode } from "./aws/signature/parameters.ts";
import type { SandboxCertificates } from "./sandbox-certificates.ts";
import type { Handler, WireEvent, WireRequest } from "./wire.ts";

/** The filter's memory grows with the number of secrets, so it forgets old ones. It always knows at least this number. */
const mostRecent = 64;

class RecentSecrets {
  #secrets = new Secrets();
  filters: readonly Confidential[] = [new Confidential(this.#secrets)];

  add(...texts: readonly string[]): void {
    if (this.#secrets.size >= mostRecent) {
      this.#secrets = new Secrets();
      this.filters = [new Confidential(this.#secrets), ...this.filters.slice(0, 1)];
    }
    this.#secrets.add(...texts);
  }
}

export class OwnSecrets {
  readonly #lasting: Confidential;
  readonly #issued = new RecentSecrets();
  /** Apart from the issued ones, so that a client that sends many does not displace those. */
  readonly #received = new RecentSecrets();

  /** @param secrets those of the process, to which the private keys are added */
  constructor(secrets: Secrets, certificates: SandboxCertificates) {
    for (const { privateKey } of Object.values(certificates)) secrets.add(privateKey);
    this.#lasting = new Confidential(secrets);
  }

  add(...issued: readonly string[]): void {
    this.#issued.add(...issued);
  }

  /** A handler that adds the secrets of each request first. */
  noting(handler: Handler): Handler {
    return (request) => {
      for (const text of received(request)) this.#windowOf(text).add(text);
      return handler(request);
    };
  }

  /** An EKS token that contains an issued session token stays as long as that. */
  #windowOf(text: string): RecentSecrets {
    const isOwn = text.startsWith("k8s-aws-v1.") && this.#issued.filters.some((filter) => filter.isIn(text));
    return isOwn ? this.#issued : this.#received;
  }

  event({ what, who, why, ...event }: WireEvent): WireEvent {
    const [cleanWhat = "", cleanWho = "", cleanWhy = ""] = this.texts([this.#readable(what), who, why]);
    return { ...event, what: cleanWhat, who: cleanWho, why: cleanWhy };
  }

  /** A path can contain a secret in percent-encoding of another spelling. */
  #readable(path: string): string {
    const decoded = uriDecode(path) ?? path;
    if (decoded === path) return path;
    return this.#filters.some((filter) => filter.isIn(decoded)) ? decoded : path;
  }

  get #filters(): readonly Confidential[] {
    return [this.#lasting, ...this.#issued.filters, ...this.#received.filters];
  }

  texts(texts: readonly string[]): readonly string[] {
    return this.#filters.reduce((rest, filter) => filter.clean(rest), readTexts(texts)).texts;
  }
}

function received({ headers, rawQuery, body }: WireRequest): string[] {
  const query = parseParameters(rawQuery) ?? [];
  const authorization = headers.get("authorization") ?? "";
  return [
    /^(?:bearer|basic)\s+(.+)/i.exec(authorization)?.[1],
    /Signature=([^,\s]+)/.exec(authorization)?.[1],
    headers.get("x-amz-security-token"),
    parameter(query, "X-Amz-Signature"),
    parameter(query, "X-Amz-Security-Token"),
    // A TokenReview.
    /"token"\s*:\s*"([^"]+)"/.exec(body.toString("latin1"))?.[1],
  ].filter((text) => text !== undefined);
}
