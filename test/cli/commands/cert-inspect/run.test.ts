import { describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { runCertInspect } from "../../../../src/cli/commands/cert-inspect/run.ts";
import { EksX509Error } from "../../../../src/foundation/errors.ts";
import { day, intermediate, leaf, root, keyPair } from "../../../certificates.ts";
import { rejectionOf } from "../../../failure.ts";
import {
  commonName,
  directoryName,
  dns,
  organization,
  richCertificate,
  type RichRecipe,
} from "../../../identity/rich-certificate.ts";
import { portsWith } from "../../../ports.ts";
import { fromJson } from "../../../json.ts";
import { keyFiles } from "../../../key-files.ts";
import { matching } from "../../../matching.ts";

const clock = new Date("2026-11-23T08:00:00Z");
const valid = { notBefore: new Date("2026-10-01T00:00:00Z"), notAfter: new Date("2026-12-31T23:59:59Z") };
const ca = root("Test Root", valid);
const issuer = intermediate(ca, "Test Intermediate", valid);
const alice = leaf(issuer, { ...valid, serial: 0x0abcn });

interface CertInspectInput {
  file: string;
  intermediates: string;
  privateKey: string;
  roleSessionName: string;
  output: "text" | "json";
}

/** Bytes of each path; what is read, and what comes out. */
async function inspect(content: string | Buffer, input: Partial<CertInspectInput> = {}) {
  const files: Readonly<Record<string, string | Buffer>> = {
    "alice.pem": content,
    "chain.pem": issuer.pem + ca.pem,
    "alice.key": alice.keyPem,
  };
  const out = { code: 0, text: "" };
  out.code = await runCertInspect(
    new Flags({
      FILE: input.file ?? "alice.pem",
      intermediates: input.intermediates,
      "private-key": input.privateKey,
      "role-session-name": input.roleSessionName,
      output: input.output ?? "text",
    }),
    portsWith({
      clock: () => clock,
      stdout: (text) => Promise.resolve(void (out.text += text)),
      ...keyFiles((path, { given, hop, category }) => {
        const bytes = files[path];
        if (bytes !== undefined)
          return Promise.resolve({ name: path, bytes: Buffer.from(bytes), mode: 0o600 });
        const message = `${path} (${given}) does not exist`;
        return Promise.reject(
          new EksX509Error({ category, hop, code: "FILE_MISSING", message, hint: "Look." }),
        );
      }),
    }),
  );
  return out;
}

/** Line feeds apart. */
const unfit = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;

const json = async (content: string | Buffer, input: Partial<CertInspectInput> = {}) =>
  fromJson<unknown>((await inspect(content, { ...input, output: "json" })).text);
const rich = (recipe: RichRecipe): Buffer => richCertificate({ ...valid, ...recipe });

describe("cert inspect for people", () => {
  it("prints the certificate, its chain, the session of Roles Anywhere, and a verdict", async () => {
    const { code, text } = await inspect(issuer.pem + alice.pem + ca.pem);
    expect(code).toBe(0);
    expect(text.replace(/[0-9a-f]{64}/, "FINGERPRINT")).toBe(`Certificate
  subject      O=Example Corp, CN=alice
  issuer       O=Example Corp, CN=Test Intermediate
  serial       2748
  serial, hex  abc
  valid        2026-10-01T00:00:00Z to 2026-12-31T23:59:59Z, 38 days left
  key          EC P-256
  signed with  ECDSA with SHA-256
  key usage    digitalSignature
  ext. usage   (no extension)
  constraints  CA:false
  SHA-256      FINGERPRINT

Chain
  intermediate  O=Example Corp, CN=Test Intermediate, until 2026-12-31T23:59:59Z
  root          O=Example Corp, CN=Test Root; it is not sent

The session of Roles Anywhere
  session name     abc
  source identity  CN=alice
  tag              x509Subject/O = Example Corp
  tag              x509Subject/CN = alice
  tag              x509Issuer/O = Example Corp
  tag              x509Issuer/CN = Test Intermediate

✓ fit for Roles Anywhere (the trust anchor and the profile are not checked)
`);
  });

  it("prints every problem with a hint, with exit code 3", async () => {
    const { code, text } = await inspect(
      leaf(issuer, { ...valid, keyUsage: undefined, keys: keyPair("rsa-1024") }).pem,
    );
    expect(code).toBe(3);
    expect(text.slice(text.indexOf("✗")))
      .toBe(`✗ alice.pem: the certificate's keyUsage extension is missing; it must contain
  digitalSignature (CERTIFICATE_KEY_USAGE)
  → Ask your CA for a certificate with keyUsage digitalSignature.
✗ alice.pem: the RSA key has 1024 bits (CERTIFICATE_RSA_TOO_SMALL)
  → Roles Anywhere requires 2048 or more. Create a new key and request a
    certificate for it.
✗ not fit for Roles Anywhere
`);
  });

  it("warns, and is content all the same", async () => {
    const { code, text } = await inspect(
      rich({
        subject: [
          [commonName, "alice"],
          [organization, "Example, Inc."],
        ],
      }),
    );
    expect(code).toBe(0);
    expect(text).toMatch(
      /tag +x509Subject\/O = Example, Inc\. \(omitted: characters that a tag\n +cannot contain\)/,
    );
    expect(text).toMatch(
      /^! characters that a session tag cannot contain: x509Subject\/O \(TAG_CHARACTERS\)$/m,
    );
    expect(text).toMatch(/✓ fit for Roles Anywhere \(the trust anchor and the profile are not checked\)\n$/);
  });

  it("keeps within 80 columns", async () => {
    const names = ["one", "two", "three", "four", "five", "six"].map(
      (name) => [organization, `${name} words here`] as const,
    );
    const { text } = await inspect(
      rich({
        subject: names,
        purposes: ["1.3.6.1.5.5.7.3.1", "1.2.3.4.5.6.7", "1.2.3.4.5.6.8", "1.2.3.4.5.6.9", "1.2.3.4.5.6.10"],
      }),
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("stays short, whatever a certificate holds", async () => {
    const alternativeNames = Array.from({ length: 5_000 }, (_, index) => dns(`host-${index}.example.com`));
    const { text } = await inspect(rich({ subject: [[commonName, "a b ".repeat(5_000)]], alternativeNames }));
    expect(text).toContain("and 4990 more");
    expect(text.length).toBeLessThan(6_000);
  });

  it("lets no name steer the terminal, or look like a line of its own", async () => {
    const steering = "a\u001b[2J\n✓ fit\u202eb\u009b1m";
    const certificate = rich({
      subject: [[commonName, steering]],
      alternativeNames: [dns("a\u001b]0;x\u0007"), directoryName([organization, steering])],
      basicConstraints: Buffer.from("30030101ff", "hex"),
    });
    const { text } = await inspect(certificate);
    expect(text).not.toMatch(unfit);
    expect(text).not.toMatch(/^✓/m);
    const { text: object } = await inspect(certificate, { output: "json" });
    expect(object).not.toMatch(unfit);
    expect(JSON.stringify(fromJson(object))).toContain("\u202e");
  });
});

describe("cert inspect for programs", () => {
  it("prints one object", async () => {
    expect(await json(alice.pem, { intermediates: "chain.pem", privateKey: "alice.key" })).toEqual({
      file: "alice.pem",
      valid: true,
      problems: [],
      warnings: [],
      certificate: {
        subject: "O=Example Corp, CN=alice",
        issuer: "O=Example Corp, CN=Test Intermediate",
        serial: { decimal: "2748", hex: "abc" },
        notBefore: "2026-10-01T00:00:00.000Z",
        notAfter: "2026-12-31T23:59:59.000Z",
        daysLeft: 38,
        version: 3,
        key: "EC P-256",
        signatureAlgorithm: "ECDSA with SHA-256",
        keyUsage: ["digitalSignature"],
        extendedKeyUsage: null,
        basicConstraints: { ca: false, pathLength: null },
        subjectAlternativeNames: { dns: [], uri: [], email: [], ip: [], directoryNames: [], other: [] },
        fingerprintSha256: matching(/^[0-9a-f]{64}$/),
      },
      chain: {
        intermediates: [
          {
            subject: "O=Example Corp, CN=Test Intermediate",
            issuer: "O=Example Corp, CN=Test Root",
            notAfter: "2026-12-31T23:59:59.000Z",
          },
        ],
        endsAt: "O=Example Corp, CN=Test Root",
        rootIsThere: true,
        passedOver: [],
      },
      session: {
        roleSessionName: "abc",
        sourceIdentity: "CN=alice",
        tags: [
          { key: "x509Subject/O", value: "Example Corp", leftOut: null },
          { key: "x509Subject/CN", value: "alice", leftOut: null },
          { key: "x509Issuer/O", value: "Example Corp", leftOut: null },
          { key: "x509Issuer/CN", value: "Test Intermediate", leftOut: null },
        ],
      },
    });
  });

  it("prints the problems with their codes, with exit code 3", async () => {
    const { code, text } = await inspect(leaf(issuer, { notAfter: new Date(clock.getTime() - day) }).pem, {
      output: "json",
    });
    expect(code).toBe(3);
    expect(fromJson(text)).toMatchObject({
      valid: false,
      problems: [
        { code: "CERTIFICATE_EXPIRED", message: matching(/1 day ago/), hint: matching(/^Renew it/) },
      ],
      certificate: { daysLeft: -1 },
    });
  });

  it("counts the same days in daysLeft as in words, and -1 on the day on which it expires", async () => {
    for (const [hours, daysLeft, words] of [
      [-1, -1, /expired 1 hour ago/],
      [-47, -1, /expired 1 day ago/],
      [-48, -2, /expired 2 days ago/],
    ] as const) {
      const notAfter = new Date(clock.getTime() + hours * 3_600_000);
      const pem = leaf(issuer, { ...valid, notAfter }).pem;
      expect(await json(pem)).toMatchObject({
        problems: [{ code: "CERTIFICATE_EXPIRED", message: matching(words) }],
        certificate: { daysLeft },
      });
      expect((await inspect(pem)).text).toMatch(/^ {2}valid .*, expired$/m);
    }
  });

  it("prints an object of the same form for files that cannot be inspected", async () => {
    for (const [content, input, code] of [
      [alice.pem, { file: "none.pem" }, "FILE_MISSING"],
      [alice.pem, { intermediates: "none.pem" }, "FILE_MISSING"],
      [alice.keyPem, {}, "CERTIFICATE_IS_KEY"],
      ["hello", {}, "CERTIFICATE_MISSING"],
      [ca.pem, { privateKey: "alice.key" }, "PRIVATE_KEY_MISMATCH"],
    ] as const) {
      const printed = await inspect(content, { ...input, output: "json" });
      expect(printed.code).toBe(3);
      expect(fromJson(printed.text)).toEqual({
        file: "file" in input ? input.file : "alice.pem",
        valid: false,
        problems: [{ code, message: matching(/./), hint: matching(/./) }],
        warnings: [],
        certificate: null,
        chain: null,
        session: null,
      });
    }
  });

  it("takes the session name that was asked for", async () => {
    expect(await json(alice.pem, { roleSessionName: "alice@laptop" })).toMatchObject({
      session: { roleSessionName: "alice@laptop" },
    });
  });
});

it.each(["a b", "a", "", "x".repeat(65), "alice\n", "älice"])(
  "cert inspect refuses the session name %j, as get-token does",
  async (roleSessionName) => {
    for (const output of ["text", "json"] as const)
      expect(await rejectionOf(inspect(alice.pem, { roleSessionName, output }))).toMatchObject({
        category: "usage",
        code: "SESSION_NAME_INVALID",
      });
  },
);

describe("cert inspect and files", () => {
  it("never shows the key that a file holds", async () => {
    const lines = alice.keyPem.split("\n").slice(1, -2);
    for (const output of ["text", "json"] as const) {
      const { text } = await inspect(alice.keyPem + alice.pem, { output, privateKey: "alice.key" });
      for (const line of lines) expect(text).not.toContain(line);
    }
  });

  it("refuses what is no certificate, and says what it is", async () => {
    expect(await rejectionOf(inspect(alice.keyPem))).toMatchObject({
      category: "identity",
      code: "CERTIFICATE_IS_KEY",
      message: "alice.pem is a private key, not a certificate",
    });
  });

  it.each([
    [{ file: "none.pem" }, "none.pem (FILE) does not exist"],
    [{ intermediates: "none.pem" }, "none.pem (--intermediates) does not exist"],
    [{ privateKey: "none.pem" }, "none.pem (--private-key) does not exist"],
  ])("reports which file is missing: %j", async (input, message) => {
    expect(await rejectionOf(inspect(alice.pem, input))).toMatchObject({ category: "identity", message });
  });

  it("counts days from the clock that it is given", async () => {
    const notAfter = new Date(clock.getTime() + 3.5 * day);
    expect(await json(leaf(issuer, { notAfter }).der)).toMatchObject({ certificate: { daysLeft: 3 } });
  });
});
