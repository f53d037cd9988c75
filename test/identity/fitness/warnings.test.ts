import { describe, expect, it } from "vitest";
import { readCertificates } from "../../../src/identity/certificate.ts";
import { certificateView } from "../../../src/identity/certificate-view.ts";
import { sessionIdentity } from "../../../src/identity/session-identity.ts";
import { warningsOf } from "../../../src/identity/fitness/warnings.ts";
import { day, from, hour, named, now } from "../../certificates.ts";
import { asnTrue, sequence } from "../../der.ts";
import {
  commonName,
  dns,
  organization,
  richCertificate,
  unit,
  type Attribute,
  type RichRecipe,
} from "../rich-certificate.ts";

const warnings = (recipe: RichRecipe) => {
  const view = certificateView(readCertificates(named(richCertificate(recipe)))[0], now);
  return warningsOf(view, sessionIdentity(view), now);
};
const codes = (recipe: RichRecipe) => warnings(recipe).map(({ code }) => code);
const clientAuth = "1.3.6.1.5.5.7.3.2";
const serverAuth = "1.3.6.1.5.5.7.3.1";
const selfSigned: RichRecipe = { subject: [[commonName, "self"]], issuer: [[commonName, "self"]] };
const validFor = (whole: number, left: number): RichRecipe => ({
  notBefore: from(left - whole),
  notAfter: from(left),
});

it("warns about more tags than STS accepts", () => {
  const subject = (count: number): Attribute[] =>
    Array.from({ length: count }, (_, at): Attribute => [`1.2.3.${at}`, "a"]);
  expect(codes({ subject: subject(49) })).not.toContain("SESSION_TAGS_TOO_MANY");
  expect(warnings({ subject: subject(50) })).toContainEqual(
    expect.objectContaining({
      code: "SESSION_TAGS_TOO_MANY",
      message: "the session has 51 tags, more than the 50 that STS accepts",
    }),
  );
});

describe("no warning is given", () => {
  it.each<[string, RichRecipe]>([
    ["for a common certificate", {}],
    ["for one with clientAuth", { purposes: [serverAuth, clientAuth] }],
    ["for one with any purpose", { purposes: ["2.5.29.37.0"] }],
    ["fifteen days before it expires", validFor(90 * day, 15 * day)],
    ["for a life of one day, at its noon", validFor(day, 12 * hour)],
    ["after it has expired, which is a problem", validFor(90 * day, -1000)],
    [
      "for the names of a directory",
      {
        subject: [
          ["0.9.2342.19200300.100.1.25", "corp"],
          [commonName, "alice"],
        ],
      },
    ],
    ["for a common name of 64 characters", { subject: [[commonName, "a".repeat(64)]] }],
    ["for a self-signed CA", { ...selfSigned, basicConstraints: sequence(asnTrue()) }],
  ])("%s", (_what, recipe) => {
    expect(codes(recipe)).toEqual([]);
  });
});

describe("a warning is given", () => {
  it.each<[string, RichRecipe, string, string]>([
    [
      "thirteen days before it expires",
      validFor(90 * day, 13.5 * day),
      "CERTIFICATE_EXPIRES_SOON",
      "the certificate expires in 13 days",
    ],
    [
      "in the last third of a life of one day",
      validFor(day, 7 * hour),
      "CERTIFICATE_EXPIRES_SOON",
      "the certificate expires in less than a day",
    ],
    [
      "without clientAuth among the purposes",
      { purposes: [serverAuth] },
      "CERTIFICATE_NO_CLIENT_AUTH",
      "the certificate's extendedKeyUsage does not contain clientAuth",
    ],
    [
      "for a self-signed certificate",
      selfSigned,
      "CERTIFICATE_SELF_SIGNED",
      "the certificate names itself as its issuer",
    ],
    [
      "for a common name of 65 characters",
      { subject: [[commonName, "a".repeat(65)]] },
      "COMMON_NAME_TOO_LONG",
      "the common name has 65 characters, more than the 64 that X.509 and STS allow",
    ],
    [
      "for a common name with a space",
      { subject: [[commonName, "Alice Smith"]] },
      "SOURCE_IDENTITY_CHARACTERS",
      "the common name has characters that STS does not accept in a source identity",
    ],
    [
      "for attributes without a documented tag",
      {
        subject: [
          [commonName, "alice"],
          ["2.5.4.5", "42"],
          ["1.2.3.4", "x"],
        ],
      },
      "TAG_NAME_UNDOCUMENTED",
      "the subject or the issuer has attributes whose tags have no documented name: SERIALNUMBER, 1.2.3.4",
    ],
    [
      "for characters that no tag may have",
      {
        subject: [
          [commonName, "alice"],
          [organization, "Example, Inc."],
        ],
        alternativeNames: [dns("*.example.com")],
      },
      "TAG_CHARACTERS",
      "characters that a session tag cannot contain: x509Subject/O, x509SAN/DNS",
    ],
    [
      "for a tag that is too long",
      {
        subject: [
          [commonName, "alice"],
          [unit, "a".repeat(200)],
          [unit, "b".repeat(56)],
        ],
      },
      "TAG_TOO_LONG",
      "more than the 256 characters of a session tag: x509Subject/OU",
    ],
    [
      "for tags that a token may not have room for",
      {
        subject: [
          [commonName, "alice"],
          ...[organization, unit, "2.5.4.7", "2.5.4.8", "2.5.4.9"].map(
            (type) => [type, "a".repeat(250)] as const,
          ),
        ],
      },
      "SESSION_TAGS_LARGE",
      "the session tags have 1363 octets, so the token can exceed the limit of EKS (4096)",
    ],
  ])("%s", (_what, recipe, code, message) => {
    expect(warnings(recipe)).toMatchObject([{ code, message }]);
    expect(warnings(recipe)[0]?.hint).toMatch(/\.$/);
  });

  it("for several common names", () => {
    expect(
      codes({
        subject: [
          [commonName, "a"],
          [commonName, "b"],
        ],
      }),
    ).toEqual(["COMMON_NAME_REPEATED", "SOURCE_IDENTITY_CHARACTERS"]);
  });

  it("of no more than five names each, however many there are", () => {
    const types = Array.from({ length: 100 }, (_, index) => `1.2.3.${index}`);
    const messages = warnings({ subject: types.map((type) => [type, "(x)"] as const) }).map(
      ({ message }) => message,
    );
    expect(messages).toHaveLength(2);
    for (const message of messages) expect(message.length).toBeLessThan(200);
  });
});
