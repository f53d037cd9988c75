/** The command line of kube-apiserver: RBAC, the sandbox's authenticator as its webhook, an audit log; no controllers. */
import { generateKeyPairSync } from "node:crypto";
import type { SandboxCertificates } from "../../sandbox-certificates.ts";

/** The sandbox's user name in its own API server. */
const admin = "eks-x509-sandbox";

export const auditLogName = "audit.log";

/** Names and contents of the files in kube-apiserver's folder. `adminToken` is the sandbox's own, which sets up the cluster. */
export function apiServerFiles(
  { server, tlsAuthority }: SandboxCertificates,
  webhookUrl: string,
  adminToken: string,
): Readonly<Record<string, string>> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    "server.pem": server.certificate,
    "server.key": server.privateKey,
    "webhook-ca.pem": tlsAuthority.certificate,
    "service-accounts.key": privateKey,
    "service-accounts.pub": publicKey,
    "tokens.csv": `${adminToken},${admin},${admin},system:masters\n`,
    "webhook.json": JSON.stringify(webhook(webhookUrl)),
    "audit-policy.json": JSON.stringify(auditPolicy),
  };
}

/** kube-apiserver accepts JSON as YAML. The path is that of the real authenticator. */
function webhook(server: string): object {
  const name = "eks-x509-sandbox-authenticator";
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority": "webhook-ca.pem" } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

/** Records each request and its result, except the API server's own requests and the sandbox's. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", users: ["system:apiserver", admin] }, { level: "Metadata" }],
};

export const apiServerFlags = (port: number): readonly string[] => [
  `--etcd-servers=${clientAddress}`,
  `--secure-port=${port}`,
  "--bind-address=127.0.0.1",
  // By default it looks for an address that is not loopback and fails on a machine without a network. No client uses this one.
  "--advertise-address=192.0.2.1",
  "--endpoint-reconciler-type=none",
  "--service-cluster-ip-range=10.0.0.0/24",
  "--tls-cert-file=server.pem",
  "--tls-private-key-file=server.key",
  "--service-account-issuer=https://kubernetes.default.svc",
  "--service-account-key-file=service-accounts.pub",
  "--service-account-signing-key-file=service-accounts.key",
  "--authorization-mode=RBAC",
  "--token-auth-file=tokens.csv",
  "--authentication-token-webhook-config-file=webhook.json",
  "--authentication-token-webhook-version=v1",
  // The default is two minutes, in which a revoked user still has access.
  "--authentication-token-webhook-cache-ttl=0s",
  // This admission plugin requires a service account that a controller creates, and no controller runs.
  "--disable-admission-plugins=ServiceAccount",
  "--audit-policy-file=audit-policy.json",
  `--audit-log-path=${auditLogName}`,
];

/** Sockets in the private folder that both programs run in: no port, no TLS. Their paths are short enough for a socket. */
export const clientAddress = "unix://etcd:2379";
const peerAddress = "unix://etcd:2380";

export const etcdFlags: readonly string[] = [
  "--name=sandbox",
  "--data-dir=etcd-data",
  `--listen-client-urls=${clientAddress}`,
  `--advertise-client-urls=${clientAddress}`,
  `--listen-peer-urls=${peerAddress}`,
  `--initial-advertise-peer-urls=${peerAddress}`,
  `--initial-cluster=sandbox=${peerAddress}`,
  // The data need not survive a power loss.
  "--unsafe-no-fsync",
  "--log-level=warn",
];
