import { X509Certificate, sign } from "node:crypto";
import * as asn1 from "asn1js";
import { describe, expect, it } from "vitest";
import { parseCertificate, type Certificate } from "../../../src/identity/certificate.ts";
import { checkTrust } from "../../../src/sandbox/aws/rolesanywhere/trust.ts";
import { Refusal } from "../../../src/sandbox/aws/refusal.ts";
import {
  type CertificateAuthority,
  createIntermediateAuthority,
  createRootAuthority,
} from "../../../src/sandbox/pki/certificate-authority.ts";
import { issueServerCertificate } from "../../../src/sandbox/pki/server-certificate.ts";
import { issueUserCertificate } from "../../../src/sandbox/pki/user-certificate.ts";

const at = new Date("2026-11-22T16:00:00Z");
const validity = { notBefore: new Date("2026-11-01T00:00:00Z"), notAfter: new Date("2026-12-01T00:00:00Z") };

/** The same certificate in version 1: without the version field, and without extensions. */
function inVersion1({ certificate }: { certificate: string }, issuer: CertificateAuthority): X509Certificate {
  const [toBeSigned, algorithm] = sequence(new X509Certificate(certificate).raw);
  if (toBeSigned === undefined || algorithm === undefined) throw new Error("not a certificate");
  const fields = sequence(Buffer.from(toBeSigned.toBER())).slice(1, -1);
  const content = new asn1.Sequence({ value: fields });
  const signature = sign("sha256", Buffer.from(content.toBER()), issuer.privateKey);
  const valueHex = Uint8Array.from(signature).buffer;
  const value = [content, algorithm, new asn1.BitString({ valueHex })];
  return new X509Certificate(Buffer.from(new asn1.Sequence({ value }).toBER()));
}

function parsed(pem: string): Certificate {
  return parseCertificate("", new X509Certificate(pem).raw);
}

/** Undefined when it is trusted; what the client and the log are told when it is not. */
function refusalOf(question: Parameters<typeof checkTrust>[0]): { message: string; why: string } | undefined {
  try {
    checkTrust(question);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, why: error.why };
    throw error;
  }
}

function sequence(der: Uint8Array): asn1.AsnType[] {
  const { result } = asn1.fromBER(der);
  return result instanceof asn1.Sequence ? result.valueBlock.value : [];
}

describe("issued certificates", () => {
  it("a user's leaf is what Roles Anywhere asks for", async () => {
    const root = await createRootAuthority("root", validity);
    const { certificate } = await issueUserCertificate(root, { commonName: "alice", validity });
    const leaf = new X509Certificate(certificate);
    expect(leaf.subject).toBe("O=Example Corp\nCN=alice");
    expect(leaf.ca).toBe(false);
    // node:crypto's keyUsage is the extended one.
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(parsed(certificate)).toMatchObject({
      version: 3,
      basicConstraints: { ca: false },
      keyUsage: new Set([0]),
      signedWith: { name: "ECDSA with SHA-256" },
    });
    const anchors = [parsed(root.certificate)];
    expect(refusalOf({ leaf: parsed(certificate), intermediates: [], anchors, at })).toBeUndefined();
  });

  it("an authority may sign certificates", async () => {
    const root = await createRootAuthority("root", validity, "RSA");
    const lower = await createIntermediateAuthority(root, "lower", validity, 2);
    expect(parsed(lower.certificate)).toMatchObject({
      basicConstraints: { ca: true, pathLength: 2 },
      keyUsage: new Set([5, 6]),
    });
  });

  it("a server's certificate is for loopback alone", async () => {
    const root = await createRootAuthority("root", validity);
    const server = new X509Certificate((await issueServerCertificate(root, validity)).certificate);
    expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    expect(server.checkHost("sts.us-west-2.amazonaws.com")).toBeUndefined();
  });
});

describe("reading certificates", () => {
  it("version 1 is told, and refused", async () => {
    const root = await createRootAuthority("root", validity);
    const old = inVersion1(await issueUserCertificate(root, { commonName: "old", validity }), root);
    const leaf = parseCertificate("", old.raw);
    expect(leaf).toMatchObject({ version: 1, basicConstraints: undefined, keyUsage: undefined });
    const anchors = [parsed(root.certificate)];
    expect(refusalOf({ leaf, intermediates: [], anchors, at })).toEqual({
      message: "Untrusted certificate. Insufficient certificate",
      why: "the certificate is X.509 version 1, not 3 (CERTIFICATE_NOT_V3)",
    });
  });
});

describe("validating paths", () => {
  it("ends, however the intermediates point at each other", async () => {
    const first = await createRootAuthority("first", validity);
    const second = await createIntermediateAuthority(first, "second", validity);
    const crossed = await createIntermediateAuthority(
      { ...second, subject: second.subject },
      "first",
      validity,
    );
    const { certificate } = await issueUserCertificate(crossed, { commonName: "alice", validity });
    const stranger = await createRootAuthority("stranger", validity);
    const intermediates = [second, crossed, first].map((authority) => parsed(authority.certificate));
    const question = { leaf: parsed(certificate), intermediates, at };
    expect(refusalOf({ ...question, anchors: [parsed(stranger.certificate)] })).toEqual({
      message: "Untrusted signing certificate",
      why: "no certificate sent, and no trust anchor, issued it",
    });
    expect(refusalOf({ ...question, anchors: [parsed(first.certificate)] })).toBeUndefined();
  });
});
