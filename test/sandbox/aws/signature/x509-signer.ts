import { X509Certificate, createHash, sign } from "node:crypto";
import type { WireRequest } from "../../../../src/sandbox/wire.ts";
import { wireRequest } from "../../wire-request.ts";

export interface Signing {
  certificate: string;
  privateKey: string;
  chain?: readonly string[];
  /** Put into the query, as aws_signing_helper does. */
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  at: Date;
  region?: string;
  /** Replaces the algorithm that fits the key. */
  algorithm?: string;
  /** Left out of SignedHeaders. */
  unsigned?: string;
}

export const arns: Readonly<Record<string, string>> = {
  profileArn: "arn:aws:rolesanywhere:us-west-2:111122223333:profile/22222222-2222-2222-2222-222222222222",
  roleArn: "arn:aws:iam::111122223333:role/eks-read-only",
  trustAnchorArn:
    "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111",
};

function fitting({ publicKey }: X509Certificate): string {
  return `AWS4-X509-${publicKey.asymmetricKeyType === "rsa" ? "RSA" : "ECDSA"}-SHA256`;
}

/** Signs the smallest CreateSession request that is documented. Written for these tests alone. */
export function signedCreateSession(signing: Signing): WireRequest {
  const { certificate, privateKey, chain = [], query = arns, body = {}, at, region = "us-west-2" } = signing;
  const leaf = new X509Certificate(certificate);
  const amzDate = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const headers: Record<string, string> = {
    "content-type": "application/json",
    host: "127.0.0.1:8443",
    "x-amz-date": amzDate,
    "x-amz-x509": leaf.raw.toString("base64"),
  };
  if (chain.length > 0) {
    headers["x-amz-x509-chain"] = chain
      .map((pem) => new X509Certificate(pem).raw.toString("base64"))
      .join(",");
  }
  const content = body === undefined ? "" : JSON.stringify(body);
  const names = Object.keys(query).sort();
  const rawQuery = names.map((name) => `${name}=${encodeURIComponent(query[name] ?? "")}`).join("&");
  const signed = Object.keys(headers)
    .sort()
    .filter((name) => name !== signing.unsigned);
  const lines = signed.map((name) => `${name}:${headers[name] ?? ""}`);
  const canonical = ["POST", "/sessions", rawQuery, ...lines, "", signed.join(";"), sha256(content)].join(
    "\n",
  );
  const algorithm = signing.algorithm ?? fitting(leaf);
  const scope = `${amzDate.slice(0, 8)}/${region}/rolesanywhere/aws4_request`;
  const text = [algorithm, amzDate, scope, sha256(canonical)].join("\n");
  const hash = algorithm === "AWS4-X509-MLDSA" ? null : "sha256";
  const signature = sign(hash, Buffer.from(text), privateKey).toString("hex");
  // node:crypto writes a negative serial number as -05.
  const serial = BigInt(`0x${leaf.serialNumber.replace("-", "")}`);
  const credential = `Credential=${leaf.serialNumber.startsWith("-") ? "-" : ""}${serial}/${scope}`;
  const authorization = `${algorithm} ${credential}, SignedHeaders=${signed.join(";")}, Signature=${signature}`;
  return wireRequest({
    method: "POST",
    path: "/sessions",
    query: rawQuery,
    headers: { ...headers, authorization },
    body: content,
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
