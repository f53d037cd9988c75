/** What can go wrong between here and the server, told apart by cause, with what to do about each. */
import { EksX509Error, type Hop } from "../errors.ts";
import { systemCode } from "../system-error.ts";

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

/** The exchange, retries included, took longer than it may. */
export class DeadlinePassed extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`no answer within ${seconds} s`);
    this.seconds = seconds;
  }
}

/** For an answer that is none of the service's. */
export const wrongServerHint =
  "Something between this machine and AWS may have answered in its place. Check --endpoint, AWS_ENDPOINT_URL and the proxy.";

interface Fault {
  code: string;
  message: string;
  hint: string;
}

export interface Destination {
  hop: Hop;
  /** `Roles Anywhere`. */
  service: string;
  url: URL;
  /** Host and port. */
  proxy: string | undefined;
}

/** @param error what an exchange threw */
export function networkError(error: unknown, destination: Destination): EksX509Error {
  return new EksX509Error({
    category: "network",
    hop: destination.hop,
    ...faultOf(error, destination),
    cause: error,
  });
}

function faultOf(error: unknown, destination: Destination): Fault {
  const { url, service } = destination;
  if (error instanceof ProxyRefusal) return proxyRefused(error, destination);
  if (error instanceof DeadlinePassed) return deadlinePassed(error, destination);
  if (error instanceof ResponseTooLarge) {
    return {
      code: "RESPONSE_TOO_LARGE",
      message: `${url.host} answered with ${error.message}, which is no answer of ${service}'s`,
      hint: wrongServerHint,
    };
  }
  return connectionFault(nodeCode(error), destination);
}

function connectionFault(code: string, { url, proxy, service }: Destination): Fault {
  const where = proxy === undefined ? url.host : `${url.host} through proxy ${proxy}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return {
      code: "DNS_FAILED",
      message: `the name ${proxy ?? url.hostname} cannot be resolved (${code})`,
      hint: `Check the region, the endpoint${proxy === undefined ? "" : ", the proxy"} and this machine's DNS.`,
    };
  }
  if (isHandshakeCode(code)) {
    return {
      code: "TLS_FAILED",
      message: `no TLS connection to ${where} came about (${code})`,
      hint: "Something there speaks no TLS, or none that Node does. Check the port of the endpoint, and what lies between this machine and AWS.",
    };
  }
  if (isTrustCode(code)) {
    return {
      code: "TLS_UNTRUSTED",
      message: `the TLS certificate of ${where} is not trusted (${code})`,
      hint: "If a proxy of your company inspects TLS, give its CA in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS.",
    };
  }
  if (code === "ECONNREFUSED") {
    return {
      code: "CONNECTION_REFUSED",
      message: `${where} refuses connections`,
      hint: `Check that ${proxy === undefined ? "the endpoint" : "the proxy"} is right, and that a firewall lets this machine reach it.`,
    };
  }
  return {
    code: "CONNECTION_FAILED",
    message: `the connection to ${where} failed${code ? ` (${code})` : ""} before ${service} had answered`,
    hint: "Check the network, the proxy and the firewall between this machine and AWS.",
  };
}

function proxyRefused({ status }: ProxyRefusal, { url, proxy }: Destination): Fault {
  return {
    code: "PROXY_REFUSED",
    message: `the proxy ${proxy ?? ""} answered ${status} in place of a connection to ${url.host}`,
    hint:
      status === 407
        ? "The proxy asks for a user name and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT."
        : `Ask for ${url.hostname} to be allowed on the proxy, or add it to NO_PROXY.`,
  };
}

function deadlinePassed({ seconds }: DeadlinePassed, { url, proxy, service }: Destination): Fault {
  return {
    code: "NO_ANSWER",
    message: `${service} did not answer within ${seconds} seconds (${url.host}${proxy === undefined ? "" : ` through proxy ${proxy}`})`,
    hint: "Check that a firewall lets this machine reach it, and whether HTTPS_PROXY should be set.",
  };
}

/** The `code` of a Node error, or of the error that caused it. */
export function nodeCode(error: unknown): string {
  const code = systemCode(error);
  if (code !== "" || !(error instanceof Error)) return code;
  if (error.name === "TimeoutError") return "ETIMEDOUT";
  return error instanceof AggregateError ? nodeCode(error.errors[0]) : nodeCode(error.cause);
}

/** OpenSSL's verification codes, as Node names them, and Node's own for a wrong host name. */
function isTrustCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|CRL|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/.test(code);
}

/** OpenSSL's and Node's codes for what goes wrong before there is a certificate to check. */
function isHandshakeCode(code: string): boolean {
  return /^(EPROTO$|ERR_SSL|ERR_TLS_(?!CERT))/.test(code);
}
