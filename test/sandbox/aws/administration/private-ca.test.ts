import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { newKeys } from "../../../../src/sandbox/aws/acm-pca/certificate-authority.ts";
import { administrator, at, textAt } from "./administrator.ts";

let admin: ReturnType<typeof administrator>;
let arn: string;

const configuration = {
  KeyAlgorithm: "EC_prime256v1",
  SigningAlgorithm: "SHA256WITHECDSA",
  Subject: { Organization: "Example", CommonName: "Example CA" },
};
const template = (name: string) => `arn:aws:acm-pca:::template/${name}/V1`;
const of = (operation: string, input = {}) =>
  admin.pca(operation, { CertificateAuthorityArn: arn, ...input });
const base64 = (text: string) => Buffer.from(text).toString("base64");

beforeEach(async () => {
  admin = administrator();
  const created = await admin.pca("CreateCertificateAuthority", {
    CertificateAuthorityType: "ROOT",
    CertificateAuthorityConfiguration: configuration,
  });
  arn = textAt(created, "CertificateAuthorityArn");
});

async function issued(csr: string, templateArn: string, days: number): Promise<string> {
  const answer = await of("IssueCertificate", {
    Csr: base64(csr),
    SigningAlgorithm: "SHA256WITHECDSA",
    TemplateArn: templateArn,
    Validity: { Value: days, Type: "DAYS" },
  });
  if (answer.status !== 200) return textAt(answer, "message");
  return textAt(
    await of("GetCertificate", { CertificateArn: textAt(answer, "CertificateArn") }),
    "Certificate",
  );
}

async function activate(): Promise<string> {
  const certificate = await issued(
    textAt(await of("GetCertificateAuthorityCsr"), "Csr"),
    template("RootCACertificate"),
    3650,
  );
  await of("ImportCertificateAuthorityCertificate", { Certificate: base64(certificate) });
  return certificate;
}

async function request(): Promise<string> {
  const subject = [{ O: ["Example"] }, { CN: ["alice"] }];
  return (await newKeys(subject, "EC_prime256v1", "SHA256WITHECDSA")).csr;
}

describe("AWS Private CA", () => {
  it("issues its root, and certificates under it", async () => {
    const root = new X509Certificate(await activate());
    expect(root.ca).toBe(true);
    expect(at(await of("DescribeCertificateAuthority"), "CertificateAuthority", "Status")).toBe("ACTIVE");
    const leaf = new X509Certificate(
      await issued(await request(), template("EndEntityClientAuthCertificate"), 30),
    );
    expect([leaf.verify(root.publicKey), leaf.ca, leaf.keyUsage]).toEqual([
      true,
      false,
      ["1.3.6.1.5.5.7.3.2"],
    ]);
    expect(leaf.subject.split("\n").at(-1)).toBe("CN=alice");
  });

  it("issues nothing before it is active, nor after its end", async () => {
    expect(await issued(await request(), template("EndEntityCertificate"), 30)).toContain(
      "not in the correct state",
    );
    await activate();
    expect(await issued(await request(), template("EndEntityCertificate"), 4000)).toContain(
      "exceeds the certificate authority validity",
    );
    await of("UpdateCertificateAuthority", { Status: "DISABLED" });
    expect(await issued(await request(), template("EndEntityCertificate"), 30)).toContain(
      "not in the correct state",
    );
  });

  it("is deleted when it is disabled", async () => {
    await activate();
    expect(await of("DeleteCertificateAuthority")).toMatchObject({
      status: 400,
      code: "InvalidStateException",
    });
    await of("UpdateCertificateAuthority", { Status: "DISABLED" });
    expect((await of("DeleteCertificateAuthority", { PermanentDeletionTimeInDays: 7 })).status).toBe(200);
    const deleted = await of("DescribeCertificateAuthority");
    expect(at(deleted, "CertificateAuthority", "Status")).toBe("DELETED");
    const [until, since] = ["RestorableUntil", "LastStateChangeAt"].map((name) =>
      Number(at(deleted, "CertificateAuthority", name)),
    );
    expect((until ?? 0) - (since ?? 0)).toBe(7 * 86_400);
    expect(await of("DeleteCertificateAuthority")).toMatchObject({ code: "InvalidStateException" });
  });

  it("is restored to the status that it had, until the period ends", async () => {
    await activate();
    await of("UpdateCertificateAuthority", { Status: "DISABLED" });
    expect(await of("RestoreCertificateAuthority")).toMatchObject({ code: "InvalidStateException" });
    await of("DeleteCertificateAuthority");
    expect((await of("RestoreCertificateAuthority")).status).toBe(200);
    const restored = await of("DescribeCertificateAuthority");
    expect(at(restored, "CertificateAuthority")).toMatchObject({ Status: "DISABLED" });
    expect(at(restored, "CertificateAuthority")).not.toHaveProperty("RestorableUntil");
    expect((await of("UpdateCertificateAuthority", { Status: "ACTIVE" })).status).toBe(200);
  });

  it("is recorded in camel case, as CloudTrail does", () => {
    expect(admin.records).toMatchObject([
      {
        eventName: "CreateCertificateAuthority",
        requestParameters: {
          certificateAuthorityType: "ROOT",
          certificateAuthorityConfiguration: { subject: { commonName: "Example CA" } },
        },
        responseElements: { certificateAuthorityArn: arn },
      },
    ]);
  });

  it("signs no root for the key of another", async () => {
    expect(await issued(await request(), template("RootCACertificate"), 30)).toContain(
      "not in the correct state",
    );
  });

  it("creates one CA and one certificate for an idempotency token", async () => {
    await activate();
    const created = { CertificateAuthorityType: "ROOT", CertificateAuthorityConfiguration: configuration };
    const issuance = {
      Csr: base64(await request()),
      SigningAlgorithm: "SHA256WITHECDSA",
      Validity: { Value: 1, Type: "DAYS" },
    };
    const answers = async (IdempotencyToken: string): Promise<string> =>
      textAt(
        await admin.pca("CreateCertificateAuthority", { ...created, IdempotencyToken }),
        "CertificateAuthorityArn",
      ) + textAt(await of("IssueCertificate", { ...issuance, IdempotencyToken }), "CertificateArn");
    const first = await answers("a");
    expect(await answers("a")).toBe(first);
    expect(await answers("b")).not.toBe(first);
  });

  it.each<[string, string, object, string]>([
    [
      "an ARN of another form",
      "DescribeCertificateAuthority",
      { CertificateAuthorityArn: "x" },
      "ValidationException",
    ],
    [
      "a CA that is not there",
      "DescribeCertificateAuthority",
      { CertificateAuthorityArn: "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/x" },
      "ResourceNotFoundException",
    ],
    [
      "a CSR that is none",
      "IssueCertificate",
      {
        Csr: "AAAA",
        SigningAlgorithm: "SHA256WITHECDSA",
        Validity: { Value: 1, Type: "DAYS" },
        TemplateArn: template("RootCACertificate"),
      },
      "MalformedCSRException",
    ],
    [
      "an algorithm of other keys",
      "IssueCertificate",
      {
        Csr: "AAAA",
        SigningAlgorithm: "SHA256WITHRSA",
        Validity: { Value: 1, Type: "DAYS" },
        TemplateArn: template("RootCACertificate"),
      },
      "InvalidArgsException",
    ],
    [
      "a certificate of another key",
      "ImportCertificateAuthorityCertificate",
      { Certificate: base64("x") },
      "MalformedCertificateException",
    ],
    ["an unknown operation", "Describe", {}, "UnknownOperationException"],
  ])("refuses: %s", async (_, operation, input, code) => {
    expect(await of(operation, input)).toMatchObject({ status: 400, code });
  });
});
