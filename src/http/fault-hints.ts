/** What to do about each fault. AWS is looked for by region and endpoint, an API server in the kubeconfig. */
import type { FaultKind, Service } from "./service.ts";

export interface Way {
  service: Service;
  url: URL;
  /** Host and port. */
  proxy: string | undefined;
  /** The file whose CAs alone are trusted: AWS_CA_BUNDLE. */
  bundle?: string | undefined;
}

type Hints = Readonly<Record<FaultKind, (way: Way) => string>>;

export function hintFor(kind: FaultKind, way: Way): string {
  return (way.service === "the API server" ? apiServerHints : awsHints)[kind](way);
}

/** For an answer that is none of the service's. */
export function wrongServer(service: Service): string {
  return service === "the API server"
    ? "What answers there may be no Kubernetes API server. Check the cluster's server in the kubeconfig, and what lies between."
    : `Something between this machine and AWS may have answered in its place. Check ${override[service]} and the proxy.`;
}

const override: Readonly<Record<Exclude<Service, "the API server">, string>> = {
  "Roles Anywhere": "--endpoint, AWS_ENDPOINT_URL",
  STS: "AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL",
  EKS: "AWS_ENDPOINT_URL_EKS, AWS_ENDPOINT_URL",
};

const inspectingProxy =
  "If a proxy of your company inspects TLS, give its CA in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS.";

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
      : `AWS_CA_BUNDLE is in force (${bundle.slice(0, 300)}), and its CAs take the place of all others. Add the CA of what answers there to that file, or unset AWS_CA_BUNDLE.`,
  otherName: ({ service }) => wrongServer(service),
  outdated: () =>
    "Check this machine's clock. If it is right, something on the way answers with an old certificate.",
  handshake: () =>
    "Something there speaks no TLS, or none that Node does. Check the port of the endpoint, and what lies between this machine and AWS.",
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
    `${ways} Security groups and firewalls drop the rest in silence. Check them and the VPN, and whether a proxy is needed: the kubeconfig's proxy-url, or HTTPS_PROXY.`,
  untrusted: () =>
    "certificate-authority-data in the kubeconfig belongs to another cluster, or to one that was created anew since: have the entry written again (aws eks update-kubeconfig). Or a proxy inspects TLS on the way: have this server exempted from it.",
  otherName: () =>
    "The kubeconfig reaches the server by a name that its certificate does not hold. Give the cluster's own endpoint as server, or a name of the certificate as tls-server-name.",
  outdated: () => "Check this machine's clock. If it is right, the server's certificate must be renewed.",
  handshake: () =>
    "Something there speaks no TLS, or none that Node does. Check the port of the cluster's server in the kubeconfig, and what lies between.",
  proxyRefused: ({ url }) =>
    `Ask for ${url.hostname} to be allowed on the proxy, or go round it: the kubeconfig's proxy-url, or NO_PROXY.`,
  proxyStranger: () =>
    "Give a user name and a password: http://USER:PASSWORD@HOST:PORT, in the kubeconfig's proxy-url or in HTTPS_PROXY.",
  tooLarge: ({ service }) => wrongServer(service),
};
