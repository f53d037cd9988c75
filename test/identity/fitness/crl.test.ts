import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCertificates } from "../../../src/identity/certificate.ts";
import { readCrls, revocationIn } from "../../../src/identity/fitness/crl.ts";
import { named } from "../../certificates.ts";
import {
  explicit,
  generalizedTime,
  integer,
  oid,
  octetString,
  sequence,
  tlv,
  asnTrue,
  bitString,
} from "../../der.ts";

const read = (name: string) =>
  readFileSync(new URL(`../../vectors/trust-policy/crl/${name}`, import.meta.url));
const crlsIn = (bytes: Uint8Array) => readCrls(named(bytes, "list.crl")) ?? [];
const crlOf = (name: string) => {
  const [crl] = crlsIn(read(name));
  if (!crl) throw new Error(`${name} is no list`);
  return crl;
};
const certificateOf = (name: string) => readCertificates(named(read(name), name))[0];

describe.each(["ec", "rsa"])("a list that OpenSSL wrote with an %s key", (kind) => {
  const ca = certificateOf(`${kind}-ca.pem`);
  const bob = certificateOf(`${kind}-bob.pem`);

  it("revokes the certificate whose serial number it has", () => {
    const crl = crlOf(`${kind}-bob.crl`);
    expect(crl).toMatchObject({ issuer: `O=Example Corp, CN=Example ${kind} CA`, limits: undefined });
    expect(crl.nextUpdate).toEqual(new Date("2126-11-03T10:17:53Z"));
    expect(revocationIn([bob], [crl])).toMatchObject({ certificate: bob, crl });
    expect([...crl.revoked.keys()]).toEqual([bob.serial]);
  });

  it("revokes nothing if it is empty", () => {
    expect(revocationIn([bob, ca], [crlOf(`${kind}-empty.crl`)])).toBeUndefined();
  });

  it("is signed by its issuer and by nobody else", () => {
    expect(crlOf(`${kind}-bob.crl`).isSignedBy(ca)).toBe(true);
    expect(crlOf(`${kind}-bob.crl`).isSignedBy(bob)).toBe(false);
  });
});

describe("a list", () => {
  it("says nothing about the certificates of another CA, whatever their serial numbers", () => {
    const bob = { ...certificateOf("ec-bob.pem"), serial: certificateOf("rsa-bob.pem").serial };
    expect(revocationIn([bob], [crlOf("rsa-bob.crl")])).toBeUndefined();
  });

  it("signed with RSASSA-PSS is verified", () => {
    expect(crlOf("rsa-pss.crl").isSignedBy(certificateOf("rsa-ca.pem"))).toBe(true);
  });

  it("that was changed is not signed", () => {
    const [crl] = crlsIn(read("ec-bob.crl"));
    const der = Buffer.from(
      read("ec-bob.crl")
        .toString()
        .replace(/-----.*-----|\s/g, ""),
      "base64",
    );
    const serial = Buffer.from([...(crl?.revoked.keys() ?? [])][0]?.toString(16) ?? "", "hex");
    der.writeUInt8(der.readUInt8(der.indexOf(serial) + 3) ^ 1, der.indexOf(serial) + 3);
    const [changed] = crlsIn(der);
    expect(changed?.isSignedBy(certificateOf("ec-ca.pem"))).toBe(false);
  });

  it("is read from DER, and several of them from one file", () => {
    const [one, other] = [read("ec-bob.crl"), read("rsa-bob.crl")];
    const der = Buffer.from(one.toString().replace(/-----.*-----|\s/g, ""), "base64");
    expect(crlsIn(der)[0]?.revoked).toEqual(crlsIn(one)[0]?.revoked);
    expect(crlsIn(Buffer.concat([one, other])).map(({ issuer }) => issuer)).toEqual([
      "O=Example Corp, CN=Example ec CA",
      "O=Example Corp, CN=Example rsa CA",
    ]);
  });

  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const list = (...rest: Buffer[]) =>
    sequence(sequence(...rest), algorithm, bitString(Buffer.from([1, 2, 3])));
  const at = generalizedTime(new Date("2026-11-27T00:00:00Z"));
  const issuer = sequence();

  it("of version 1, without a next one, without entries", () => {
    expect(crlsIn(list(algorithm, issuer, at))).toMatchObject([
      { nextUpdate: undefined, revoked: new Map() },
    ]);
    const entries = sequence(sequence(integer(7n), at));
    expect(crlsIn(list(algorithm, issuer, at, entries))[0]?.revoked).toEqual(
      new Map([[7n, new Date("2026-11-27T00:00:00Z")]]),
    );
  });

  it("with a critical extension is not the whole list", () => {
    const delta = sequence(oid("2.5.29.27"), asnTrue(), octetString(integer(1n)));
    expect(
      crlsIn(list(integer(1n), algorithm, issuer, at, explicit(0, sequence(delta))))[0]?.limits,
    ).toContain("2.5.29.27");
  });

  it.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("hello")],
    ["a certificate", read("ec-ca.pem")],
    ["a block of something else", Buffer.from("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n")],
    ["an entry without a date", list(algorithm, issuer, at, sequence(sequence(integer(7n))))],
    ["a signature that is none", sequence(sequence(algorithm, issuer, at), algorithm, tlv(0x04))],
  ])("is not %s", (_what, bytes) => {
    expect(readCrls(named(bytes))).toBeUndefined();
  });
});
