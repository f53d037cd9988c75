import { X509Certificate, sign } from "node:crypto";
import * as asn1 from "asn1js";
import { describe, expect, it } from "vitest";
import { checkLeaf } from "../../../src/sandbox/aws/rolesanywhere/leaf-rules.ts";
import {
  type CertificateAuthority,
  createIntermediateAuthority,
  createRootAuthority,
} from "../../../src/sandbox/pki/certificate-authority.ts";
import { readCertificate } from "../../../src/sandbox/pki/certificate-facts.ts";
import { validatePath } from "../../../src/sandbox/pki/certificate-path.ts";
import { issueServerCertificate } from "../../../src/sandbox/pki/server-certificate.ts";
import { sessionTags } from "../../../src/sandbox/pki/session-tags.ts";
import { issueUserCertificate } from "../../../src/sandbox/pki/user-certificate.ts";
import rsa from "../../vectors/rolesanywhere/rsa.json" with { type: "json" };

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
    expect(checkLeaf(leaf)).toMatchObject({
      version: 3,
      isAuthority: false,
      keyUsage: { digitalSignature: true, keyCertSign: false },
      signatureHash: "sha256",
    });
    const anchor = new X509Certificate(root.certificate);
    expect(validatePath({ leaf, intermediates: [], anchors: [anchor], at })).toEqual({
      trusted: true,
      length: 2,
    });
  });

  it("an authority may sign certificates", async () => {
    const root = await createRootAuthority("root", validity, "RSA");
    const lower = await createIntermediateAuthority(root, "lower", validity, 2);
    expect(readCertificate(new X509Certificate(lower.certificate))).toMatchObject({
      isAuthority: true,
      pathLength: 2,
      keyUsage: { digitalSignature: false, keyCertSign: true },
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
    const leaf = inVersion1(await issueUserCertificate(root, { commonName: "old", validity }), root);
    const anchor = new X509Certificate(root.certificate);
    expect(readCertificate(leaf)).toMatchObject({ version: 1, isAuthority: undefined, keyUsage: undefined });
    expect(validatePath({ leaf, intermediates: [], anchors: [anchor], at })).toMatchObject({ trusted: true });
    expect(() => checkLeaf(leaf)).toThrow("Untrusted certificate. Insufficient certificate");
  });

  it("session tags: subject, issuer and the first alternative names", async () => {
    const root = await createRootAuthority("root", validity);
    const options = { commonName: "build", dnsNames: ["a.example.com", "b.example.com"], validity };
    const facts = readCertificate(
      new X509Certificate((await issueUserCertificate(root, options)).certificate),
    );
    expect(facts && Object.fromEntries(sessionTags(facts))).toEqual({
      "x509Subject/O": "Example Corp",
      "x509Subject/CN": "build",
      "x509Issuer/O": "eks-x509 sandbox",
      "x509Issuer/CN": "root",
      "x509SAN/DNS": "a.example.com",
    });
  });

  it("a certificate of another tool", () => {
    expect(readCertificate(new X509Certificate(rsa.certificate))).toMatchObject({
      version: 3,
      isAuthority: false,
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
    const intermediates = [second, crossed, first].map(
      (authority) => new X509Certificate(authority.certificate),
    );
    const question = { leaf: new X509Certificate(certificate), intermediates, at };
    const anchors = [new X509Certificate(stranger.certificate)];
    expect(validatePath({ ...question, anchors })).toEqual({
      trusted: false,
      why: "no certificate sent, and no trust anchor, issued it",
    });
    const trusted = [new X509Certificate(first.certificate)];
    expect(validatePath({ ...question, anchors: trusted })).toMatchObject({ trusted: true });
  });
});
