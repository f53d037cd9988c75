/** The second role over ports in memory: which calls are made, what is kept, and what two roles share. */
import { beforeEach, describe, expect, it } from "vitest";
import { getTokenInput } from "../../src/cli/settings/input.ts";
import { parseFlags } from "../../src/cli/settings/flags.ts";
import { settingsFrom } from "../../src/cli/settings/settings.ts";
import type { OptionName } from "../../src/cli/settings/options.ts";
import type { Http } from "../../src/http/client.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import { getToken } from "../../src/sign-in/get-token.ts";
import type { GetTokenInput } from "../../src/sign-in/input.ts";
import type { SignIn } from "../../src/sign-in/ports.ts";
import { sdkSession } from "../../src/sign-in/sdk-session.ts";
import { from, hour, now } from "../certificates.ts";
import { rejectionOf } from "../failure.ts";
import { portsWith } from "../ports.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";
import { InMemory, minute, rolesAnywhereArn } from "./in-memory.ts";

const deploy = "arn:aws:iam::444455556666:role/eks-deploy";

/** Its calls are the form of each AssumeRole, and `CreateSession`. */
const memory = new InMemory();
let refusal: string | undefined;
/** One for each of the next calls of AssumeRole. */
let refusals: string[];
/** How far the clock of AWS is ahead of this machine's. */
let ahead: number;

beforeEach(() => {
  memory.begin();
  refusal = undefined;
  refusals = [];
  ahead = 0;
});

const answering: Http = async ({ request }) => {
  const { url, body, headers } = await request();
  if (!url.host.startsWith("sts.")) {
    memory.calls.push("CreateSession");
    const expiration = new Date(memory.time.getTime() + ahead + hour).toISOString();
    return { status: 201, headers: {}, body: sessionAnswer({ expiration }) };
  }
  expect(headers["x-amz-security-token"]).toBe("token");
  memory.calls.push(body);
  return assumed(body);
};

const ports = memory.ports(() => Promise.resolve(answering));

function assumed(form: string): Answer {
  const refused = refusals.shift() ?? refusal;
  if (refused !== undefined)
    return { status: 403, headers: { date: memory.time.toUTCString() }, body: refused };
  const [, account, name] = /RoleArn=arn%3Aaws%3Aiam%3A%3A(\d+)%3Arole%2F([\w-]+)/.exec(form) ?? [];
  const Credentials = {
    AccessKeyId: `ASIASECOND${String(memory.calls.length).padStart(10, "0")}`,
    SecretAccessKey: "second",
    SessionToken: "second-token",
    Expiration: (memory.time.getTime() + ahead + hour) / 1000,
  };
  const AssumedRoleUser = { Arn: `arn:aws:sts::${account ?? ""}:assumed-role/${name ?? ""}/1234` };
  const body = { AssumeRoleResponse: { AssumeRoleResult: { Credentials, AssumedRoleUser } } };
  return { status: 200, headers: {}, body: JSON.stringify(body) };
}

/** Without an option whose value is empty. */
function input(changes: Partial<Record<OptionName, string>> = {}): GetTokenInput {
  const options: Partial<Record<OptionName, string>> = {
    "cluster-name": "demo",
    certificate: "/alice.pem",
    "private-key": "/alice.key",
    "trust-anchor-arn": rolesAnywhereArn("trust-anchor"),
    "profile-arn": rolesAnywhereArn("profile"),
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
const assumptions = (): string[] => memory.calls.filter((call) => call !== "CreateSession");

describe("a clock that is behind that of AWS", () => {
  it.each([{ "assume-role-arn": "" }, { "session-duration": "43200" }])(
    "does not lengthen the session with %j",
    async (changes) => {
      ahead = 4 * minute;
      const given = input(changes);
      const { session, expiration } = await sdkSession(given, ports);
      expect([session.expiration, expiration]).toEqual(Array(2).fill(new Date(now.getTime() + hour)));
      const made = memory.calls.length;
      memory.time = new Date(now.getTime() + 45 * minute);
      expect(await sdkSession(given, ports)).toMatchObject({ expiration });
      expect(memory.calls.length).toBe(made);
      memory.time = new Date(now.getTime() + 46 * minute);
      await sdkSession(given, ports);
      expect(memory.calls.length).toBeGreaterThan(made);
    },
  );
});

describe("a second role", () => {
  it("is one CreateSession and one AssumeRole for kubectl, all its clusters, and the SDKs", async () => {
    await getToken(input(), ports);
    await getToken(input({ "cluster-name": "other" }), ports);
    await sdkSession(input(), ports);
    expect(memory.calls).toEqual(["CreateSession", expect.stringContaining("Action=AssumeRole")]);
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
    expect(memory.calls.filter((call) => call === "CreateSession")).toHaveLength(1);
    expect(assumptions().map((form) => /ExternalId=([^&]+)/.exec(form)?.[1])).toEqual([
      ...[undefined, undefined, undefined, "ours%3A1", "theirs", undefined, undefined],
    ]);
    for (const changes of others) await accessKey(input(changes));
    expect(assumptions()).toHaveLength(others.length);
  });

  it("of a new first session is assumed again when its own has ended, with the first one if that lives", async () => {
    await accessKey(input({ "assume-role-arn": "" }));
    memory.time = from(30 * minute);
    const early = await accessKey(input());
    memory.time = from(70 * minute);
    // The second session lives until 90, the first one ended at 60.
    expect(await accessKey(input())).toBe(early);
    expect(memory.calls).toHaveLength(2);
    memory.time = from(80 * minute);
    expect(await accessKey(input())).not.toBe(early);
    expect(memory.calls.map((call) => call.slice(0, 13))).toEqual([
      ...["CreateSession", "Action=Assume", "CreateSession", "Action=Assume"],
    ]);
  });

  it("is requested for an hour at most, which the log says", async () => {
    await accessKey(input({ "session-duration": "43200" }));
    expect(assumptions()[0]).toContain("DurationSeconds=3600");
    expect(memory.logged.join("\n")).toContain("assume-role: an hour is requested");
  });

  it("that STS refuses leaves the first session in the cache and stores nothing else", async () => {
    refusal =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>";
    for (const ask of [() => getToken(input(), ports), () => sdkSession(input(), ports)])
      expect(await rejectionOf(ask())).toMatchObject({ hop: "assume-role", code: "ASSUME_ROLE_DENIED" });
    expect(memory.keychain.own.size).toBe(1);
    expect(memory.calls.filter((call) => call === "CreateSession")).toHaveLength(1);
  });
});

describe("a kept first session that STS knows no more", () => {
  const refusing = (code: string): string =>
    `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
  const calls = (): string[] => memory.calls.map((call) => call.slice(0, 13));

  it.each(["ExpiredToken", "InvalidClientTokenId"])("is replaced once: %s", async (code) => {
    await accessKey(input({ "assume-role-arn": "" }));
    memory.time = from(2 * minute);
    refusals = [refusing(code)];
    expect(await accessKey(input())).toMatch(/^ASIASECOND/);
    expect(calls()).toEqual(["CreateSession", "Action=Assume", "CreateSession", "Action=Assume"]);
  });

  it.each([
    ["is not replaced where that was not the reason", "AccessDenied", 2, "ASSUME_ROLE_DENIED"],
    ["is not replaced within its first minute", "ExpiredToken", 0.5, "ASSUME_ROLE_SESSION_EXPIRED"],
  ])("%s", async (_, code, minutes, expected) => {
    await accessKey(input({ "assume-role-arn": "" }));
    memory.time = from(minutes * minute);
    refusal = refusing(code);
    expect(await rejectionOf(accessKey(input()))).toMatchObject({ code: expected });
    expect(calls()).toEqual(["CreateSession", "Action=Assume"]);
  });

  it("is replaced once for a refusal that stays", async () => {
    await accessKey(input({ "assume-role-arn": "" }));
    memory.time = from(2 * minute);
    refusal = refusing("ExpiredToken");
    for (let run = 0; run < 2; run++)
      expect(await rejectionOf(accessKey(input()))).toMatchObject({ code: "ASSUME_ROLE_SESSION_EXPIRED" });
    expect(calls().filter((call) => call === "CreateSession")).toHaveLength(2);
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
    memory.time = from(50 * minute);
    const { session } = await sdkSession(input(changes), failing);
    expect(session.credentials.accessKeyId).toBe(kept);
    expect(memory.logged).toContain("session: no new one, so the kept one is used: no (NO_ANSWER)");
    memory.time = from(hour - 2 * minute);
    expect(await rejectionOf(sdkSession(input(changes), failing))).toMatchObject({ code: "NO_ANSWER" });
  });

  it("gets the failure if there is no kept one, and one that is not ours is never hidden", async () => {
    expect(await rejectionOf(sdkSession(input(), failing))).toMatchObject({ code: "NO_ANSWER" });
    await accessKey(input());
    memory.time = from(50 * minute);
    const broken: SignIn = { ...ports, http: () => Promise.reject(new TypeError("a mistake")) };
    await expect(sdkSession(input(), broken)).rejects.toThrow(TypeError);
  });
});
