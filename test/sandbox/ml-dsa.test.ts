/** ML-DSA keys, in process: with a sandbox that verifies where Node can sign, and by name where it cannot. */
import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { dependencies } from "../../src/dependencies.ts";
import { isMlDsaSupported } from "../../src/identity/algorithms.ts";
import { run } from "../../src/main.ts";
import { authenticateX509 } from "../../src/sandbox/aws/signature/x509-authentication.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { intermediate, leaf, now, root, toPem, type Issued } from "../certificates.ts";
import { bitString, integer, octetString, oid, sequence, tlv } from "../der.ts";
import { fromJson } from "../json.ts";
import { signedCreateSession } from "./aws/signature/x509-signer.ts";

/** OIDs of RFC 9881 §2, and bytes of a public key, FIPS 204 table 2. */
const kinds = [
  ["ML-DSA-44", "2.16.840.1.101.3.4.3.17", 1312],
  ["ML-DSA-65", "2.16.840.1.101.3.4.3.18", 1952],
  ["ML-DSA-87", "2.16.840.1.101.3.4.3.19", 2592],
] as const;

const isSupported = isMlDsaSupported();
const because = ` (Node ${process.versions.node} ${isSupported ? "can" : "cannot"})`;
const folder = mkdtempSync(join(tmpdir(), "ml-dsa-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const anchor = root("Classic Root");
const issuing = intermediate(anchor, "Classic Issuing");

/** RFC 9881 §6: the key as its seed alone, from which Node makes the rest. */
function pkcs8(algorithm: string): Buffer {
  const seed = octetString(tlv(0x80, randomBytes(32)));
  return sequence(integer(0n), sequence(oid(algorithm)), seed);
}

/** Random where Node cannot make it: nobody verifies with it there. */
function spkiOf(key: Buffer, algorithm: string, length: number): Buffer {
  return isSupported
    ? createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" })).export({
        format: "der",
        type: "spki",
      })
    : sequence(sequence(oid(algorithm)), bitString(randomBytes(length)));
}

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};

async function command(args: readonly string[], env: Record<string, string> = {}) {
  const ports = dependencies({ HOME: folder, EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: folder, ...env });
  const outcome = { code: 0, stdout: "", stderr: "" };
  const streams = {
    stdout: (text: string) => Promise.resolve(void (outcome.stdout += text)),
    stderr: (text: string) => Promise.resolve(void (outcome.stderr += text)),
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    terminal: { stdout: false, stderr: false, columns: 80 },
  };
  outcome.code = await run(args, { ...ports, streams });
  return outcome;
}

async function signIn(certificate: Issued, key: string) {
  const events: string[] = [];
  const sandbox = await startSandbox({
    temporaryFolder: folder,
    now: () => now,
    onEvent: ({ hop, verdict }) => events.push(`${hop} ${verdict}`),
    trustAnchor: anchor.pem,
  });
  try {
    const flags = {
      "cluster-name": "demo",
      region: sandbox.region,
      certificate: file("user.pem", certificate.pem + issuing.pem),
      "private-key": key,
      "trust-anchor-arn": sandbox.trustAnchorArn,
      "profile-arn": sandbox.profileArn,
      "role-arn": sandbox.roleArns[0],
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const env = { AWS_ENDPOINT_URL_ROLESANYWHERE: sandbox.awsEndpoint, AWS_CA_BUNDLE: sandbox.caFile };
    return { ...(await command(["get-token", ...args], env)), events };
  } finally {
    await sandbox.close();
  }
}

describe.each(kinds)("%s", (name, algorithm, length) => {
  const key = pkcs8(algorithm);
  const alice = leaf(issuing, { spki: spkiOf(key, algorithm, length) });
  const inspected = () =>
    command(["cert", "inspect", file("alice.pem", alice.pem + issuing.pem), "-o", "json"]);

  it.runIf(isSupported)(`signs in: PEM and DER${because}`, async () => {
    for (const content of [toPem("PRIVATE KEY", key), key]) {
      const { code, stdout, stderr, events } = await signIn(alice, file("alice.key", content));
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(fromJson(stdout)).toMatchObject({ kind: "ExecCredential" });
      expect(events).toContain("rolesanywhere accepted");
    }
  });

  it.runIf(isSupported)(`verifies in the sandbox with its own key alone${because}`, () => {
    const request = (privateKey: Buffer) =>
      authenticateX509(
        signedCreateSession({
          certificate: alice.pem,
          privateKey: toPem("PRIVATE KEY", privateKey),
          algorithm: "AWS4-X509-MLDSA",
          at: now,
        }),
        now,
      );
    expect(request(key).leaf.raw.equals(alice.der)).toBe(true);
    expect(() => request(pkcs8(algorithm))).toThrow("Invalid signature");
  });

  it.runIf(isSupported)(`is fit${because}`, async () => {
    const { code, stdout } = await inspected();
    expect(fromJson(stdout)).toMatchObject({ certificate: { key: name }, problems: [] });
    expect(code).toBe(0);
  });

  it.skipIf(isSupported)(`is named where Node cannot sign with it: PEM and DER${because}`, async () => {
    for (const content of [toPem("PRIVATE KEY", key), key]) {
      const { code, stdout, stderr, events } = await signIn(alice, file("alice.key", content));
      expect(code).toBe(3);
      expect(stdout).toBe("");
      expect(stderr).toContain("ML_DSA_NOT_SUPPORTED");
      expect(stderr).toContain(`contains a key of type ${name}`);
      expect(stderr).toContain("Node 24.6");
      expect(events).toEqual([]);
    }
  });

  it.skipIf(isSupported)(`is not fit where Node cannot sign with it${because}`, async () => {
    const { code, stdout } = await inspected();
    expect(fromJson(stdout)).toMatchObject({
      certificate: { key: name },
      problems: [{ code: "ML_DSA_NOT_SUPPORTED" }],
    });
    expect(code).toBe(3);
  });

  it.skipIf(isSupported)(`is refused by a sandbox that cannot verify it${because}`, () => {
    const request = signedCreateSession({
      certificate: alice.pem,
      privateKey: issuing.keyPem,
      algorithm: "AWS4-X509-ECDSA-SHA256",
      at: now,
    });
    expect(() => authenticateX509(request, now)).toThrow("Untrusted");
  });
});
