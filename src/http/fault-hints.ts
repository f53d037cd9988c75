/** A hint for each fault. For AWS the cause is the region or the endpoint, for an API server the kubeconfig. */
import type { FaultKind, Service } from "./service.ts";

export interface Way {
  service: Service;
  url: URL;
  /** Host and port. */
  proxy: string | undefined;
  /** The file whose CAs replace the default ones: AWS_CA_BUNDLE. */
  bundle?: string | undefined;
}

type Hints = Readonly<Record<FaultKind, (way: Way) => string>>;

export function hintFor(kind: FaultKind, way: Way): string {
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
  tooLarge: ({ service }) => wrongServer(service),
};
