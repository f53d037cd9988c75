/** What can go wrong on the way to a server: each cause with its code, its message and its hint. */
import { EksX509Error } from "../foundation/errors.ts";
import { systemCode } from "../foundation/system-error.ts";

/** Whom a call asks, as messages name it. */
export type Service = "Roles Anywhere" | "STS" | "EKS" | "the API server";

/** An exchange that this program ended itself, with the cause. The message completes the text of its row. */
export class KnownFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * The proxy answered instead of connecting. Some proxies answer 401 to a wrong password, tinyproxy for one; nobody else answers a
 * CONNECT.
 * @param authenticate the answer's Proxy-Authenticate: the schemes that the proxy takes
 * @param hasCredentials whether the proxy was given a user name
 */
export function proxyRefusal(status: number, authenticate: string, hasCredentials: boolean): KnownFault {
  // A realm can contain any word. RFC 9110 §11.6.1.
  const schemes = authenticate.replace(/"[^"]*"/g, '""');
  const isOtherScheme = /^\s*\w/.test(schemes) && !/(^|,)\s*basic(?=[\s,]|$)/i.test(schemes);
  if (status !== 407 && status !== 401) return new KnownFault("PROXY_REFUSED", String(status));
  if (isOtherScheme) return new KnownFault("PROXY_SCHEME_UNSUPPORTED", String(status));
  return new KnownFault(hasCredentials ? "PROXY_PASSWORD_REFUSED" : "PROXY_AUTHENTICATION", String(status));
}

export interface Way {
  hop: "create-session" | "sts" | "eks" | "api-server";
  service: Service;
  url: URL;
  /** Host and port. */
  proxy: string | undefined;
  /** The file whose CAs replace the default ones: AWS_CA_BUNDLE. */
  bundle?: string | undefined;
}

export function networkError(error: unknown, way: Way): EksX509Error {
  const kind = kindOf(error);
  const { message, aws, api = aws }: Fault = faults[kind];
  const hint = way.service === "the API server" ? api : aws;
  return new EksX509Error({
    category: "network",
    hop: way.hop,
    code: faultCode(way.service, kind),
    message: message(way, error),
    hint: typeof hint === "string" ? hint : hint(way),
    cause: error,
  });
}

/** The codes of Node, and those of OpenSSL under Node's names. The first one that matches counts. */
const kinds: readonly (readonly [RegExp, FaultKind])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, "DNS_FAILED"],
  [/^ECONNREFUSED$/, "CONNECTION_REFUSED"],
  // Node's HTTP parser.
  [/^HPE_(?!HEADER_OVERFLOW)/, "ANSWER_NOT_HTTP"],
  // Failures before a certificate is checked.
  [/^(EPROTO$|ERR_SSL|ERR_TLS_(?!CERT))/, "TLS_FAILED"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "TLS_NAME_DIFFERS"],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, "TLS_OUTDATED"],
  [/CERT|SELF_SIGNED|UNABLE_TO|CRL|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/, "TLS_UNTRUSTED"],
];

function kindOf(error: unknown): FaultKind {
  if (error instanceof KnownFault) return error.kind;
  const code = nodeCode(error);
  return kinds.find(([form]) => form.test(code))?.[1] ?? "CONNECTION_FAILED";
}

/** The `code` of a Node error, or of its cause. */
export function nodeCode(error: unknown): string {
  const code = systemCode(error);
  // Bun's name, if the server closes the connection during the handshake.
  if (code === "ERR_SOCKET_CLOSED") return "ECONNRESET";
  if (code !== "" || !(error instanceof Error)) return code;
  if (error.name === "TimeoutError") return "ETIMEDOUT";
  return error instanceof AggregateError ? nodeCode(error.errors[0]) : nodeCode(error.cause);
}

type Hint = string | ((way: Way) => string);

interface Fault {
  message: (way: Way, error: unknown) => string;
  /** For a call to AWS. */
  aws: Hint;
  /** For a call to a cluster's API server, if it differs. */
  api?: Hint;
}

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

function where({ url, proxy }: Way): string {
  return proxy === undefined ? url.host : `${url.host} through proxy ${proxy}`;
}

const notTrusted: Fault["message"] = (way, error) =>
  `the TLS certificate of ${where(way)} is not trusted (${nodeCode(error)})`;

const proxyAnswered: Fault["message"] = ({ url, proxy = "" }, error) =>
  `the proxy ${proxy} answered ${ownWords(error)} instead of connecting to ${url.host}`;

function ownWords(error: unknown): string {
  return error instanceof KnownFault ? error.message : "";
}

const reach =
  "A private endpoint is reached only from its VPC or over a VPN, a public one only from its allowed CIDR blocks.";

/** A cause on the way to the API server, which can also be the proxy's. */
function unlessProxy(hint: string): Hint {
  return ({ proxy }) =>
    proxy === undefined ? hint : "Check the proxy: the kubeconfig's proxy-url, or else HTTPS_PROXY.";
}

/** By the code, without the prefix of the service. */
const faults = {
  DNS_FAILED: {
    message: ({ url, proxy }, error) =>
      `the name ${proxy ?? url.hostname} cannot be resolved (${nodeCode(error)})`,
    aws: ({ proxy }) =>
      `Check the region, the endpoint${proxy === undefined ? "" : ", the proxy"} and this machine's DNS.`,
    api: unlessProxy(
      "Check the cluster's server in the kubeconfig, and this machine's DNS: the name of a private endpoint may resolve only in its VPC or over a VPN, and that of a deleted cluster resolves nowhere.",
    ),
  },
  CONNECTION_REFUSED: {
    message: (way) => `${where(way)} refuses connections`,
    aws: ({ proxy }) =>
      `Check that ${proxy === undefined ? "the endpoint" : "the proxy"} is right, and that a firewall lets this machine reach it.`,
    api: unlessProxy(
      "Check the host and port of the cluster's server in the kubeconfig, and that the cluster, or the tunnel to it, is up.",
    ),
  },
  CONNECTION_FAILED: {
    message: (way, error) => {
      const code = nodeCode(error);
      return `the connection to ${where(way)} failed${code ? ` (${code})` : ""} before ${way.service} had answered`;
    },
    aws: "Check the network, the proxy and the firewall between this machine and AWS.",
    api: `${reach} Check the VPN, the security group, the firewall and the proxy between this machine and the cluster.`,
  },
  NO_ANSWER: {
    message: (way, error) => `${way.service} did not answer ${ownWords(error)} (${where(way)})`,
    aws: "Check that a firewall lets this machine reach it, and whether HTTPS_PROXY should be set.",
    api: `${reach} Security groups and firewalls drop other packets without an answer. Check them and the VPN, and whether a proxy is needed: the kubeconfig's proxy-url, or HTTPS_PROXY.`,
  },
  TLS_UNTRUSTED: {
    message: notTrusted,
    aws: ({ bundle }) =>
      bundle === undefined
        ? "If a proxy of your company inspects TLS, set AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS to its CA."
        : `AWS_CA_BUNDLE is set (${bundle.slice(0, 300)}), and its CAs replace all others. Add the server's CA to that file, or unset AWS_CA_BUNDLE.`,
    api: "Either certificate-authority-data in the kubeconfig belongs to another cluster, or the cluster was created again: write the entry again (aws eks update-kubeconfig). Or a proxy inspects TLS: exempt this server from it.",
  },
  TLS_NAME_DIFFERS: {
    message: (way, error) => `the TLS certificate of ${where(way)} is for another name (${nodeCode(error)})`,
    aws: ({ service }) => wrongServer(service),
    api: "The server's certificate does not contain the name in the kubeconfig. Set server to the cluster's own endpoint, or tls-server-name to a name in the certificate.",
  },
  TLS_OUTDATED: {
    message: notTrusted,
    aws: "Check this machine's clock. If it is right, another server on the way answers with an old certificate.",
    api: "Check this machine's clock. If it is right, the server's certificate must be renewed.",
  },
  TLS_FAILED: {
    message: (way, error) => `the TLS handshake with ${where(way)} failed (${nodeCode(error)})`,
    aws: "The server does not support TLS, or no TLS version that Node supports. Check the port of the endpoint, and the proxies between this machine and AWS.",
    api: "The server does not support TLS, or no TLS version that Node supports. Check the port of the cluster's server in the kubeconfig, and the proxies on the way to it.",
  },
  PROXY_REFUSED: {
    message: proxyAnswered,
    aws: ({ url }) => `Ask for ${url.hostname} to be allowed on the proxy, or add it to NO_PROXY.`,
    api: ({ url }) =>
      `Ask for ${url.hostname} to be allowed on the proxy, or bypass it with the kubeconfig's proxy-url or NO_PROXY.`,
  },
  /** The proxy asks for a user name and a password, RFC 9110 §15.5.8. */
  PROXY_AUTHENTICATION: {
    message: proxyAnswered,
    aws: "Give a user name and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.",
    api: "Give a user name and a password: http://USER:PASSWORD@HOST:PORT, in the kubeconfig's proxy-url or in HTTPS_PROXY.",
  },
  PROXY_PASSWORD_REFUSED: {
    message: proxyAnswered,
    aws: "The proxy refuses the user name and the password that were given. Check both, and percent-encode characters such as @, : and / in them (%40, %3A, %2F).",
  },
  /** The proxy offers Negotiate or NTLM, and not Basic. */
  PROXY_SCHEME_UNSUPPORTED: {
    message: proxyAnswered,
    aws: "The proxy takes only other schemes, such as Negotiate or NTLM, and eks-x509 sends Basic alone. Ask for a way round the proxy, or run a local proxy that signs in to it (px, cntlm), and name that one.",
  },
  ANSWER_NOT_HTTP: {
    message: (way, error) => `the answer of ${where(way)} is not HTTP (${nodeCode(error)})`,
    aws: ({ service }) => wrongServer(service),
  },
  RESPONSE_TOO_LARGE: {
    message: ({ url, service }, error) =>
      `${url.host} answered with ${ownWords(error)}, which is not an answer of ${service}`,
    aws: ({ service }) => wrongServer(service),
  },
} as const satisfies Record<string, Fault>;

type FaultKind = keyof typeof faults;

export const faultKinds = Object.keys(faults).filter((name): name is FaultKind => name in faults);

const prefixes = { "Roles Anywhere": "", STS: "STS_", EKS: "EKS_", "the API server": "API_" } as const;

/** No two causes share a code, and no two services. */
export function faultCode(service: Service, kind: FaultKind) {
  return `${prefixes[service]}${kind}` as const;
}
