/** Up to a hundred real processes at once: how often Roles Anywhere is asked, and what each of them gets. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { Gate } from "./gate.ts";
import { KeyringSession } from "./keyring-session.ts";
import { accessKeyOf, tokenOf, World, type Outcome, type Run, type Running } from "./plugin.ts";
import { emptyHome, kubectls, run as runProgram } from "./sandbox-process.ts";
import { isThorough } from "../thorough.ts";
import { fromJson } from "../json.ts";
import { secretsIn } from "./secrets.ts";
import { until } from "../until.ts";

/** The ordinary run takes smaller crowds: what they show is not about their size. */
const largest = isThorough ? 100 : 24;
const size = isThorough ? largest : 8;
const noKeyring = noKernelKeyring();
const limit = { timeout: 300_000 };

const authority = root("Company Root");
const issuer = intermediate(authority, "Company Issuing CA");
const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice"), serial: 0xa11cen });
const renewed = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice"), serial: 0xbeefn });
const stranger = leaf(intermediate(root("Another Root")), { name: "eve", keys: keyPair("p256", "eve") });

let world: World;
let folder: string;
let certificate: string;
let gate: Gate;
let before: { accepted: number; refused: number };

beforeAll(async () => {
  folder = emptyHome();
  certificate = put("alice.pem", alice.pem + issuer.pem);
  const flags = [
    `--certificate=${certificate}`,
    `--private-key=${put("alice.key", alice.keyPem)}`,
    `--trust-anchor=${put("root.pem", authority.pem)}`,
  ];
  world = await World.open({}, flags);
});
afterAll(() => world.close());

beforeEach(async () => {
  put("alice.pem", alice.pem + issuer.pem);
  gate = await Gate.before(world.sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
  before = { accepted: world.requests("✓"), refused: world.requests("✗") };
});
afterEach(() => {
  gate.close();
});

const accepted = (): number => world.requests("✓") - before.accepted;
const refused = (): number => world.requests("✗") - before.refused;

/** Replaces it at once, as a renewal does. */
function put(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

/** Each test with an address of its own, so that none meets another's entries. */
async function start(count: number, options: Run = {}): Promise<Running[]> {
  const flags = ["--verbose", `--endpoint=${gate.endpoint}`, ...(options.flags ?? [])];
  const crowd = Array.from({ length: count }, () => world.start({ ...options, flags, held: true }));
  await until(() => {
    expect(crowd.filter(({ isHeld }) => isHeld()).length).toBe(count);
  });
  return crowd;
}

function release(crowd: readonly Running[]): Promise<Outcome[]> {
  for (const process of crowd) process.release();
  return Promise.all(crowd.map(({ ended }) => ended));
}

const isWaiting = (process: Running): boolean => process.stderr().includes("another process is at it");
const times = (process: Running, text: string): number => process.stderr().split(text).length - 1;

/** Until all but one wait for that one. */
async function holderOf(crowd: readonly Running[], request = 1): Promise<Running> {
  await until(() => {
    expect(crowd.filter(isWaiting).length).toBe(crowd.length - 1);
    expect(accepted() + refused()).toBe(request);
  });
  return crowd.find((process) => !isWaiting(process)) ?? expect.fail("nobody is at it");
}

/** What the cluster says to each of them. */
async function statuses(tokens: readonly string[]): Promise<Set<number | undefined>> {
  return new Set(await Promise.all(tokens.map(namespaces)));
}

function namespaces(token: string): Promise<number | undefined> {
  const { env, output } = world.sandbox;
  const server = /at (https:[^\s,]+?)[.,]? /.exec(output())?.[1] ?? "";
  const options = {
    ca: readFileSync(env["AWS_CA_BUNDLE"] ?? ""),
    headers: { authorization: `Bearer ${token}` },
  };
  return new Promise((resolve, reject) => {
    request(`${server}/api/v1/namespaces`, options, (response) => {
      response.resume().on("end", () => {
        resolve(response.statusCode);
      });
    })
      .on("error", reject)
      .end();
  });
}

describe.skipIf(noKeyring)(named("processes with the kernel's keyring", noKeyring), limit, () => {
  let keyring: KeyringSession;
  beforeEach(async () => {
    keyring = await KeyringSession.open();
  });
  afterEach(() => {
    keyring.close();
  });
  const together: Run = {
    env: { EKS_X509_CACHE: "keyutils" },
    within: (command) => keyring.within(command),
  };

  it(`make one session, and all ${largest} have a token that the cluster takes`, async () => {
    gate.open();
    const outcomes = await release(await start(largest, together));
    const tokens = outcomes.map(tokenOf);
    expect(accepted()).toBe(1);
    expect(new Set(tokens.map(accessKeyOf)).size).toBe(1);
    expect(await statuses(tokens)).toEqual(new Set([200]));
  });

  it(`make two when the first one's is killed, and the other ${size - 1} have a token`, async () => {
    const crowd = await start(size, together);
    const ended = release(crowd);
    const holder = await holderOf(crowd);
    holder.child.kill("SIGKILL");
    expect(await holder.ended).toMatchObject({ signal: "SIGKILL", stdout: "" });
    const others = crowd.filter((process) => process !== holder);
    await until(() => {
      expect(accepted()).toBe(2);
      const again = others.filter((process) => times(process, "another process is at it") === 2);
      expect(again.length).toBe(size - 2);
    });
    gate.open();
    const outcomes = (await ended).filter(({ signal }) => signal === null);
    const tokens = outcomes.map(tokenOf);
    expect(tokens).toHaveLength(size - 1);
    expect(accepted()).toBe(2);
    expect(new Set(tokens.map(accessKeyOf)).size).toBe(1);
    expect(await statuses(tokens)).toEqual(new Set([200]));
  });

  it("make two when the certificate is renewed midway: each its own certificate's, and no mixture", async () => {
    gate.open();
    const [early, late] = [await start(size / 2, together), await start(size / 2, together)];
    const ending = release(early);
    // Some of the first half have read the old certificate by now, some will read the new one.
    await early[0]?.ended;
    put("alice.pem", renewed.pem + issuer.pem);
    const outcomes = [...(await release(late)), ...(await ending)];
    expect(accepted()).toBe(2);
    // What a process has read names its entries; what it has got names the certificate, in the role session's name.
    const served = outcomes.map((outcome) => {
      const entry = /session\/[\da-f]{8}… missed|token\/[\da-f]{10}… missed/.exec(outcome.stderr)?.[0];
      const name = /eks-read-only\/([\da-f]+), source/.exec(outcome.stderr)?.[1];
      return { entry, name, key: accessKeyOf(tokenOf(outcome)) };
    });
    const made = served.filter(({ entry }) => entry !== undefined);
    const combinations = new Set(made.map((each) => JSON.stringify(each)));
    expect(combinations.size).toBe(2);
    expect(new Set(made.map(({ name }) => name))).toEqual(new Set(["0a11ce", "beef"].map(asSerial)));
    expect(new Set(served.map(({ key }) => key)).size).toBe(2);
    expect(await statuses(outcomes.map(tokenOf))).toEqual(new Set([200]));
  });
});

const asSerial = (hex: string): string => hex.replace(/^0+/, "");

describe("processes without any keychain", limit, () => {
  const alone: Run = { env: { EKS_X509_CACHE: "none" } };

  it("that wait together make one session, and no file holds anything of it", async () => {
    const crowd = await start(size, alone);
    const ended = release(crowd);
    await holderOf(crowd);
    gate.open();
    const tokens = (await ended).map(tokenOf);
    expect(accepted()).toBe(1);
    expect(new Set(tokens.map(accessKeyOf)).size).toBe(1);
    const [token = ""] = tokens;
    expect(secretsIn(world.runtime, [accessKeyOf(token), token.slice(20, 60)])).toEqual([]);
    expect(secretsIn(world.sandbox.home, [token.slice(20, 60)])).toEqual([]);
    expect(await statuses(tokens)).toEqual(new Set([200]));
  });

  it("that are refused together ask once, and each has the whole message", async () => {
    const identity = [
      `--certificate=${put("eve.pem", stranger.pem)}`,
      `--private-key=${put("eve.key", stranger.keyPem)}`,
    ];
    const crowd = await start(size, { ...alone, flags: identity });
    const ended = release(crowd);
    await holderOf(crowd);
    gate.open();
    const outcomes = await ended;
    expect(refused()).toBe(1);
    for (const { code, stdout, stderr } of outcomes) {
      expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
      expect(stderr).toMatch(/^eks-x509: create-session: [^\n]+ \([A-Z_]+\)\n {2}[^\n]+\n$/m);
    }
    const messages = outcomes.map(({ stderr }) =>
      stderr.slice(stderr.lastIndexOf("eks-x509: create-session: ")),
    );
    expect(new Set(messages).size).toBe(1);
  });

  it("that ask for a role that does not exist, as they come: far fewer requests than processes", async () => {
    gate.open();
    const roleArn = "--role-arn=arn:aws:iam::111122223333:role/no-such-role";
    const many = Math.max(size, 16);
    const outcomes = await release(await start(many, { ...alone, flags: [roleArn] }));
    for (const { code, stdout } of outcomes) expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(refused()).toBeLessThan(many / 4);
  });
});

const kubectl = kubectls()[0]?.path;
it.skipIf(kubectl === undefined)(
  "one such token, given to kubectl as it is, lists namespaces (kubectl)",
  async () => {
    gate.open();
    const token = tokenOf(await world.run({ env: { EKS_X509_CACHE: "none" } }));
    const { code, stderr } = await runProgram(
      kubectl ?? "",
      ["get", "ns", `--token=${token}`, "--user="],
      world.sandbox.env,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  },
);

describe.skipIf(noKeyring)(named("processes with a second role", noKeyring), limit, () => {
  const role = "arn:aws:iam::444455556666:role/eks-deploy";
  const second = [`--assume-role-arn=${role}`, "--external-id=ours:1"];
  let other: World;
  let keyring: KeyringSession;
  beforeAll(async () => {
    other = await World.open({}, second);
    keyring = await KeyringSession.open();
  });
  afterAll(async () => {
    keyring.close();
    await other.close();
  });

  it(`make one session and assume the role once, for ${size} of both commands`, async () => {
    const crowd = Array.from({ length: size }, (_, index) =>
      other.start({
        command: index % 2 === 0 ? "get-token" : "credential-process",
        flags: second,
        env: { EKS_X509_CACHE: "keyutils" },
        within: (command) => keyring.within(command),
        held: true,
      }),
    );
    await until(() => {
      expect(crowd.filter(({ isHeld }) => isHeld())).toHaveLength(size);
    });
    const outcomes = await release(crowd);
    const keys = outcomes.map((outcome, index) =>
      index % 2 === 0
        ? accessKeyOf(tokenOf(outcome))
        : fromJson<{ AccessKeyId: string }>(outcome.stdout).AccessKeyId,
    );
    expect(new Set(keys).size).toBe(1);
    expect(other.requests()).toBe(1);
    expect(other.sandbox.output().match(/^✓ sts +AssumeRole/gm)).toHaveLength(1);
    const { stdout } = await other.run({
      command: "credential-process",
      flags: second,
      env: { EKS_X509_CACHE: "keyutils" },
      within: (command) => keyring.within(command),
    });
    expect(stdout).toBe(outcomes[1]?.stdout);
    expect(other.requests()).toBe(1);
  });
});
