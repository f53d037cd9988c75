/**
 * A kubeconfig's certificates for TLS. They are checked before the connection, as client-go does, so that the error names
 * the field: node:tls would report them in OpenSSL's words, or not at all.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ClientTls } from "../http/route.ts";
import { readableCertificates } from "../kubeconfig/read/readable-certificates.ts";
import { unusable } from "./access.ts";

/** PEM, from the field that ends in -data or from the file that the other field names. */
export interface ServerTlsFields {
  certificateAuthority?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  tlsServerName?: string | undefined;
  insecureSkipTlsVerify?: boolean | undefined;
}

export function serverTls(fields: ServerTlsFields): ClientTls {
  const { certificateAuthority, tlsServerName, insecureSkipTlsVerify } = fields;
  return {
    ...(certificateAuthority && { ca: authorities(certificateAuthority) }),
    ...(tlsServerName && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { insecure: true }),
    ...clientCertificate(fields),
  };
}

function authorities(pem: string): string[] {
  const readable = readableCertificates(pem);
  if (readable.length > 0) return readable;
  throw unusable(
    "API_CA_UNREADABLE",
    "the cluster's certificate-authority(-data) in the kubeconfig contains no readable certificate",
    `${pemField} Write the entry again with aws eks update-kubeconfig.`,
  );
}

const pemField = "The value is PEM; the -data field holds that PEM in base64.";

function clientCertificate({ clientCertificate: cert, clientKey: key }: ServerTlsFields): ClientTls {
  if (!cert && !key) return {};
  if (!cert || !key)
    throw unusable(
      "API_CLIENT_CERTIFICATE_INCOMPLETE",
      `the user in the kubeconfig has only one of certificate and key: ${cert ? "client-key" : "client-certificate"}(-data) is missing`,
      "Set both, or neither.",
    );
  const certificate = read(() => new X509Certificate(cert));
  if (!certificate)
    throw unusable(
      "API_CLIENT_CERTIFICATE_UNREADABLE",
      "the user's client-certificate(-data) in the kubeconfig cannot be read",
      pemField,
    );
  const privateKey = read(() => createPrivateKey(key));
  if (!privateKey)
    throw unusable(
      "API_CLIENT_KEY_UNREADABLE",
      "the user's client-key(-data) in the kubeconfig cannot be read",
      `The key must have no passphrase. ${pemField}`,
    );
  if (!read(() => certificate.checkPrivateKey(privateKey)))
    throw unusable(
      "API_CLIENT_KEY_MISMATCH",
      "the user's client-key(-data) in the kubeconfig is not the key of client-certificate(-data)",
      "Use the certificate and key that belong together.",
    );
  return { cert, key };
}

function read<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
