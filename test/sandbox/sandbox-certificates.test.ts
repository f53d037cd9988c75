import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseCertificate, type Certificate } from "../../src/identity/certificate.ts";
import { checkTrust } from "../../src/sandbox/aws/rolesanywhere/assume-role.ts";
import { Refusal } from "../../src/sandbox/aws/refusal.ts";
import { createCertificates } from "../../src/sandbox/sandbox-certificates.ts";
import { intermediate, leaf, root } from "../certificates.ts";

const at = new Date();
const certificates = await createCertificates(at);

function parsed(pem: string): Certificate {
  return parseCertificate("", new X509Certificate(pem).raw);
}

/** Undefined when it is trusted; otherwise what the client gets and what the log says. */
function refusalOf(question: Parameters<typeof checkTrust>[0]): { message: string; why: string } | undefined {
  try {
    checkTrust(question);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, why: error.why };
    throw error;
  }
}

describe("issued certificates", () => {
  it("a user's leaf is what Roles Anywhere asks for", () => {
    const { certificate } = certificates.user;
    const user = new X509Certificate(certificate);
    expect(user.subject).toBe("O=Example Corp\nCN=alice");
    expect(user.ca).toBe(false);
    // node:crypto's keyUsage is the extended one.
    expect(user.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(parsed(certificate)).toMatchObject({
      version: 3,
      basicConstraints: { ca: false },
      keyUsage: new Set([0]),
      signedWith: { name: "ECDSA with SHA-256" },
    });
    const anchors = [parsed(certificates.root.certificate)];
    const intermediates = [parsed(certificates.intermediate.certificate)];
    expect(refusalOf({ leaf: parsed(certificate), intermediates, anchors, at })).toBeUndefined();
  });

  it("an authority may sign certificates", () => {
    const usual = { keyUsage: new Set([5, 6]) };
    expect(parsed(certificates.root.certificate)).toMatchObject({
      ...usual,
      basicConstraints: { ca: true, pathLength: undefined },
    });
    expect(parsed(certificates.intermediate.certificate)).toMatchObject({
      ...usual,
      basicConstraints: { ca: true, pathLength: 0 },
    });
  });

  it("a server's certificate is for loopback alone", () => {
    const server = new X509Certificate(certificates.server.certificate);
    expect(server.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    expect(server.checkHost("sts.us-west-2.amazonaws.com")).toBeUndefined();
  });
});

describe("reading certificates", () => {
  it("version 1 is reported, and refused", () => {
    const ca = root("root");
    const old = parsed(leaf(ca, { name: "old", version: 1 }).pem);
    expect(old).toMatchObject({ version: 1, basicConstraints: undefined, keyUsage: undefined });
    expect(refusalOf({ leaf: old, intermediates: [], anchors: [parsed(ca.pem)], at })).toEqual({
      message: "Untrusted certificate. Insufficient certificate",
      why: "the certificate is X.509 version 1, not 3 (CERTIFICATE_NOT_V3)",
    });
  });
});

describe("validating paths", () => {
  it("ends, however the intermediates point at each other", () => {
    const first = root("first");
    const second = intermediate(first, "second");
    const crossed = intermediate(second, "first");
    const intermediates = [second, crossed, first].map(({ pem }) => parsed(pem));
    const question = { leaf: parsed(leaf(crossed).pem), intermediates, at };
    expect(refusalOf({ ...question, anchors: [parsed(root("stranger").pem)] })).toEqual({
      message: "Untrusted signing certificate",
      why: "no certificate sent, and no trust anchor, issued it",
    });
    expect(refusalOf({ ...question, anchors: [parsed(first.pem)] })).toBeUndefined();
  });
});
