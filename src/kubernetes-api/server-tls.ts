/**
 * A kubeconfig's certificates, made fit for TLS or refused with the field that is wrong, as client-go does before it
 * connects: node:tls would tell of them in OpenSSL's words, or not at all.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { EksX509Error } from "../foundation/errors.ts";
import type { ClientTls } from "../http/client-tls.ts";
import { unusable } from "./unusable.ts";

/** PEM, wherever the kubeconfig had it: in the field that ends in -data, or in the file that the other names. */
export interface ServerTlsFields {
  certificateAuthority?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  tlsServerName?: string | undefined;
  insecureSkipTlsVerify?: boolean | undefined;
}

/**
 * @throws EksX509Error API_CA_UNREADABLE, API_CLIENT_CERTIFICATE_UNREADABLE, API_CLIENT_KEY_UNREADABLE, API_CLIENT_KEY_MISMATCH,
 * API_CLIENT_CERTIFICATE_INCOMPLETE
 */
export function serverTls(fields: ServerTlsFields): ClientTls {
  const { certificateAuthority, tlsServerName, insecureSkipTlsVerify } = fields;
  return {
    ...(certificateAuthority && { ca: readableCertificates(certificateAuthority) }),
    ...(tlsServerName && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { insecure: true }),
    ...clientCertificate(fields),
  };
}

/** Go's x509, AppendCertsFromPEM, passes over what it cannot read, as long as something is left. */
function readableCertificates(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const readable = blocks.filter((block) => read(() => new X509Certificate(block)) !== undefined);
  if (readable.length === 0) throw unreadableAuthority();
  return readable;
}

function clientCertificate({ clientCertificate, clientKey }: ServerTlsFields): ClientTls {
  if (!clientCertificate && !clientKey) return {};
  if (!clientCertificate || !clientKey)
    throw incomplete(clientCertificate ? "client-key" : "client-certificate");
  const certificate = read(() => new X509Certificate(clientCertificate));
  if (!certificate) throw unreadableCertificate();
  const key = read(() => createPrivateKey(clientKey));
  if (!key) throw unreadableKey();
  if (!belongs(key, certificate)) throw mismatch();
  return { cert: clientCertificate, key: clientKey };
}

function belongs(key: KeyObject, certificate: X509Certificate): boolean {
  return read(() => certificate.checkPrivateKey(key)) ?? false;
}

function read<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function unreadableAuthority(): EksX509Error {
  return unusable(
    "API_CA_UNREADABLE",
    "the cluster's certificate-authority(-data) in the kubeconfig holds no certificate that can be read",
    "It is PEM, and in the -data field that PEM once more in base64. Have the entry written again (aws eks update-kubeconfig).",
  );
}

function incomplete(missing: string): EksX509Error {
  return unusable(
    "API_CLIENT_CERTIFICATE_INCOMPLETE",
    `the user in the kubeconfig has only one of certificate and key: ${missing}(-data) is missing`,
    "Give both, or neither.",
  );
}

function unreadableCertificate(): EksX509Error {
  return unusable(
    "API_CLIENT_CERTIFICATE_UNREADABLE",
    "the user's client-certificate(-data) in the kubeconfig cannot be read",
    "It is PEM, and in the -data field that PEM once more in base64.",
  );
}

function unreadableKey(): EksX509Error {
  return unusable(
    "API_CLIENT_KEY_UNREADABLE",
    "the user's client-key(-data) in the kubeconfig cannot be read",
    "It is PEM without a passphrase, and in the -data field that PEM once more in base64.",
  );
}

function mismatch(): EksX509Error {
  return unusable(
    "API_CLIENT_KEY_MISMATCH",
    "the user's client-key(-data) in the kubeconfig is not the key of client-certificate(-data)",
    "Give the pair that was made together.",
  );
}
