/** A user's own files through get-token against the sandbox, and through cert inspect: both judge alike. */
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dependencies } from "../../src/dependencies.ts";
import { run } from "../../src/main.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import type { WireRequest } from "../../src/sandbox/wire.ts";
import type { Ports } from "../../src/sign-in/ports.ts";
import {
  certificate,
  day,
  extension,
  from,
  intermediate,
  keyIdentifier,
  keyPair,
  leaf,
  named,
  now,
  root,
  type Issued,
} from "../certificates.ts";
import { sequence, tlv } from "../der.ts";
import { fromJson } from "../json.ts";
import { matching } from "../matching.ts";
import { signedCreateSession } from "./aws/signature/x509-signer.ts";

const folder = mkdtempSync(join(tmpdir(), "own-chain-"));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};
const pem = (...all: Issued[]): string => all.map((one) => one.pem).join("");

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function command(
  args: readonly string[],
  env: Record<string, string>,
  stdin = "",
  onStderr: (text: string) => void = () => undefined,
): Promise<Outcome> {
  const ports = dependencies({ HOME: folder, EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: folder, ...env });
  const outcome: Outcome = { code: 0, stdout: "", stderr: "" };
  const streams: Ports["streams"] = {
    stdout: (text) => Promise.resolve(void (outcome.stdout += text)),
    stderr: (text) => {
      outcome.stderr += text;
      onStderr(text);
      return Promise.resolve();
    },
    stdin: () => Promise.resolve(Buffer.from(stdin)),
    terminal: { stdout: false, stderr: false, columns: 80 },
  };
  outcome.code = await run(args, { ...ports, streams });
  return outcome;
}

const inspect = (content: string): Promise<Outcome> =>
  command(["cert", "inspect", "-", "-o", "json"], {}, content);

/** What get-token and the sandbox's log say of a chain below this anchor. */
async function signIn(
  content: string,
  key: string,
  anchor: Issued,
  more: readonly string[] = [],
  onStderr?: (text: string) => void,
) {
  const events: string[] = [];
  const sandbox = await startSandbox({
    temporaryFolder: folder,
    now: () => now,
    onEvent: ({ hop, why }) => events.push(`${hop} ${why}`),
    trustAnchor: anchor.pem,
  });
  closing.push(() => sandbox.close());
  const env = { AWS_ENDPOINT_URL_ROLESANYWHERE: sandbox.awsEndpoint, AWS_CA_BUNDLE: sandbox.caFile };
  const flags = {
    "cluster-name": "demo",
    region: sandbox.region,
    certificate: file("user.pem", content),
    "private-key": file("user.key", key),
    "trust-anchor-arn": sandbox.trustAnchorArn,
    "profile-arn": sandbox.profileArn,
    "role-arn": sandbox.roleArns[0],
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const outcome = await command(["get-token", ...args, ...more], env, "", onStderr);
  return { ...outcome, events };
}

describe("every plausible intermediate is sent", () => {
  const [root1, root2] = [root("Root 1"), root("Root 2")];
  const cross = certificate({
    name: "Root 2",
    keys: root2.keys,
    issuer: root1,
    ca: true,
    keyUsage: ["keyCertSign"],
  });
  const issuing = intermediate(root2, "Issuing");
  const alice = leaf(issuing);

  it("with a cross-signed root beside its self-signed twin: either root may be the anchor", async () => {
    for (const anchor of [root1, root2])
      expect((await signIn(pem(alice, issuing, cross, root2), alice.keyPem, anchor)).code).toBe(0);
  });

  it("with a key identifier that names a former certificate of the key", async () => {
    const former = extension("2.5.29.35", sequence(tlv(0x80, keyIdentifier(keyPair("p256", "former")))));
    const mine = leaf(issuing, { keyIdentifiers: false, extra: [former] });
    expect((await signIn(pem(mine, issuing), mine.keyPem, root2)).code).toBe(0);
  });

  it("nearest first and at most five, the fit ones before others; what is left out is named", async () => {
    const variants = [...Array(6).keys()].map((years) =>
      intermediate(root(`Old Root ${years}`), "Issuing", {
        keys: issuing.keys,
        notAfter: from((9 - years) * day),
      }),
    );
    const content = pem(alice, ...variants, issuing, root("Stranger"));
    const { code, stderr } = await signIn(content, alice.keyPem, root2, ["--verbose"]);
    expect(code).toBe(0);
    expect(stderr.match(/certificate: intermediate /g)).toHaveLength(5);
    expect(stderr).toMatch(
      /not sent: O=Example Corp, CN=Issuing: Roles Anywhere accepts at most 5 intermediates/,
    );
    expect(stderr).toMatch(/not sent: O=Example Corp, CN=Stranger: it issued none of the certificates/);
  });

  it("and the hint of a refusal names what was not sent", async () => {
    const expired = intermediate(root1, "Issuing", { keys: issuing.keys, notAfter: from(-day / 2) });
    const { code, stderr } = await signIn(pem(alice, issuing, expired), alice.keyPem, root1);
    expect(code).toBe(5);
    expect(stderr).toContain("(REFUSED_UNTRUSTED_CERTIFICATE)");
    expect(stderr).toMatch(
      /in the files and were not sent: O=Example Corp, CN=Issuing \(the intermediate .* expired/,
    );
  });

  it("an expired cross certificate on top is no error where the path is valid without it", async () => {
    const old = certificate({
      name: "Root 2",
      keys: root2.keys,
      issuer: root1,
      ca: true,
      keyUsage: ["keyCertSign"],
      notAfter: from(-day / 2),
    });
    for (const content of [pem(alice, issuing, old, root2), pem(alice, issuing, old)]) {
      expect((await inspect(content)).code).toBe(0);
      expect((await signIn(content, alice.keyPem, root2)).code).toBe(0);
    }
  });
});

describe("of several certificates of one key", () => {
  const ca = root("Root");
  const alice = leaf(ca);

  it("the issued one is taken, and not the self-signed bootstrap certificate of ten years", async () => {
    const bootstrap = leaf(undefined, { keys: alice.keys, notAfter: from(3650 * day) });
    for (const content of [pem(bootstrap, alice), pem(alice, bootstrap)])
      expect((await signIn(content, alice.keyPem, ca)).code).toBe(0);
  });
});

describe("a validity that fails by less than five minutes", () => {
  const ca = root("Root");

  it.each([
    ["expired", { notAfter: from(-4 * 60_000) }],
    ["not yet valid", { notBefore: from(4 * 60_000) }],
  ])("is a warning, and the service decides: %s", async (_what, recipe) => {
    const mine = leaf(ca, recipe);
    const { code, stdout } = await inspect(mine.pem);
    expect(code).toBe(0);
    expect(stdout).toMatch(/CERTIFICATE_(EXPIRED|NOT_YET_VALID)/);
    const signedIn = await signIn(mine.pem, mine.keyPem, ca);
    expect(signedIn.stderr).toContain("REFUSED_UNTRUSTED_CERTIFICATE");
    expect(signedIn.events.join()).toMatch(/CERTIFICATE_(EXPIRED|NOT_YET_VALID)/);
  });

  it("is an error when it fails by more", async () => {
    const mine = leaf(ca, { notAfter: from(-6 * 60_000) });
    expect((await inspect(mine.pem)).code).toBe(3);
    expect((await signIn(mine.pem, mine.keyPem, ca)).stderr).toContain("(CERTIFICATE_EXPIRED)");
  });
});

describe("odd certificates get an answer of Roles Anywhere, and never a 500", () => {
  const ca = root("Root");
  const uri = extension("2.5.29.17", sequence(tlv(0x86, Buffer.from("spiffe://example.org/a"))), true);

  it.each([
    ["an empty subject with a critical URI", { name: "", extra: [uri] }],
    ["a negative serial number", { serial: -5n }],
    ["an extension twice", { extra: [uri, uri] }],
    ["two signature algorithms", { namedHash: "sha384" as const }],
  ])("%s", async (_what, recipe) => {
    const { pem: certificate, keyPem: privateKey } = leaf(ca, recipe);
    const sandbox = await startSandbox({
      temporaryFolder: folder,
      now: () => now,
      onEvent: () => undefined,
      trustAnchor: ca.pem,
    });
    closing.push(() => sandbox.close());
    const { trustAnchorArn, profileArn, roleArns } = sandbox;
    const query = { trustAnchorArn, profileArn, roleArn: roleArns[0] };
    const request = signedCreateSession({ certificate, privateKey, query, at: now });
    const { status, body } = await post(sandbox.awsEndpoint, readFileSync(sandbox.caFile), request);
    expect({ status, body }).toMatchObject({ status: 403, body: matching(/Untrusted|Invalid signature/) });
  });
});

interface Vector {
  name: string;
  leaf: string;
  others: string[];
  problems: string[];
}

it("cert inspect and get-token give the codes of every vector", async () => {
  const { at, vectors } = vectorsOf(new URL("../vectors/certificates/vectors.json", import.meta.url));
  const ports = dependencies({ HOME: folder, EKS_X509_CACHE: "none" });
  for (const vector of vectors) {
    let stdout = "";
    const streams: Ports["streams"] = {
      ...ports.streams,
      stdout: (text) => Promise.resolve(void (stdout += text)),
      stdin: () => Promise.resolve(named(vector.leaf + vector.others.join("")).bytes),
    };
    const root = { ...ports, streams, clock: () => at };
    const code = await run(["cert", "inspect", "-", "-o", "json"], root);
    const found = fromJson<{ problems: { code: string }[] }>(stdout);
    expect([vector.name, code]).toEqual([vector.name, vector.problems.length > 0 ? 3 : 0]);
    expect(found.problems.map((problem) => problem.code)).toEqual(vector.problems);
  }
});

describe("certificate and key that a renewal replaces while they are read", () => {
  const ca = root("Root");
  const [old, renewed] = [
    leaf(ca, { keys: keyPair("p256", "old") }),
    leaf(ca, { keys: keyPair("p256", "new") }),
  ];

  it("two files, the key after the certificate was read", async () => {
    const { code } = await signIn(renewed.pem, old.keyPem, ca, ["--verbose"], (text) => {
      if (!text.includes("waiting a moment for a renewal")) return;
      // A key that is written in place is empty for a moment, and a read of it then is another failure.
      renameSync(file("new.key", renewed.keyPem), join(folder, "user.key"));
    });
    expect(code).toBe(0);
  });

  it("a link that is swapped, as cert-manager does", async () => {
    for (const [name, one] of Object.entries({ old, renewed })) {
      file(`${name}.pem`, one.pem);
      file(`${name}.key`, one.keyPem);
    }
    symlinkSync("old.pem", join(folder, "tls.crt"));
    symlinkSync("renewed.key", join(folder, "tls.key"));
    const timer = setTimeout(() => {
      symlinkSync("renewed.pem", join(folder, "tls.new"));
      renameSync(join(folder, "tls.new"), join(folder, "tls.crt"));
    }, 300);
    const { code } = await command(
      ["cert", "inspect", join(folder, "tls.crt"), "--private-key", join(folder, "tls.key")],
      {},
    );
    clearTimeout(timer);
    expect(code).toBe(0);
  });

  it("is an error when they do not come to match", async () => {
    const { code, stderr } = await signIn(renewed.pem, old.keyPem, ca);
    expect(code).toBe(3);
    expect(stderr).toContain("(PRIVATE_KEY_MISMATCH)");
  });
});

describe("a PKCS#11 URI of a token that is not there", () => {
  const uri = "pkcs11:token=alice;object=key?pin-value=1234567";

  it.each(["certificate", "private-key", "intermediates"])(
    "is named, and not printed: --%s",
    async (option) => {
      const ca = root("Root");
      const mine = leaf(ca);
      const { code, stdout, stderr } = await signIn(mine.pem, mine.keyPem, ca, [
        `--${option}`,
        uri,
        "--verbose",
      ]);
      expect(code).toBe(3);
      expect(stderr).toMatch(/\(PKCS11_[A-Z_]+\)/);
      expect(stdout + stderr).not.toContain("1234567");
    },
  );
});

function post(
  endpoint: string,
  ca: Buffer,
  { path, rawQuery, headers, body }: WireRequest,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      path: `${path}?${rawQuery}`,
      headers: Object.fromEntries(headers),
      ca,
      agent: false,
    };
    httpsRequest(endpoint, options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, body: text });
      });
    })
      .on("error", reject)
      .end(body);
  });
}

function vectorsOf(url: URL): { at: Date; vectors: Vector[] } {
  const { at, vectors } = fromJson<{ at: string; vectors: Vector[] }>(readFileSync(url, "utf8"));
  return { at: new Date(at), vectors };
}
