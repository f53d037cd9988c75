/** The second role over ports in memory: which calls are made, what is kept, and what two roles share. */
import { beforeEach, describe, expect, it } from "vitest";
import { cacheOn } from "../../src/cache/cache.ts";
import { getTokenInput } from "../../src/cli/settings/input.ts";
import { parseFlags } from "../../src/cli/settings/flags.ts";
import { settingsFrom } from "../../src/cli/settings/settings.ts";
import type { OptionName } from "../../src/cli/settings/options.ts";
import type { Http } from "../../src/http/client.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import { Secrets } from "../../src/foundation/secrets.ts";
import { getToken } from "../../src/sign-in/get-token.ts";
import type { GetTokenInput } from "../../src/sign-in/input.ts";
import type { SignIn } from "../../src/sign-in/ports.ts";
import { sdkSession } from "../../src/sign-in/sdk-session.ts";
import { MemoryKeychain } from "../cache/memory-keychain.ts";
import { from, hour, intermediate, keyPair, leaf, now, root } from "../certificates.ts";
import { rejectionOf } from "../failure.ts";
import { keyFiles } from "../key-files.ts";
import { portsWith, sha256 } from "../ports.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";

const issuer = intermediate(root());
const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });
const files = new Map([
  ["/alice.pem", alice.pem + issuer.pem],
  ["/alice.key", alice.keyPem],
]);
const minute = 60_000;
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const deploy = "arn:aws:iam::444455556666:role/eks-deploy";

let keychain: MemoryKeychain;
let time: Date;
/** The form of each AssumeRole, and `CreateSession`. */
let calls: string[];
let logged: string[];
let refusal: string | undefined;
/** How far the clock of AWS is ahead of this machine's. */
let ahead: number;

beforeEach(() => {
  keychain = new MemoryKeychain();
  time = now;
  calls = [];
  logged = [];
  refusal = undefined;
  ahead = 0;
});

const ports: SignIn = {
  clock: () => time,
  secrets: new Secrets(),
  log: (hop, line) => logged.push(`${hop}: ${line}`),
  ...keyFiles((path) =>
    Promise.resolve({ name: path, bytes: Buffer.from(files.get(path) ?? expect.fail(path)), mode: 0o600 }),
  ),
  entries: {
    read: (account) => cache().read(account),
    write: (account, record) => cache().write(account, record),
  },
  singleFlight: () => Promise.resolve({ run: ({ work }) => work() }),
  http: () => Promise.resolve(answering),
};

const answering: Http = async ({ request }) => {
  const { url, body, headers } = await request();
  if (!url.host.startsWith("sts.")) {
    calls.push("CreateSession");
    const expiration = new Date(time.getTime() + ahead + hour).toISOString();
    return { status: 201, headers: {}, body: sessionAnswer({ expiration }) };
  }
  expect(headers["x-amz-security-token"]).toBe("token");
  calls.push(body);
  return assumed(body);
};

function cache() {
  return cacheOn({ keychain, clock: () => time, log: (line) => logged.push(`cache: ${line}`), sha256 });
}

function assumed(form: string): Answer {
  if (refusal !== undefined) return { status: 403, headers: { date: time.toUTCString() }, body: refusal };
  const [, account, name] = /RoleArn=arn%3Aaws%3Aiam%3A%3A(\d+)%3Arole%2F([\w-]+)/.exec(form) ?? [];
  const Credentials = {
    AccessKeyId: `ASIASECOND${String(calls.length).padStart(10, "0")}`,
    SecretAccessKey: "second",
    SessionToken: "second-token",
    Expiration: (time.getTime() + ahead + hour) / 1000,
  };
  const AssumedRoleUser = { Arn: `arn:aws:sts::${account ?? ""}:assumed-role/${name ?? ""}/1234` };
  const body = { AssumeRoleResponse: { AssumeRoleResult: { Credentials, AssumedRoleUser } } };
  return { status: 200, headers: {}, body: JSON.stringify(body) };
}

/** Without an option whose value is empty. */
function input(changes: Partial<Record<OptionName, string>> = {}): GetTokenInput {
  const rolesAnywhere = (kind: string) => `arn:aws:rolesanywhere:us-west-2:123456789012:${kind}/${uuid}`;
  const options: Partial<Record<OptionName, string>> = {
    "cluster-name": "demo",
    certificate: "/alice.pem",
    "private-key": "/alice.key",
    "trust-anchor-arn": rolesAnywhere("trust-anchor"),
    "profile-arn": rolesAnywhere("profile"),
    "role-arn": "arn:aws:iam::123456789012:role/eks-read-only",
    "assume-role-arn": deploy,
    ...changes,
  };
  const words = Object.entries(options).flatMap(([name, value]) => (value ? [`--${name}=${value}`] : []));
  return getTokenInput(
    settingsFrom({ flags: parseFlags(words), env: {}, extension: new Map(), file: undefined }),
    portsWith(),
  );
}

const accessKey = (given: GetTokenInput): Promise<string> =>
  sdkSession(given, ports).then(({ session }) => session.credentials.accessKeyId);
const assumptions = (): string[] => calls.filter((call) => call !== "CreateSession");

describe("a clock that is behind that of AWS", () => {
  it.each([{ "assume-role-arn": "" }, { "session-duration": "43200" }])(
    "does not lengthen the session with %j",
    async (changes) => {
      ahead = 4 * minute;
      const given = input(changes);
      const { session, expiration } = await sdkSession(given, ports);
      expect([session.expiration, expiration]).toEqual(Array(2).fill(new Date(now.getTime() + hour)));
      const made = calls.length;
      time = new Date(now.getTime() + 45 * minute);
      expect(await sdkSession(given, ports)).toMatchObject({ expiration });
      expect(calls.length).toBe(made);
      time = new Date(now.getTime() + 46 * minute);
      await sdkSession(given, ports);
      expect(calls.length).toBeGreaterThan(made);
    },
  );
});

describe("a second role", () => {
  it("is one CreateSession and one AssumeRole for kubectl, all its clusters, and the SDKs", async () => {
    await getToken(input(), ports);
    await getToken(input({ "cluster-name": "other" }), ports);
    await sdkSession(input(), ports);
    expect(calls).toEqual(["CreateSession", expect.stringContaining("Action=AssumeRole")]);
    const { session, label } = await sdkSession(input(), ports);
    expect({ arn: session.assumedRoleArn, source: session.sourceIdentity, role: label.roleArn }).toEqual({
      arn: "arn:aws:sts::444455556666:assumed-role/eks-deploy/1234",
      source: "CN=alice",
      role: deploy,
    });
  });

  it("shares the first role's session with the first role and other second ones, and nothing else", async () => {
    const first = await accessKey(input({ "assume-role-arn": "" }));
    const others: Partial<Record<OptionName, string>>[] = [
      {},
      { "assume-role-arn": "arn:aws:iam::444455556666:role/another" },
      { "assume-role-arn": "arn:aws:iam::777788889999:role/eks-deploy" },
      { "external-id": "ours:1" },
      { "external-id": "theirs" },
      { "assume-role-session-name": "alice" },
      { "assume-role-session-name": "bob" },
    ];
    const keys = [];
    for (const changes of others) keys.push(await accessKey(input(changes)));
    expect(new Set([first, ...keys]).size).toBe(1 + others.length);
    expect(calls.filter((call) => call === "CreateSession")).toHaveLength(1);
    expect(assumptions().map((form) => /ExternalId=([^&]+)/.exec(form)?.[1])).toEqual([
      ...[undefined, undefined, undefined, "ours%3A1", "theirs", undefined, undefined],
    ]);
    for (const changes of others) await accessKey(input(changes));
    expect(assumptions()).toHaveLength(others.length);
  });

  it("of a new first session is assumed again when its own has ended, with the first one if that lives", async () => {
    await accessKey(input({ "assume-role-arn": "" }));
    time = from(30 * minute);
    const early = await accessKey(input());
    time = from(70 * minute);
    // The second session lives until 90, the first one ended at 60.
    expect(await accessKey(input())).toBe(early);
    expect(calls).toHaveLength(2);
    time = from(80 * minute);
    expect(await accessKey(input())).not.toBe(early);
    expect(calls.map((call) => call.slice(0, 13))).toEqual([
      ...["CreateSession", "Action=Assume", "CreateSession", "Action=Assume"],
    ]);
  });

  it("is requested for an hour at most, which the log says", async () => {
    await accessKey(input({ "session-duration": "43200" }));
    expect(assumptions()[0]).toContain("DurationSeconds=3600");
    expect(logged.join("\n")).toContain("assume-role: an hour is requested");
  });

  it("that STS refuses leaves the first session in the cache and stores nothing else", async () => {
    refusal =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";
    for (const ask of [() => getToken(input(), ports), () => sdkSession(input(), ports)])
      expect(await rejectionOf(ask())).toMatchObject({ hop: "assume-role", code: "ASSUME_ROLE_DENIED" });
    expect(keychain.own.size).toBe(1);
    expect(calls.filter((call) => call === "CreateSession")).toHaveLength(1);
  });
});

describe("if no new session can be created, an SDK", () => {
  const failing: SignIn = { ...ports, http: () => Promise.reject(failure()) };
  const failure = () =>
    new EksX509Error({
      ...{ category: "network", hop: "create-session", code: "NO_ANSWER", message: "no", hint: "" },
    });

  it.each([
    ["the first role's", { "assume-role-arn": "" }],
    ["the second role's", {}],
  ])("gets the kept one of %s while it lives", async (_, changes) => {
    const kept = await accessKey(input(changes));
    time = from(50 * minute);
    const { session } = await sdkSession(input(changes), failing);
    expect(session.credentials.accessKeyId).toBe(kept);
    expect(logged).toContain("session: no new one, so the kept one is used: no (NO_ANSWER)");
    time = from(hour - 2 * minute);
    expect(await rejectionOf(sdkSession(input(changes), failing))).toMatchObject({ code: "NO_ANSWER" });
  });

  it("gets the failure if there is no kept one, and one that is not ours is never hidden", async () => {
    expect(await rejectionOf(sdkSession(input(), failing))).toMatchObject({ code: "NO_ANSWER" });
    await accessKey(input());
    time = from(50 * minute);
    const broken: SignIn = { ...ports, http: () => Promise.reject(new TypeError("a mistake")) };
    await expect(sdkSession(input(), broken)).rejects.toThrow(TypeError);
  });
});
