import { describe, expect, it } from "vitest";
import { readCertificates } from "../../../src/identity/certificate.ts";
import { isProblem } from "../../../src/identity/fitness/finding.ts";
import { pathFindings } from "../../../src/identity/fitness/rules.ts";
import { refusal } from "../../../src/identity/identity.ts";
import {
  day,
  from,
  hour,
  intermediate,
  keyPair,
  leaf,
  named,
  now,
  root,
  type Issued,
  type Recipe,
} from "../../certificates.ts";
import { codeOf, failureOf } from "../../failure.ts";

const ca = root("RSA Root", { keys: keyPair("rsa-2048", "ca") });
const read = ({ pem }: Issued) => readCertificates(named(pem));
const check = (subject: Issued, chain: Issued[] = []) => {
  const clock = { now, tolerance: 5 * 60_000 };
  const [first] = pathFindings([read(subject)[0], ...chain.flatMap(read)], "intermediate", clock).filter(
    isProblem,
  );
  if (first) throw refusal(first);
};

describe("a certificate is fit for Roles Anywhere", () => {
  it.each<[string, Recipe]>([
    ["RSA 2048", { keys: keyPair("rsa-2048") }],
    ["RSA 3072", { keys: keyPair("rsa-3072") }],
    ["P-256", { keys: keyPair("p256") }],
    ["P-384", { keys: keyPair("p384") }],
    ["P-521", { keys: keyPair("p521") }],
    ["signed with SHA-256", { hash: "sha256" }],
    ["signed with SHA-384", { hash: "sha384" }],
    ["signed with SHA-512", { hash: "sha512" }],
    ["signed with RSASSA-PSS and SHA-256", { pss: true, hash: "sha256" }],
    ["signed with RSASSA-PSS and SHA-512", { pss: true, hash: "sha512" }],
    ["without basicConstraints", { ca: undefined }],
    ["with more keyUsage than it needs", { keyUsage: ["keyEncipherment", "digitalSignature"] }],
    ["valid from this second", { notBefore: now }],
    ["valid until this second", { notAfter: now }],
  ])("%s", (_what, recipe) => {
    expect(
      codeOf(() => {
        check(leaf(ca, recipe));
      }),
    ).toBeUndefined();
  });

  it("with five intermediates", () => {
    expect(
      codeOf(() => {
        check(leaf(ca), intermediates(5));
      }),
    ).toBeUndefined();
  });
});

describe("a certificate is refused", () => {
  it.each<[string, Recipe, string, string]>([
    [
      "expired yesterday",
      { notAfter: from(-day) },
      "CERTIFICATE_EXPIRED",
      `the certificate expired 1 day ago, at ${from(-day).toISOString()}`,
    ],
    [
      "expired an hour ago",
      { notAfter: from(-hour) },
      "CERTIFICATE_EXPIRED",
      "the certificate expired 1 hour ago",
    ],
    [
      "valid tomorrow",
      { notBefore: from(day) },
      "CERTIFICATE_NOT_YET_VALID",
      `the certificate becomes valid in 1 day, at ${from(day).toISOString()}`,
    ],
    [
      "valid in two hours",
      { notBefore: from(2.5 * hour) },
      "CERTIFICATE_NOT_YET_VALID",
      "the certificate becomes valid in 2 hours",
    ],
    ["of version 1", { version: 1 }, "CERTIFICATE_NOT_V3", "the certificate is X.509 version 1, not 3"],
    ["without a subject", { name: "" }, "CERTIFICATE_SUBJECT_EMPTY", "the certificate's subject is empty"],
    [
      "of a CA that may sign certificates",
      { ca: true, keyUsage: ["digitalSignature", "keyCertSign"] },
      "CERTIFICATE_IS_CA",
      "the certificate of the key is a CA certificate (basicConstraints CA:true)",
    ],
    [
      "of a CA that may not",
      { ca: true },
      "CERTIFICATE_IS_CA",
      "the certificate of the key is a CA certificate (basicConstraints CA:true)",
    ],
    [
      "without keyUsage",
      { keyUsage: undefined },
      "CERTIFICATE_KEY_USAGE",
      "the certificate's keyUsage extension is missing; it must contain digitalSignature",
    ],
    [
      "with keyUsage that lacks digitalSignature",
      { keyUsage: ["keyEncipherment"] },
      "CERTIFICATE_KEY_USAGE",
      "the certificate's keyUsage does not contain digitalSignature",
    ],
    [
      "with an empty keyUsage",
      { keyUsage: [] },
      "CERTIFICATE_KEY_USAGE",
      "the certificate's keyUsage does not contain digitalSignature",
    ],
    ["signed with MD5", { hash: "md5" }, "CERTIFICATE_WEAK_HASH", "the certificate is signed with MD5"],
    ["signed with SHA-1", { hash: "sha1" }, "CERTIFICATE_WEAK_HASH", "the certificate is signed with SHA-1"],
    [
      "signed with SHA-224",
      { hash: "sha224" },
      "CERTIFICATE_WEAK_HASH",
      "the certificate is signed with SHA-224",
    ],
    [
      "signed with RSASSA-PSS and its default, SHA-1",
      { pss: true, hash: "sha1" },
      "CERTIFICATE_WEAK_HASH",
      "the certificate is signed with SHA-1",
    ],
    [
      "signed with RSASSA-PSS and SHA-224",
      { pss: true, hash: "sha224" },
      "CERTIFICATE_WEAK_HASH",
      "the certificate is signed with SHA-224",
    ],
    [
      "signed with ECDSA and SHA-1",
      { issuer: root("EC Root"), hash: "sha1" },
      "CERTIFICATE_WEAK_HASH",
      "the certificate is signed with SHA-1",
    ],
    [
      "of an RSA key of 1024 bits",
      { keys: keyPair("rsa-1024") },
      "CERTIFICATE_RSA_TOO_SMALL",
      "the RSA key has 1024 bits",
    ],
  ])("%s", (_what, recipe, code, message) => {
    const failure = failureOf(() => {
      check(leaf(ca, recipe));
    });
    expect(failure).toMatchObject({ category: "identity", hop: "certificate", code });
    expect(failure.message).toContain(`alice.pem: ${message}`);
    expect(failure.hint).toMatch(/\.$/);
  });

  it("for an intermediate that is expired, by its name", () => {
    const expired = intermediate(ca, "Old CA", { notAfter: from(-3 * day) });
    expect(
      failureOf(() => {
        check(leaf(expired), [expired]);
      }),
    ).toMatchObject({
      code: "CERTIFICATE_EXPIRED",
      message: `alice.pem: the intermediate O=Example Corp, CN=Old CA expired 3 days ago, at ${from(-3 * day).toISOString()}`,
    });
  });

  it("for six intermediates", () => {
    expect(
      failureOf(() => {
        check(leaf(ca), intermediates(6));
      }),
    ).toMatchObject({
      code: "CHAIN_TOO_LONG",
      message: "alice.pem: there are 6 intermediates between the certificate and its root",
    });
  });
});

function intermediates(count: number): Issued[] {
  return Array.from({ length: count }, (_, index) => intermediate(ca, `CA ${index}`));
}
