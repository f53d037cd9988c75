/** What can go wrong on the way to a server: each cause with its code, its message and its hint. */
import { EksX509Error } from "../foundation/errors.ts";
import { systemCode } from "../foundation/system-error.ts";

/** Whom a call asks, as messages name it. */
export type Service = "Roles Anywhere" | "STS" | "EKS" | "the API server";

const codes = {
  /** The name of the server, or of the proxy, does not resolve. */
  unresolved: "DNS_FAILED",
  refused: "CONNECTION_REFUSED",
  /** The connection ended before there was an answer. */
  broken: "CONNECTION_FAILED",
  silent: "NO_ANSWER",
  /** No trusted CA has issued the server's certificate. */
  untrusted: "TLS_UNTRUSTED",
  otherName: "TLS_NAME_DIFFERS",
  /** The server's certificate has expired, or is not valid yet. */
  outdated: "TLS_OUTDATED",
  handshake: "TLS_FAILED",
  proxyRefused: "PROXY_REFUSED",
  /** The proxy asks for a user name and a password, RFC 9110 §15.5.8. */
  proxyStranger: "PROXY_AUTHENTICATION",
  proxyPassword: "PROXY_PASSWORD_REFUSED",
  /** The proxy offers Negotiate or NTLM, and not Basic. */
  proxyScheme: "PROXY_SCHEME_UNSUPPORTED",
  tooLarge: "RESPONSE_TOO_LARGE",
} as const;

export type FaultKind = keyof typeof codes;

export const faultKinds = Object.keys(codes).filter((name): name is FaultKind => name in codes);

const prefixes = { "Roles Anywhere": "", STS: "STS_", EKS: "EKS_", "the API server": "API_" } as const;

/** No two causes share a code, and no two services. */
export function faultCode(service: Service, kind: FaultKind) {
  return `${prefixes[service]}${codes[kind]}` as const;
}

/** The proxy answered instead of connecting. */
export class ProxyRefusal extends Error {
  readonly kind: FaultKind;
  readonly status: number;

  /**
   * @param authenticate the answer's Proxy-Authenticate: the schemes that the proxy takes
   * @param hasCredentials whether the proxy was given a user name
   */
  constructor(status: number, authenticate: string, hasCredentials: boolean) {
    super(`the proxy answered ${status}`);
    this.status = status;
    this.kind = proxyKind(status, authenticate, hasCredentials);
  }
}

/** Some proxies answer 401 to a wrong password, tinyproxy for one; nobody else answers a CONNECT. */
function proxyKind(status: number, authenticate: string, hasCredentials: boolean): FaultKind {
  if (status !== 407 && status !== 401) return "proxyRefused";
  if (/^\s*\w/.test(authenticate) && !/\bbasic\b/i.test(authenticate)) return "proxyScheme";
  return hasCredentials ? "proxyPassword" : "proxyStranger";
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

/** The way to a server. */
export interface Way {
  service: Service;
  url: URL;
  /** Host and port. */
  proxy: string | undefined;
  /** The file whose CAs replace the default ones: AWS_CA_BUNDLE. */
  bundle?: string | undefined;
}

export interface Destination extends Way {
  hop: "create-session" | "sts" | "eks" | "api-server";
}

/** @param error the error of an exchange */
export function networkError(error: unknown, { hop, ...way }: Destination): EksX509Error {
  const kind = kindOf(error);
  return new EksX509Error({
    category: "network",
    hop,
    code: faultCode(way.service, kind),
    message: messages[kind](way, error),
    hint: hintFor(kind, way),
    cause: error,
  });
}

function kindOf(error: unknown): FaultKind {
  if (error instanceof ProxyRefusal) return error.kind;
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
  proxyPassword: proxyAnswered,
  proxyScheme: proxyAnswered,
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

type Hints = Readonly<Record<FaultKind, (way: Way) => string>>;

function hintFor(kind: FaultKind, way: Way): string {
  return (way.service === "the API server" ? apiServerHints : awsHints)[kind](way);
}

/** For an answer that does not come from the service. */
export function wrongServer(service: Service): string {
  return service === "the API server"
    ? "The server may not be a Kubernetes API server. Check the cluster's server in the kubeconfig, and the proxies on the way to it."
    : `Another server between this machine and AWS may have answered. Check ${override[service]} and the proxy.`;
}

const override: Readonly<Record<Exclude<Service, "the API server">, string>> = {
  "Roles Anywhere": "--endpoint, AWS_ENDPOINT_URL",
  STS: "AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL",
  EKS: "AWS_ENDPOINT_URL_EKS, AWS_ENDPOINT_URL",
};

const inspectingProxy =
  "If a proxy of your company inspects TLS, set AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS to its CA.";

const proxyHints = {
  proxyPassword:
    "The proxy refuses the user name and the password that were given. Check both, and percent-encode characters such as @, : and / in them (%40, %3A, %2F).",
  proxyScheme:
    "The proxy takes only other schemes, such as Negotiate or NTLM, and eks-x509 sends Basic alone. Ask for a way round the proxy, or run a local proxy that signs in to it (px, cntlm), and name that one.",
};

const awsHints: Hints = {
  unresolved: ({ proxy }) =>
    `Check the region, the endpoint${proxy === undefined ? "" : ", the proxy"} and this machine's DNS.`,
  refused: ({ proxy }) =>
    `Check that ${proxy === undefined ? "the endpoint" : "the proxy"} is right, and that a firewall lets this machine reach it.`,
  broken: () => "Check the network, the proxy and the firewall between this machine and AWS.",
  silent: () => "Check that a firewall lets this machine reach it, and whether HTTPS_PROXY should be set.",
  untrusted: ({ bundle }) =>
    bundle === undefined
      ? inspectingProxy
      : `AWS_CA_BUNDLE is set (${bundle.slice(0, 300)}), and its CAs replace all others. Add the server's CA to that file, or unset AWS_CA_BUNDLE.`,
  otherName: ({ service }) => wrongServer(service),
  outdated: () =>
    "Check this machine's clock. If it is right, another server on the way answers with an old certificate.",
  handshake: () =>
    "The server does not support TLS, or no TLS version that Node supports. Check the port of the endpoint, and the proxies between this machine and AWS.",
  proxyRefused: ({ url }) => `Ask for ${url.hostname} to be allowed on the proxy, or add it to NO_PROXY.`,
  proxyStranger: () => "Give a user name and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.",
  proxyPassword: () => proxyHints.proxyPassword,
  proxyScheme: () => proxyHints.proxyScheme,
  tooLarge: ({ service }) => wrongServer(service),
};

const ways =
  "A private endpoint is reached only from its VPC or over a VPN, a public one only from its allowed CIDR blocks.";
const checkProxy = "Check the proxy: the kubeconfig's proxy-url, or else HTTPS_PROXY.";

const apiServerHints: Hints = {
  unresolved: ({ proxy }) =>
    proxy === undefined
      ? "Check the cluster's server in the kubeconfig, and this machine's DNS: the name of a private endpoint may resolve only in its VPC or over a VPN, and that of a deleted cluster resolves nowhere."
      : checkProxy,
  refused: ({ proxy }) =>
    proxy === undefined
      ? "Check the host and port of the cluster's server in the kubeconfig, and that the cluster, or the tunnel to it, is up."
      : checkProxy,
  broken: () =>
    `${ways} Check the VPN, the security group, the firewall and the proxy between this machine and the cluster.`,
  silent: () =>
    `${ways} Security groups and firewalls drop other packets without an answer. Check them and the VPN, and whether a proxy is needed: the kubeconfig's proxy-url, or HTTPS_PROXY.`,
  untrusted: () =>
    "Either certificate-authority-data in the kubeconfig belongs to another cluster, or the cluster was created again: write the entry again (aws eks update-kubeconfig). Or a proxy inspects TLS: exempt this server from it.",
  otherName: () =>
    "The server's certificate does not contain the name in the kubeconfig. Set server to the cluster's own endpoint, or tls-server-name to a name in the certificate.",
  outdated: () => "Check this machine's clock. If it is right, the server's certificate must be renewed.",
  handshake: () =>
    "The server does not support TLS, or no TLS version that Node supports. Check the port of the cluster's server in the kubeconfig, and the proxies on the way to it.",
  proxyRefused: ({ url }) =>
    `Ask for ${url.hostname} to be allowed on the proxy, or bypass it with the kubeconfig's proxy-url or NO_PROXY.`,
  proxyStranger: () =>
    "Give a user name and a password: http://USER:PASSWORD@HOST:PORT, in the kubeconfig's proxy-url or in HTTPS_PROXY.",
  proxyPassword: () => proxyHints.proxyPassword,
  proxyScheme: () => proxyHints.proxyScheme,
  tooLarge: ({ service }) => wrongServer(service),
};
