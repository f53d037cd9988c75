/** A cluster's entry, with client-go's checks, and the CA for its server's certificate. */
import { isMisleading, misleading } from "../../http/endpoint.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { ReadFile } from "../../foundation/ports.ts";
import { isGiven, isTwice, type Cluster } from "./entries.ts";
import { problemsOf, quoted, refuseBoth, type Problem } from "./problem.ts";
import { readableCertificates } from "./readable-certificates.ts";

export function checkCluster(cluster: Cluster): void {
  const { certificateAuthority, insecureSkipTlsVerify } = cluster;
  const wrong = problemsOf("cluster", cluster);
  const server = serverProblem(cluster.server);
  if (server) throw wrong(...server);
  const hasBoth = insecureSkipTlsVerify && isGiven(certificateAuthority);
  refuseBoth(wrong, [
    [
      isTwice(certificateAuthority),
      "KUBECONFIG_CA_TWICE",
      "certificate-authority and certificate-authority-data",
    ],
    [hasBoth, "KUBECONFIG_CA_AND_INSECURE", "a certificate authority and insecure-skip-tls-verify: true"],
  ]);
  const proxy = proxyProblem(cluster.proxyUrl);
  if (proxy) throw wrong("KUBECONFIG_PROXY_URL", ...proxy);
}

const serverHint =
  "An EKS cluster's server is its endpoint, such as https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com.";

function serverProblem(server: string): Problem | undefined {
  if (server === "")
    return [
      "KUBECONFIG_SERVER_MISSING",
      "has no server",
      `${serverHint} Until then kubectl calls localhost:8080.`,
    ];
  // Without a scheme, client-go uses http.
  if (!/^https:\/\//i.test(server))
    return [
      "KUBECONFIG_SERVER_NOT_HTTPS",
      "has a server that does not begin with https://",
      `${serverHint} Over http, kubectl sends no credential and does not start the exec entry's command.`,
    ];
  if (isMisleading(server))
    return ["KUBECONFIG_SERVER_INVALID", `has a server that ${misleading}`, serverHint];
  if (!URL.canParse(server))
    return ["KUBECONFIG_SERVER_INVALID", "has a server that is not a URL", serverHint];
  // A user's name or password before the host; for Go, empty ones count too. Go's http.Client creates an Authorization header
  // from it, and client-go's exec plugin does not replace an existing one.
  if (!/^[a-z]+:\/\/[^/?#]*@/i.test(server)) return undefined;
  return [
    "KUBECONFIG_SERVER_USERINFO",
    "has a server with a user name or password in its URL",
    `Remove the part before the @: kubectl sends it as Basic authentication instead of the token of the exec entry. ${serverHint}`,
  ];
}

/** The value is not repeated, because it can contain a password. */
function proxyProblem(url: string): [what: string, hint: string] | undefined {
  if (url === "") return undefined;
  if (isMisleading(url))
    return [
      `has a proxy-url that ${misleading}`,
      "Write @ as %40, / as %2F, ? as %3F, # as %23 and \\ as %5C.",
    ];
  if (URL.canParse(url) && ["http:", "https:", "socks5:"].includes(new URL(url).protocol)) return undefined;
  return [
    "has a proxy-url that is not an http, https or socks5 URL",
    "Give it as http://HOST:PORT, or remove it.",
  ];
}

/** @returns PEM; undefined if the system's CAs are trusted */
export async function certificateAuthority(
  cluster: Cluster,
  readFile: ReadFile,
): Promise<Buffer | undefined> {
  const { path, data } = cluster.certificateAuthority;
  if (!isGiven(cluster.certificateAuthority)) return undefined;
  const pem = path === "" ? data : await caFile(cluster, path, readFile);
  if (readableCertificates(pem.toString("latin1")).length > 0) return pem;
  throw problemsOf("cluster", cluster)(
    "KUBECONFIG_CA_NOT_PEM",
    `has a ${path === "" ? "certificate-authority-data" : "certificate-authority"} that contains no certificate in PEM`,
    "aws eks describe-cluster prints the CA of an EKS cluster as certificateAuthority.data.",
  );
}

async function caFile(cluster: Cluster, path: string, readFile: ReadFile): Promise<Buffer> {
  const given = `certificate-authority of cluster ${quoted(cluster.name)}`;
  const role = { given, hop: "kubeconfig", category: "usage" } as const;
  const { bytes } = await readFile(path, role).catch((error: unknown) => {
    if (!(error instanceof EksX509Error) || error.code !== "FILE_MISSING") throw error;
    throw problemsOf("cluster", cluster)(
      "KUBECONFIG_CA_FILE_MISSING",
      `names a certificate-authority that does not exist: ${path}`,
      "Correct the path. A relative path starts at the kubeconfig's folder.",
    );
  });
  return Buffer.from(bytes);
}

/** Scheme, host, port and path; empty for a text that is not a URL. */
export function serverAddress(server: string): string {
  if (isMisleading(server)) return "(not shown)";
  if (!URL.canParse(server)) return "(no URL)";
  const { protocol, host, pathname } = new URL(server);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

/** The parts of a server's URL that client-go drops and that never reach the server: rest, NewRESTClient. */
export function hasDroppedParts(server: string): boolean {
  return /[?#]/.test(server);
}
