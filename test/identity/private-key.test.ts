import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { children, parsed } from "../../src/identity/asn1.ts";
import { openPrivateKey, readPrivateKey } from "../../src/identity/private-key.ts";
import { keyPair, leaf, named, pkcs8, toPem, type KeyKind } from "../certificates.ts";
import { integer, oid, octetString, sequence, tlv } from "../der.ts";
import { failureOf } from "../failure.ts";

const read = (content: string) => readPrivateKey(named(content, "alice.key"));
const rsa = keyPair("rsa-2048");
const p256 = keyPair("p256");
const pem = (kind: KeyKind, type: "pkcs1" | "sec1" | "pkcs8") =>
  keyPair(kind).privateKey.export({ format: "pem", type }).toString();
/** RFC 5958 §2: version 1 has the public key, and can have attributes. ring, BouncyCastle and others write it. */
function withPublicKey(kind: KeyKind): Buffer {
  const [, algorithm, privateKey] = children(
    parsed(keyPair(kind).privateKey.export({ format: "der", type: "pkcs8" })),
  );
  const [, publicKey] = children(parsed(keyPair(kind).publicKey.export({ format: "der", type: "spki" })));
  return sequence(
    integer(1n),
    algorithm?.whole ?? Buffer.alloc(0),
    octetString(privateKey?.content ?? Buffer.alloc(0)),
    tlv(0x81, publicKey?.content ?? Buffer.alloc(0)),
  );
}
const ecParameters = toPem("EC PARAMETERS", oid("1.2.840.10045.3.1.7"));

describe("a private key file", () => {
  it.each([
    ["RSA in PKCS#1", pem("rsa-2048", "pkcs1"), "rsa-2048"],
    ["RSA in PKCS#8", pem("rsa-2048", "pkcs8"), "rsa-2048"],
    ["P-256 in SEC1", pem("p256", "sec1"), "p256"],
    ["P-256 in PKCS#8", pem("p256", "pkcs8"), "p256"],
    ["P-384 in SEC1", pem("p384", "sec1"), "p384"],
    ["P-384 in PKCS#8", pem("p384", "pkcs8"), "p384"],
    ["P-521 in SEC1", pem("p521", "sec1"), "p521"],
    ["P-521 in PKCS#8", pem("p521", "pkcs8"), "p521"],
    ["SEC1 behind the EC PARAMETERS that openssl ecparam writes", ecParameters + pem("p256", "sec1"), "p256"],
    ["a key behind its certificate", leaf(undefined).pem + pem("p256", "sec1"), "p256"],
    ["CRLF", pem("p256", "pkcs8").replaceAll("\n", "\r\n"), "p256"],
  ] as const)("is read: %s", (_what, content, kind) => {
    expect(read(content).equals(keyPair(kind).privateKey)).toBe(true);
  });

  it.each(["rsa-2048", "p256", "p521"] as const)("is read: PKCS#8 with the public key of %s", (kind) => {
    const der = withPublicKey(kind);
    for (const content of [toPem("PRIVATE KEY", der), der])
      expect(readPrivateKey(named(content, "alice.key")).equals(keyPair(kind).privateKey)).toBe(true);
  });

  it("gives the first of several keys", () => {
    expect(read(pkcs8(p256) + pkcs8(rsa)).equals(p256.privateKey)).toBe(true);
  });
});

describe("a private key file is refused", () => {
  const rsaPss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 })
    .privateKey.export({ format: "pem", type: "pkcs8" })
    .toString();

  it.each([
    [
      "OpenSSH's own format",
      toPem("OPENSSH PRIVATE KEY", Buffer.from("openssh-key-v1")),
      "PRIVATE_KEY_UNSUPPORTED",
      "alice.key contains an OPENSSH PRIVATE KEY block, which is not supported",
    ],
    [
      "Ed25519",
      pkcs8(keyPair("ed25519")),
      "PRIVATE_KEY_UNSUPPORTED",
      "alice.key contains a key of type ed25519, which is not supported",
    ],
    [
      "Ed25519 with its public key",
      toPem("PRIVATE KEY", withPublicKey("ed25519")),
      "PRIVATE_KEY_UNSUPPORTED",
      "alice.key contains a key of type ed25519, which is not supported",
    ],
    [
      "secp256k1",
      pkcs8(keyPair("secp256k1")),
      "PRIVATE_KEY_UNSUPPORTED",
      "alice.key contains a key of type secp256k1, which is not supported",
    ],
    [
      "RSA-PSS only",
      rsaPss,
      "PRIVATE_KEY_UNSUPPORTED",
      "alice.key contains a key of type rsa-pss, which is not supported",
    ],
    [
      "a certificate",
      leaf(undefined).pem,
      "PRIVATE_KEY_MISSING",
      "alice.key contains no private key, only CERTIFICATE",
    ],
    [
      "a public key",
      p256.publicKey.export({ format: "pem", type: "spki" }).toString(),
      "PRIVATE_KEY_MISSING",
      "alice.key contains no private key, only PUBLIC KEY",
    ],
    [
      "plain text",
      "hello",
      "PRIVATE_KEY_MISSING",
      "alice.key contains no private key, and no other PEM block",
    ],
    [
      "garbage in base64",
      toPem("PRIVATE KEY", Buffer.from("garbage")),
      "PRIVATE_KEY_UNREADABLE",
      "alice.key contains a private key that cannot be read",
    ],
    [
      "a wrong label",
      pkcs8(p256).replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"),
      "PRIVATE_KEY_UNREADABLE",
      "alice.key contains a private key that cannot be read",
    ],
    [
      "a block that is cut short",
      pkcs8(rsa).slice(0, 400),
      "PEM_MALFORMED",
      "alice.key, line 1: the PRIVATE KEY block has no END line",
    ],
  ])("%s", (_what, content, code, message) => {
    expect(failureOf(() => read(content))).toMatchObject({
      category: "identity",
      hop: "private-key",
      code,
      message,
    });
  });

  it("without a word of the key: neither in the message, nor in the hint, nor in a cause", () => {
    const body = pkcs8(rsa).split("\n").slice(1, -2);
    for (const broken of [
      pkcs8(rsa).replace(/A/, "B"),
      pkcs8(rsa).replace(/\n[^-\n]+\n/, "\n"),
      pkcs8(rsa).slice(0, -40),
    ]) {
      const { message, hint, cause } = failureOf(() => read(broken));
      for (const line of body) expect(`${message}${hint}${String(cause)}`).not.toContain(line);
    }
  });
});

// systemd gives a credential to the service's user by an ACL, whose mask stands in the place of the group's bits.
it.each([
  ["/etc/pki/alice.key", 0o600, 0],
  ["/etc/pki/alice.key", 0o440, 1],
  ["/run/credentials/eks-x509-serve.service/tls.key", 0o440, 0],
  ["/run/credentials/eks-x509-serve.service/tls.key", 0o444, 1],
])("%s of mode %o has %i warnings", (name, mode, count) => {
  const { bytes } = named(pem("p256", "pkcs8"), name);
  expect(openPrivateKey({ name, bytes, mode }).warnings).toHaveLength(count);
});
