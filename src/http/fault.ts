/** The faults between this machine and the server, distinguished by cause, with a hint for each. */
import { EksX509Error } from "../foundation/errors.ts";
import { systemCode } from "../foundation/system-error.ts";
import { hintFor, wrongServer, type Way } from "./fault-hints.ts";
import { faultCodes, type FaultKind } from "./service.ts";

export class ProxyRefusal extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.status = status;
  }
}

export class ResponseTooLarge extends Error {
  constructor(limit: number) {
    super(`more than ${limit} bytes`);
  }
}

/** The exchange with its retries exceeded the time limit. */
export class DeadlinePassed extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`no answer within ${seconds} s`);
    this.seconds = seconds;
  }
}

/** For an answer that does not come from Roles Anywhere. */
export const wrongServerHint = wrongServer("Roles Anywhere");

export interface Destination extends Way {
  hop: "create-session" | "sts" | "eks" | "api-server";
}

/** @param error the error of an exchange */
export function networkError(error: unknown, { hop, ...way }: Destination): EksX509Error {
  const kind = kindOf(error);
  return new EksX509Error({
    category: "network",
    hop,
    code: faultCodes[way.service][kind],
    message: messages[kind](way, error),
    hint: hintFor(kind, way),
    cause: error,
  });
}

function kindOf(error: unknown): FaultKind {
  if (error instanceof ProxyRefusal) return error.status === 407 ? "proxyStranger" : "proxyRefused";
  if (error instanceof DeadlinePassed) return "silent";
  if (error instanceof ResponseTooLarge) return "tooLarge";
  return kindOfConnectionFault(nodeCode(error));
}

function kindOfConnectionFault(code: string): FaultKind {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unresolved";
  if (isHandshakeCode(code)) return "handshake";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "otherName";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return "outdated";
  if (isTrustCode(code)) return "untrusted";
  return code === "ECONNREFUSED" ? "refused" : "broken";
}

const notTrusted = (way: Way, error: unknown): string =>
  `the TLS certificate of ${where(way)} is not trusted (${nodeCode(error)})`;

const proxyAnswered = ({ url, proxy }: Way, error: unknown): string =>
  `the proxy ${proxy ?? ""} answered ${error instanceof ProxyRefusal ? error.status : ""} instead of connecting to ${url.host}`;

const messages: Readonly<Record<FaultKind, (way: Way, error: unknown) => string>> = {
  unresolved: ({ url, proxy }, error) =>
    `the name ${proxy ?? url.hostname} cannot be resolved (${nodeCode(error)})`,
  refused: (way) => `${where(way)} refuses connections`,
  broken: (way, error) => {
    const code = nodeCode(error);
    return `the connection to ${where(way)} failed${code ? ` (${code})` : ""} before ${way.service} had answered`;
  },
  silent: ({ url, proxy, service }, error) => {
    const seconds = error instanceof DeadlinePassed ? ` within ${error.seconds} seconds` : "";
    const through = proxy === undefined ? "" : ` through proxy ${proxy}`;
    return `${service} did not answer${seconds} (${url.host}${through})`;
  },
  untrusted: notTrusted,
  otherName: notTrusted,
  outdated: notTrusted,
  handshake: (way, error) => `the TLS handshake with ${where(way)} failed (${nodeCode(error)})`,
  proxyRefused: proxyAnswered,
  proxyStranger: proxyAnswered,
  tooLarge: ({ url, service }, error) =>
    `${url.host} answered with ${error instanceof Error ? error.message : ""}, which is not an answer of ${service}`,
};

function where({ url, proxy }: Way): string {
  return proxy === undefined ? url.host : `${url.host} through proxy ${proxy}`;
}

/** The `code` of a Node error, or of its cause. */
export function nodeCode(error: unknown): string {
  const code = systemCode(error);
  if (code !== "" || !(error instanceof Error)) return code;
  if (error.name === "TimeoutError") return "ETIMEDOUT";
  return error instanceof AggregateError ? nodeCode(error.errors[0]) : nodeCode(error.cause);
}

/** OpenSSL's verification codes under Node's names, and Node's own code for a wrong host name. */
function isTrustCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|CRL|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/.test(code);
}

/** OpenSSL's and Node's codes for failures before a certificate is checked. */
function isHandshakeCode(code: string): boolean {
  return /^(EPROTO$|ERR_SSL|ERR_TLS_(?!CERT))/.test(code);
}
