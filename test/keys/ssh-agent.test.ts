/** A real ssh-agent, and what it does when its keys need a confirmation, expire, or are locked. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { verify } from "node:crypto";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { agentSigner } from "../../src/keys/ssh-agent.ts";
import { keyPair, leaf, type KeyKind } from "../certificates.ts";
import { rejectionOf } from "../failure.ts";
import { timeOutAfter } from "../patience.ts";
import { until } from "../until.ts";
import { issuer, KeyFolder } from "./key-folder.ts";
import { absent, library, pin, SoftHsm } from "./pkcs11/softhsm.ts";
import { without } from "./programs.ts";

const missing = without("sh", "-c", "command -v ssh-agent ssh-add");
const folder = new KeyFolder();
const socket = join(folder.path, "agent");
const kinds: readonly KeyKind[] = ["rsa-2048", "rsa-3072", "p256", "p384", "p521"];
const people = kinds.map((kind) => leaf(issuer, { name: kind, keys: keyPair(kind, kind) }));
let agent: ChildProcess;

beforeAll(async () => {
  for (const one of people) folder.writeIssued(one.name, one);
  folder.write("yes", "#!/bin/sh\nexit 0\n", 0o700);
  folder.write("no", "#!/bin/sh\nexit 1\n", 0o700);
  folder.write("lock-phrase", "#!/bin/sh\necho phrase\n", 0o700);
  // The agent starts this for each question of ssh-add -c: what the file names is the answer.
  folder.write("answer", `#!/bin/sh\nexec "$(cat ${folder.path}/chosen)"\n`, 0o700);
  if (missing !== undefined) return;
  agent = spawn("ssh-agent", ["-D", "-a", socket], {
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      SSH_ASKPASS: join(folder.path, "answer"),
      SSH_ASKPASS_REQUIRE: "force",
      DISPLAY: ":0",
    },
  });
  await until(() => existsSync(socket));
});

afterEach(() => {
  if (missing === undefined) add("-D");
});

afterAll(() => {
  if (missing === undefined) agent.kill();
  folder.remove();
});

function add(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ssh-add", args, {
    cwd: folder.path,
    encoding: "utf8",
    env: {
      ...{ PATH: process.env["PATH"], SSH_AUTH_SOCK: socket, DISPLAY: ":0", SSH_ASKPASS_REQUIRE: "force" },
      SSH_ASKPASS: join(folder.path, "lock-phrase"),
    },
  });
  if (status !== 0) throw new Error(stderr);
}

const with_ = { privateKey: "ssh-agent:", ports: { env: { SSH_AUTH_SOCK: socket } } };

async function signs(certificate: string, privateKey = "ssh-agent:"): Promise<boolean> {
  const { signer, leaf: found } = await folder.identity({ ...with_, privateKey, certificate });
  const bytes = Buffer.from("string to sign");
  return verify("sha256", bytes, found.x509.publicKey, await signer.sign(bytes));
}

async function failure(certificate = "p256.pem", privateKey = "ssh-agent:") {
  return rejectionOf(signs(certificate, privateKey));
}

describe(`a key of the agent${missing === undefined ? "" : ` (${missing})`}`, () => {
  const test = it.skipIf(missing !== undefined);

  test.each(["rsa-2048", "rsa-3072", "p256"])("%s signs, among keys of all kinds", async (name) => {
    for (const kind of kinds) add(`${kind}.key`);
    expect(await signs(`${name}.pem`)).toBe(true);
  });

  test("its socket can be named in place of SSH_AUTH_SOCK", async () => {
    add("p256.key");
    const { signer } = await folder.identity({
      certificate: "p256.pem",
      privateKey: `ssh-agent:${socket}`,
      ports: { env: { SSH_AUTH_SOCK: "/does/not/exist" } },
    });
    expect(signer.description).toMatch(/^the agent's key/);
  });

  test.each(["p384", "p521"])("%s is named: agents hash it otherwise", async (name) => {
    add(`${name}.key`);
    const { code, message } = await failure(`${name}.pem`);
    expect(code).toBe("AGENT_CURVE");
    expect(message).toMatch(/secp384r1|secp521r1|nistp384|nistp521/);
  });

  test("ssh-add -c: confirmed, and refused", async () => {
    add("-c", "p256.key");
    folder.write("chosen", join(folder.path, "yes"));
    expect(await signs("p256.pem")).toBe(true);
    folder.write("chosen", join(folder.path, "no"));
    const { code, hint } = await failure();
    expect(code).toBe("AGENT_REFUSED");
    expect(hint).toContain("ssh-add -c");
  });

  test("ssh-add -c: a question that nobody answers ends in time", async () => {
    add("-c", "p256.key");
    const asked = join(folder.path, "asked");
    folder.write("waits", `#!/bin/sh\ntouch ${asked}; while [ -e ${asked} ]; do sleep 0.05; done\n`, 0o700);
    folder.write("chosen", join(folder.path, "waits"));
    const { signer } = await folder.identity({ ...with_, certificate: "p256.pem" });
    const isAsked = (): boolean => existsSync(asked);
    const sign = () => rejectionOf(signer.sign(Buffer.from("x")));
    expect((await timeOutAfter(isAsked, 60_000, sign)).code).toBe("AGENT_UNANSWERED");
    rmSync(asked);
  });

  test("ssh-add -t: expired", async () => {
    add("rsa-2048.key");
    add("-t", "3600", "p256.key");
    expect(await signs("p256.pem")).toBe(true);
    // The agent counts whole seconds: the key may be gone at once.
    add("-t", "1", "p256.key");
    await until(async () => !(await signs("p256.pem").catch(() => false)));
    const { code, message, hint } = await failure();
    expect(code).toBe("AGENT_KEY_MISSING");
    expect(message).toContain("ssh-rsa");
    expect(hint).toContain("ssh-add -t");
  });

  test("ssh-add -x: locked, also between the list and the signature", async () => {
    add("p256.key");
    const { signer } = await folder.identity({ ...with_, certificate: "p256.pem" });
    add("-x");
    try {
      expect((await failure()).code).toBe("AGENT_LOCKED");
      expect((await rejectionOf(signer.sign(Buffer.from("x")))).code).toBe("AGENT_LOCKED");
    } finally {
      add("-X");
    }
    expect(await signs("p256.pem")).toBe(true);
  });

  test("an empty agent, and one with another key", async () => {
    expect((await failure()).code).toBe("AGENT_LOCKED");
    add("rsa-2048.key");
    const { code, message } = await failure();
    expect(code).toBe("AGENT_KEY_MISSING");
    expect(message).toContain("ssh-rsa");
  });

  test("as the certificate: an agent has none", async () => {
    const file = folder.identity({ certificate: "ssh-agent:", ports: with_.ports });
    expect((await rejectionOf(file)).code).toBe("AGENT_HAS_NO_CERTIFICATE");
  });
});

const noToken = missing ?? absent("softhsm2-util", "pkcs11-tool");

describe(`ssh-add -s: a key of a PKCS#11 token${noToken ? ` (${noToken})` : ""}`, () => {
  it.skipIf(noToken !== undefined)("signs through the agent, and goes with its token", async () => {
    const hsm = new SoftHsm("alice");
    const own = join(folder.path, "agent-of-token");
    const askpass = folder.write("pin", `#!/bin/sh\necho ${pin}\n`, 0o700);
    const env = { ...hsm.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
    const ofToken = spawn("ssh-agent", ["-D", "-a", own], { stdio: "ignore", env });
    try {
      const [p256] = people.filter(({ name }) => name === "p256");
      if (!p256) expect.fail();
      hsm.put({ token: "alice", id: "01", label: "alice", keys: p256.keys, certificate: p256 });
      await until(() => existsSync(own));
      const variables = Object.entries({ ...env, SSH_AUTH_SOCK: own }).map((one) => one.join("="));
      const addCard = (option: string): void => {
        folder.run("env", ...variables, "ssh-add", "-q", option, library);
      };
      addCard("-s");
      expect(await signs("p256.pem", `ssh-agent:${own}`)).toBe(true);
      addCard("-e");
      expect((await failure("p256.pem", `ssh-agent:${own}`)).code).toBe("AGENT_LOCKED");
    } finally {
      ofToken.kill();
      hsm.remove();
    }
  });
});

describe("no agent", () => {
  it.skipIf(process.geteuid?.() === 0)("can be reached by another user", async () => {
    const closed = folder.write("closed/agent", "");
    chmodSync(dirname(closed), 0);
    expect((await failure("p256.pem", `ssh-agent:${closed}`)).message).toContain("can be reached");
    chmodSync(dirname(closed), 0o700);
  });

  it.each(["/dev/null", "/tmp", `/${"x".repeat(200)}`, "/a\0b", "relative"])("is at %j", async (path) => {
    expect((await failure("p256.pem", `ssh-agent:${path}`)).code).toBe("AGENT_MISSING");
  });

  it("listens", async () => {
    expect((await failure("p256.pem", "ssh-agent:/does/not/exist")).code).toBe("AGENT_MISSING");
  });

  it("is known", async () => {
    const signer = folder.identity({ certificate: "p256.pem", privateKey: "ssh-agent:", ports: { env: {} } });
    const { code, message } = await rejectionOf(signer);
    expect(code).toBe("AGENT_MISSING");
    expect(message).toContain("SSH_AUTH_SOCK");
  });
});

describe("an agent that answers nonsense", () => {
  let server: Server;
  afterEach(() => {
    server.close();
  });

  it.each([
    ["nothing", "", "AGENT_FAILED"],
    ["a message of no bytes, then the end", "00000000", "AGENT_FAILED"],
    ["a failure", "0000000105", "AGENT_LOCKED"],
    ["a length of 4 GB", "ffffffff0c", "AGENT_FAILED"],
    ["a length of 4 GB, one byte at a time", "ff,ff,ff,ff", "AGENT_FAILED"],
    ["zeros, and no end", "00000000 stay", "AGENT_FAILED"],
    ["a billion keys", "000000050c3b9aca00", "AGENT_FAILED"],
    ["a key that is cut short", "0000000d0c0000000100000064aabbccdd", "AGENT_FAILED"],
    ["a success for another request", "0000000106", "AGENT_LOCKED"],
    ["a key of an unknown kind", "000000160c000000010000000800000004616263640000000161", "AGENT_KEY_MISSING"],
  ])("%s", async (name, hex, code) => {
    const path = join(folder.path, "nonsense");
    server = createServer((connection) => {
      connection.on("error", () => undefined);
      connection.once("data", () => {
        for (const part of hex.replace(" stay", "").split(",")) connection.write(Buffer.from(part, "hex"));
        if (!hex.endsWith("stay")) connection.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await failure("p256.pem", `ssh-agent:${path}`)).code, name).toBe(code);
  });

  it("a signature that is not of the certificate's key", async () => {
    const p256 = people[2] ?? expect.fail();
    const { x = "", y = "" } = p256.keys.publicKey.export({ format: "jwk" });
    const field = (bytes: Buffer | string): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(bytes));
      return Buffer.concat([length, Buffer.from(bytes)]);
    };
    const point = Buffer.concat([Buffer.from([4]), ...[x, y].map((one) => Buffer.from(one, "base64url"))]);
    const blob = Buffer.concat([field("ecdsa-sha2-nistp256"), field("nistp256"), field(point)]);
    const numbers = Buffer.concat([field(Buffer.alloc(32, 7)), field(Buffer.alloc(32, 9))]);
    const signature = Buffer.concat([field("ecdsa-sha2-nistp256"), field(numbers)]);
    const keys = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), field(blob), field("hostile")]);
    const path = join(folder.path, "forger");
    server = createServer((connection) => {
      connection.on("error", () => undefined);
      connection.once("data", (request) =>
        connection.end(
          field(request[4] === 11 ? keys : Buffer.concat([Buffer.from([14]), field(signature)])),
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await failure("p256.pem", `ssh-agent:${path}`)).code).toBe("SIGNATURE_WRONG");
  });

  it("no answer to the signature, then the end of patience", async () => {
    const path = join(folder.path, "silent");
    server = createServer((connection) => connection.on("error", () => undefined));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await rejectionOf(agentSigner(path, [], 100))).code).toBe("AGENT_UNANSWERED");
  });
});
