import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Signer } from "../../src/identity/signer.ts";
import { signerOf as signerOfFile } from "../identity/given.ts";
import {
  authorize,
  canonicalRequest,
  credentialScope,
  signedHeaders,
  stringToSign,
  type UnsignedRequest,
} from "../../src/rolesanywhere/sigv4-x509.ts";
import { signingVectors, type SigningVector } from "../vectors.ts";

describe.each(signingVectors)("SigV4-X509 reproduces aws_signing_helper: %s", (_name, vector) => {
  const unsigned = unsignedRequest(vector);
  const signer = signerOf(vector);
  const amzDate = vector.request.headers["x-amz-date"] ?? "";

  it("the signed headers", () => {
    expect(signedHeaders(unsigned.headers)).toBe(vector.signedHeaders.join(";"));
  });

  it("the canonical request", () => {
    expect(canonicalRequest(unsigned)).toBe(vector.canonicalRequest);
  });

  it("the string to sign", () => {
    const scope = credentialScope(amzDate, vector.region);
    expect(stringToSign(signer.algorithm, amzDate, scope, vector.canonicalRequest)).toBe(vector.stringToSign);
  });

  it("the Authorization header: equal for RSA, verified for ECDSA", async () => {
    const { x509 } = { x509: new X509Certificate(vector.certificate) };
    const context = { signer, serial: BigInt(`0x${x509.serialNumber}`), region: vector.region, amzDate };
    const { header: authorization } = await authorize(unsigned, context);
    if (vector.deterministic) expect(authorization).toBe(vector.authorization);
    const [head, signature] = authorization.split("Signature=");
    expect(head).toBe(vector.authorization.split("Signature=")[0]);
    const key = createPublicKey(x509.publicKey.export({ format: "pem", type: "spki" }));
    expect(verify("sha256", Buffer.from(vector.stringToSign), key, Buffer.from(signature ?? "", "hex"))).toBe(
      true,
    );
  });
});

function unsignedRequest({ request, signedHeaders }: SigningVector): UnsignedRequest {
  return {
    method: request.method,
    path: request.path,
    query: [...new URLSearchParams(request.query)],
    headers: Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? ""])),
    body: request.body,
  };
}

function signerOf({ privateKey }: SigningVector): Signer {
  return signerOfFile({ name: "key.pem", bytes: Buffer.from(privateKey) });
}
