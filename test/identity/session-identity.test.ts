import { describe, expect, it } from "vitest";
import { readCertificates } from "../../src/identity/certificate.ts";
import { certificateView } from "../../src/identity/certificate-view.ts";
import { sessionIdentity } from "../../src/identity/session-identity.ts";
import { named, now } from "../certificates.ts";
import { tlv } from "../der.ts";
import {
  commonName,
  directoryName,
  dns,
  email,
  organization,
  richCertificate,
  unit,
  uri,
  type Attribute,
  type RichRecipe,
} from "./rich-certificate.ts";

const view = (der: Buffer) => certificateView(readCertificates(named(der))[0], now);
const identityOf = (recipe: RichRecipe, sessionName?: string) =>
  sessionIdentity(view(richCertificate(recipe)), sessionName);
const tagsOf = (recipe: RichRecipe) =>
  Object.fromEntries(identityOf(recipe).sessionTags.map(({ key, value }) => [key, value]));

describe("the role session name", () => {
  it.each<[string, bigint, string]>([
    [
      "the serial number in lower-case hex",
      0x1f71c5114a119fc0cc5a5a52fb3720adn,
      "1f71c5114a119fc0cc5a5a52fb3720ad",
    ],
    ["without DER's leading zero octet", 0xffn, "ff"],
    ["without a leading zero digit", 0x0abcn, "abc"],
    ["with the sign of a negative one", -5n, "-5"],
  ])("is %s", (_what, serial, name) => {
    expect(identityOf({ serial }).roleSessionName).toBe(name);
  });

  it("is the one that was asked for", () => {
    expect(identityOf({}, "alice@laptop").roleSessionName).toBe("alice@laptop");
  });
});

describe("the source identity", () => {
  const of = (...names: string[]) =>
    identityOf({ serial: 0xabcn, subject: names.map((name): Attribute => [commonName, name]) })
      .sourceIdentity;

  it.each([
    ["of 61 characters has its prefix", "a".repeat(61), `CN=${"a".repeat(61)}`],
    ["of 62 has none", "a".repeat(62), "a".repeat(62)],
    ["of 64 has none", "a".repeat(64), "a".repeat(64)],
    ["of 65 becomes nothing known", "a".repeat(65), undefined],
    ["counts characters, not UTF-16 units", "😀".repeat(61), `CN=${"😀".repeat(61)}`],
  ])("of a common name %s", (_what, name, identity) => {
    expect(of(name)).toBe(identity);
  });

  it("is the serial number's without a common name, or with an empty one", () => {
    expect(of()).toBe("ID=abc");
    expect(of("")).toBe("ID=abc");
  });

  it("has all common names, joined as in the tag", () => {
    expect(of("alice", "bob")).toBe("CN=alice/bob");
  });
});

describe("the session tags", () => {
  it("are those of the user guide's example", () => {
    const tags = tagsOf({
      subject: [[commonName, "Alice"]],
      issuer: [
        ["2.5.4.6", "US"],
        [organization, "Amazon"],
        [unit, "IAM"],
        ["2.5.4.8", "Washington"],
        [commonName, "RolesAnywhere"],
        ["2.5.4.7", "Seattle"],
      ],
      alternativeNames: [
        dns("example.com"),
        uri("spiffe://example.com/workload/alice"),
        directoryName([commonName, "Alice"]),
      ],
    });
    expect(tags).toEqual({
      "x509Subject/CN": "Alice",
      "x509Issuer/C": "US",
      "x509Issuer/O": "Amazon",
      "x509Issuer/OU": "IAM",
      "x509Issuer/ST": "Washington",
      "x509Issuer/L": "Seattle",
      "x509Issuer/CN": "RolesAnywhere",
      "x509SAN/DNS": "example.com",
      "x509SAN/URI": "spiffe://example.com/workload/alice",
      "x509SAN/Name/CN": "Alice",
    });
  });

  it("join an attribute's values in the certificate's order, in one RDN or in several", () => {
    const subject = [
      [commonName, "alice"],
      [unit, "Security"],
      [
        [unit, "Engineering"],
        [unit, "Research"],
      ],
    ] as const;
    expect(tagsOf({ subject })["x509Subject/OU"]).toBe("Security/Engineering/Research");
  });

  it("take the first alternative name of each type, and none of the other types", () => {
    const alternativeNames = [
      email("alice@example.com"),
      dns("a"),
      dns("b"),
      uri("urn:a"),
      uri("urn:b"),
      directoryName([organization, "First"]),
      directoryName([organization, "Second"]),
    ];
    expect(tagsOf({ issuer: [], alternativeNames })).toEqual({
      "x509Subject/CN": "alice",
      "x509SAN/DNS": "a",
      "x509SAN/URI": "urn:a",
      "x509SAN/Name/O": "First",
    });
  });

  it.each<[string, Buffer, string]>([
    ["UTF8String", tlv(0x0c, Buffer.from("Zoë")), "Zoë"],
    ["PrintableString, with an @ that it may not have", tlv(0x13, Buffer.from("a@b")), "a@b"],
    ["TeletexString", tlv(0x14, Buffer.from("Zoë", "latin1")), "Zoë"],
    ["IA5String", tlv(0x16, Buffer.from("zoe")), "zoe"],
    ["BMPString", tlv(0x1e, Buffer.from([0, 0x5a, 0, 0x6f, 0, 0xeb])), "Zoë"],
  ])("read a %s", (_what, value, text) => {
    expect(tagsOf({ subject: [[commonName, value]] })["x509Subject/CN"]).toBe(text);
  });

  it.each([
    ["Example, Inc.", "characters"],
    ["alice (EMP 1)", "characters"],
    ["*.example.com", "characters"],
    ["a'b", "characters"],
    ["a".repeat(257), "length"],
    ["a".repeat(256), undefined],
    ["Zoë 42_.:/=+-@", undefined],
    ["東京", undefined],
  ])("show which of them STS would not accept: %s", (value, leftOut) => {
    expect(identityOf({ subject: [[organization, value]], issuer: [] }).sessionTags).toEqual([
      { key: "x509Subject/O", value, ...(leftOut && { leftOut }) },
    ]);
  });
});
