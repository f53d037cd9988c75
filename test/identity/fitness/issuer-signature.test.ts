import { describe, expect, it } from "vitest";
import { identityOf, inspectionOf } from "../given.ts";
import {
  day,
  from,
  intermediate,
  keyPair,
  leaf,
  named,
  now,
  root,
  toPem,
  type Issued,
} from "../../certificates.ts";
import { codeOf } from "../../failure.ts";

const ca = root();
const issuer = intermediate(ca);
const alice = leaf(issuer);

const inspected = (...certificates: { pem: string }[]) => {
  const { problems, warnings } = inspectionOf({ certificate: named(pem(certificates)) }, now);
  return [...problems, ...warnings].map(({ code }) => code);
};
const signedIn = (...certificates: { pem: string }[]) =>
  codeOf(() =>
    identityOf({ certificate: named(pem(certificates)), privateKey: named(alice.keyPem, "alice.key") }, now),
  );
const pem = (certificates: readonly { pem: string }[]): string => certificates.map((one) => one.pem).join("");

/** One bit of the signature is another: what a cable or an editor makes of a certificate. */
function broken({ der }: Issued): { pem: string } {
  const changed = Buffer.from(der);
  changed.writeUInt8(changed.readUInt8(changed.length - 3) ^ 1, changed.length - 3);
  return { pem: toPem("CERTIFICATE", changed) };
}

describe("a signature that its issuer's key has not made", () => {
  it("is a problem if the issuer is in the files and its key identifier names it", () => {
    expect(inspected(broken(alice), issuer)).toEqual(["CERTIFICATE_SIGNATURE_INVALID"]);
    expect(inspected(issuer, broken(alice), ca)).toEqual(["CERTIFICATE_SIGNATURE_INVALID"]);
    expect(signedIn(broken(alice), issuer)).toBe("CERTIFICATE_SIGNATURE_INVALID");
  });

  it("of an intermediate too, which is named", () => {
    expect(inspected(alice, broken(issuer), ca)).toEqual(["CERTIFICATE_SIGNATURE_INVALID"]);
    expect(signedIn(alice, broken(issuer), ca)).toBe("CERTIFICATE_SIGNATURE_INVALID");
    const { problems } = inspectionOf({ certificate: named(pem([alice, broken(issuer), ca])) }, now);
    expect(problems[0]?.message).toContain("the intermediate O=Example Corp, CN=Test Intermediate");
    expect(problems[0]?.message).toContain("CN=Test Root");
  });

  it("is left for Roles Anywhere to judge where the issuer is not there", () => {
    expect(inspected(broken(alice))).toEqual([]);
    expect(inspected(broken(alice), ca)).toEqual([]);
    expect(signedIn(broken(alice))).toBeUndefined();
  });

  it("is not claimed where another certificate of the issuer's name has made it", () => {
    const renewed = intermediate(ca, "Test Intermediate", { notAfter: from(60 * day) });
    const namesake = intermediate(ca, "Test Intermediate", { keys: keyPair("p256", "namesake") });
    expect(inspected(alice, namesake, issuer, renewed)).toEqual([]);
    expect(signedIn(alice, namesake, issuer)).toBeUndefined();
  });
});

describe("a namesake of the issuer, without key identifiers that distinguish them", () => {
  const none = { keyIdentifiers: false };
  const plain = leaf(intermediate(ca, "Rolled", none), none);
  const namesake = intermediate(ca, "Rolled", { ...none, keys: keyPair("p256", "before") });

  it("is a warning alone: a CA that has changed its key looks the same", () => {
    expect(inspected(plain, namesake)).toEqual(["CERTIFICATE_ISSUER_NAMESAKE"]);
    expect(signedIn(plain, namesake)).toBeUndefined();
    expect(inspected(broken(leaf(namesake, none)), namesake)).toEqual(["CERTIFICATE_ISSUER_NAMESAKE"]);
  });

  it("is none where the identifiers differ: that CA is another", () => {
    const mine = leaf(intermediate(ca, "Rolled"));
    const other = intermediate(ca, "Rolled", { keys: keyPair("p256", "before") });
    expect(inspected(mine, other)).toEqual([]);
  });
});

it("a certificate and a chain that are right have neither", () => {
  expect(inspected(alice, issuer, ca)).toEqual([]);
  expect(inspected(alice, issuer)).toEqual([]);
  expect(inspected(alice)).toEqual([]);
});
