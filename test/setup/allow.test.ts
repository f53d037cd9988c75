import { describe, expect, it } from "vitest";
import { allowedIn } from "../../src/setup/allow.ts";

describe("--allow", () => {
  it.each([
    ["subject.OU=Platform", "x509Subject/OU", "Platform", false],
    ["subject.ou=Platform", "x509Subject/OU", "Platform", false],
    ["subject.CN=al*", "x509Subject/CN", "al*", true],
    ["subject.CN=a=b", "x509Subject/CN", "a=b", false],
    ["issuer.CN=Example CA", "x509Issuer/CN", "Example CA", false],
    ["san.DNS=alice.example.com", "x509SAN/DNS", "alice.example.com", false],
    ["san.uri=spiffe://example.com/*", "x509SAN/URI", "spiffe://example.com/*", true],
    ["san.Name.CN=device", "x509SAN/Name/CN", "device", false],
    ["san.Name/CN=device", "x509SAN/Name/CN", "device", false],
    ["subject.1.2.3.4=x", "x509Subject/1.2.3.4", "x", false],
  ])("%s is the tag %s", (text, tag, value, isPattern) => {
    expect(allowedIn(text)).toEqual({ tag, value, isPattern });
  });

  it.each([
    ["", "is not of the form subject.OU=VALUE, issuer.CN=VALUE or san.URI=VALUE"],
    ["CN=alice", "is not of the form subject.OU=VALUE, issuer.CN=VALUE or san.URI=VALUE"],
    ["constructor.CN=alice", "is not of the form subject.OU=VALUE, issuer.CN=VALUE or san.URI=VALUE"],
    ["subject.Team=x", "names Team, of which Roles Anywhere makes no tag of the subject"],
    ["san.email=x", "names email, of which Roles Anywhere makes no tag of the san"],
    ["san.Name=x", "names Name, of which Roles Anywhere makes no tag of the san"],
    ["subject.E=a@b", "names E, and AWS does not document how it names the tag of this attribute"],
    ["issuer.sn=x", "names sn, and AWS does not document how it names the tag of this attribute"],
    ["san.Name.GN=x", "names Name.GN, and AWS does not document how it names the tag of this attribute"],
    ["subject.CN=", "has no value"],
    ["subject.CN=*", "lets in every value"],
    ["subject.CN=a&b", "has a value that no session tag can have, so no certificate would be let in"],
    [
      `subject.CN=${"a".repeat(257)}`,
      "has a value that no session tag can have, so no certificate would be let in",
    ],
  ])("%j: it %s", (text, why) => {
    expect(allowedIn(text)).toEqual({ why });
  });
});
