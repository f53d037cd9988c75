import { describe, expect, it } from "vitest";
import { certificateAuthority } from "../../../src/aws/eks/certificate-authority.ts";
import { leaf, root } from "../../certificates.ts";

const ca = root();
const renewed = root("Renewed");
const broken = "-----BEGIN CERTIFICATE-----\nhello world\n-----END CERTIFICATE-----\n";

const authority = (text: string): string | undefined => {
  const data = certificateAuthority(text);
  return data && Buffer.from(data, "base64").toString();
};

describe("a cluster's CA", () => {
  it("is the certificates of the text, written anew", () => {
    expect(authority(ca.pem)).toBe(ca.pem);
    expect(authority(ca.pem + renewed.pem)).toBe(ca.pem + renewed.pem);
    expect(authority(ca.pem.replaceAll("\n", "\r\n"))).toBe(ca.pem);
  });

  it("is nothing else that stands there: no private key, no garbage, no certificate that is none", () => {
    const { keyPem } = leaf(ca);
    expect(authority(`\0\ufeffgarbage ${ca.pem.trim()}garbage\n${keyPem}${broken}${renewed.pem}x: y`)).toBe(
      ca.pem + renewed.pem,
    );
  });

  it.each([
    "",
    "hello world",
    broken,
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
    ca.keyPem,
    ca.keyPem.replaceAll("PRIVATE KEY", "CERTIFICATE"),
    ca.pem.replace("-----END CERTIFICATE-----", ""),
    ca.pem.slice(0, 120) + ca.pem.slice(130),
  ])("is missing from %j", (text) => {
    expect(certificateAuthority(text)).toBeUndefined();
  });

  it("is found in the time that its length takes", () => {
    expect(certificateAuthority("-----BEGIN CERTIFICATE-----\n".repeat(30_000))).toBeUndefined();
  });
});
