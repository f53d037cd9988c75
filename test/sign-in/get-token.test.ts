/** The use case over ports in memory: what is asked of whom, on a hit, on a session's hit and on a miss. */
import { beforeEach, describe, expect, it } from "vitest";
import { parseRoleArn, parseRolesAnywhereArn, ArnProblem } from "../../src/aws/arn.ts";
import { parseRegion } from "../../src/aws/partition.ts";
import { notesIn } from "../../src/cache/refusals/ledger-files.ts";
import { ledgerOn } from "../../src/cache/refusals/ledger.ts";
import { KeychainError } from "../../src/cache/keychain/keychain.ts";
import type { GetTokenInput } from "../../src/sign-in/input.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import { getToken } from "../../src/sign-in/get-token.ts";
import type { SignIn } from "../../src/sign-in/ports.ts";
import type { IssuedToken } from "../../src/exec/exec-info.ts";
import { withFolder } from "../cache/flight/crowd.ts";
import { day, from, hour, keyPair, leaf, now } from "../certificates.ts";
import { sha256 } from "../ports.ts";
import { rejectionOf } from "../failure.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";
import { alice, InMemory, issuer, minute, rolesAnywhereArn } from "./in-memory.ts";

const renewed = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice's next") });
const second = 1_000;

const memory = new InMemory();
let refusal: EksX509Error | undefined;

beforeEach(() => {
  memory.begin();
  refusal = undefined;
});

const base = memory.ports(
  () => {
    memory.calls.push("http");
    if (refusal) return Promise.reject(refusal);
    return Promise.resolve(() => Promise.resolve({ status: 201, headers: {}, body: session() }));
  },
  (path) => memory.calls.push(`read ${path}`),
);
const ports: SignIn = {
  ...base,
  entries: {
    read: base.entries.read,
    write: (account, record) => {
      memory.calls.push(`write ${record.kind}`);
      return base.entries.write(account, record);
    },
  },
  singleFlight: (...given) => {
    memory.calls.push("single flight");
    return base.singleFlight(...given);
  },
};

/** A new one at each call, for an hour. */
function session(): string {
  const count = memory.calls.filter((call) => call === "http").length;
  return sessionAnswer({
    accessKeyId: `ASIAEXAMPLE${String(count).padStart(9, "0")}`,
    expiration: new Date(memory.time.getTime() + hour).toISOString(),
  });
}

function parsed<Value>(value: Value | ArnProblem | undefined): Value {
  return value === undefined || value instanceof ArnProblem ? expect.fail() : value;
}

const rolesAnywhere = (kind: "trust-anchor" | "profile") =>
  parsed(parseRolesAnywhereArn(rolesAnywhereArn(kind), kind));

function input(clusterName = "demo", roleName = "eks-read-only"): GetTokenInput {
  return {
    files: {
      certificate: { path: "/alice.pem", source: "--certificate" },
      privateKey: { path: "/alice.key", source: "--private-key" },
      intermediates: undefined,
      access: {},
    },
    parameters: {
      trustAnchor: rolesAnywhere("trust-anchor"),
      profile: rolesAnywhere("profile"),
      role: parsed(parseRoleArn(`arn:aws:iam::123456789012:role/${roleName}`)),
      durationSeconds: 3600,
      roleSessionName: undefined,
    },
    endpoint: new URL("https://rolesanywhere.us-west-2.amazonaws.com"),
    token: {
      clusterName,
      region: parsed(parseRegion("us-west-2")),
      variant: { fips: false, dualStack: false },
    },
    cache: "auto",
  };
}

/** The session that a token is signed with. */
function accessKeyOf({ token }: IssuedToken): string | undefined {
  const url = Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString();
  return /X-Amz-Credential=(\w+)/.exec(url)?.[1];
}

const identityRead = ["read /alice.pem"];
const sessionMade = ["single flight", "http", "read /alice.key", "write session"];

describe("get-token", () => {
  it("on a hit reads the certificate's file and the keychain, and nothing else", async () => {
    const first = await getToken(input(), ports);
    memory.calls = [];
    memory.keychain.reads = [];
    expect(await getToken(input(), ports)).toEqual(first);
    expect(memory.calls).toEqual(identityRead);
    expect(memory.keychain.reads).toHaveLength(1);
  });

  it("on a miss makes a session, and stores both", async () => {
    const { token, expiration } = await getToken(input(), ports);
    expect(token).toMatch(/^k8s-aws-v1\./);
    expect(expiration).toEqual(from(14 * minute));
    expect(memory.calls).toEqual([...identityRead, ...sessionMade, "write token"]);
    expect([...memory.keychain.own.keys()].map((name) => name.replace(/\/.*/, ""))).toEqual([
      "session",
      "token",
    ]);
  });

  it("for another cluster signs with the session that it has: no key, no network, no waiting", async () => {
    const first = await getToken(input(), ports);
    memory.calls = [];
    const second = await getToken(input("another"), ports);
    expect(memory.calls).toEqual([...identityRead, "write token"]);
    expect(second.token).not.toBe(first.token);
    expect(accessKeyOf(second)).toBe(accessKeyOf(first));
  });

  it("for another role makes another session", async () => {
    const first = await getToken(input(), ports);
    const second = await getToken(input("demo", "eks-admin"), ports);
    expect(accessKeyOf(second)).not.toBe(accessKeyOf(first));
    expect(memory.keychain.own.size).toBe(4);
  });

  it("takes the session that another process has stored since", async () => {
    const other = await getToken(input("another"), ports);
    const stored = [...memory.keychain.entries];
    memory.keychain.entries.clear();
    const late: SignIn = {
      ...ports,
      singleFlight: () => {
        for (const [name, text] of stored) memory.keychain.entries.set(name, text);
        return ports.singleFlight();
      },
    };
    expect(accessKeyOf(await getToken(input(), late))).toBe(accessKeyOf(other));
  });

  it("does not take anything else for a session", async () => {
    const wrong: SignIn = {
      ...ports,
      singleFlight: () => Promise.resolve({ run: ({ read }) => Promise.resolve(read("another version's")) }),
    };
    expect(await rejectionOf(getToken(input(), wrong))).toMatchObject({
      code: "SESSION_HANDOVER",
      hop: "session",
    });
  });
});

describe("an entry that is too old", () => {
  it("is replaced: the token by one of the same session", async () => {
    const first = await getToken(input(), ports);
    memory.time = from(13 * minute + 1);
    const second = await getToken(input(), ports);
    expect(second.expiration).toEqual(
      new Date(Math.floor(memory.time.getTime() / 1000) * 1000 + 14 * minute),
    );
    expect(accessKeyOf(second)).toBe(accessKeyOf(first));
    expect(await getToken(input(), ports)).toEqual(second);
  });

  it("is replaced: the session by a new one", async () => {
    const first = await getToken(input(), ports);
    memory.time = from(hour - 2 * minute);
    const second = await getToken(input(), ports);
    expect(accessKeyOf(second)).not.toBe(accessKeyOf(first));
    expect(accessKeyOf(await getToken(input("another"), ports))).toBe(accessKeyOf(second));
    expect(memory.keychain.own.size).toBe(3);
  });

  it.each([
    ["an hour back", -hour],
    ["a day forward", day],
  ])("is replaced when the clock was set %s", async (_, change) => {
    // Certificates are valid from yesterday on.
    const first = await getToken(input(), ports);
    memory.time = from(change);
    expect(accessKeyOf(await getToken(input(), ports))).not.toBe(accessKeyOf(first));
    expect(memory.logged.join("\n")).toMatch(
      /cache: token\/.* missed: (it is from the future|it has expired)/,
    );
  });
});

describe("whatever the keychain does, there is a token", () => {
  it("when all of its calls fail, which is logged", async () => {
    memory.keychain.failure = new KeychainError("locked", "the keychain is locked");
    expect((await getToken(input(), ports)).token).toMatch(/^k8s-aws-v1\./);
    expect(memory.logged.filter((line) => line.endsWith("missed: the keychain is locked"))).not.toEqual([]);
    expect(
      memory.logged.filter((line) => line.endsWith("was not stored: the keychain is locked")),
    ).toHaveLength(2);
  });

  it("when nothing can be stored: a new session each time", async () => {
    memory.keychain.setPassword = () => Promise.reject(new KeychainError("refused", "EACCES"));
    const first = await getToken(input(), ports);
    expect(accessKeyOf(await getToken(input(), ports))).not.toBe(accessKeyOf(first));
  });

  it("when its entries are spoilt: they are replaced", async () => {
    await getToken(input(), ports);
    for (const [name, text] of memory.keychain.entries) memory.keychain.entries.set(name, text.slice(0, -1));
    const second = await getToken(input(), ports);
    expect(memory.logged.filter((line) => line.includes("damaged"))).toHaveLength(3);
    expect(await getToken(input(), ports)).toEqual(second);
  });

  it("when a token lies in a session's place, and the other way round", async () => {
    await getToken(input(), ports);
    const [one = "", other = ""] = memory.keychain.entries.keys();
    const texts = [memory.keychain.entries.get(other) ?? "", memory.keychain.entries.get(one) ?? ""];
    [one, other].forEach((name, index) => memory.keychain.entries.set(name, texts[index] ?? ""));
    expect((await getToken(input(), ports)).token).toMatch(/^k8s-aws-v1\./);
  });
});

describe("another identity", () => {
  it("in the same file is another at once: neither token nor session is taken", async () => {
    const first = await getToken(input(), ports);
    memory.files.set("/alice.pem", renewed.pem + issuer.pem);
    memory.files.set("/alice.key", renewed.keyPem);
    expect(accessKeyOf(await getToken(input(), ports))).not.toBe(accessKeyOf(first));
  });

  it("a private key that is not the certificate's gets no token, although there is one", async () => {
    await getToken(input(), ports);
    memory.files.set("/alice.key", renewed.keyPem);
    expect(await rejectionOf(getToken(input(), ports))).toMatchObject({ code: "PRIVATE_KEY_MISMATCH" });
  });

  it("whose files are replaced while they are read is read once more", async () => {
    const replacing: SignIn = {
      ...ports,
      singleFlight: () => {
        memory.files.set("/alice.pem", renewed.pem + issuer.pem);
        memory.files.set("/alice.key", renewed.keyPem);
        return ports.singleFlight();
      },
    };
    const token = await getToken(input(), replacing);
    expect(memory.logged).toContain(
      "certificate: the files were renewed while they were read: reading them again",
    );
    // Stored under the new name.
    expect(await getToken(input(), ports)).toEqual(token);
  });

  it("is read once more only when the files have changed", async () => {
    memory.files.set("/alice.pem", leaf(issuer, { notAfter: from(-day / 2), keys: alice.keys }).pem);
    expect(await rejectionOf(getToken(input(), ports))).toMatchObject({ code: "CERTIFICATE_EXPIRED" });
    expect(memory.calls.filter((call) => call === "single flight")).toHaveLength(1);
  });
});

describe("a client that asks again while its token is good", () => {
  /** Limits count by quarters of the clock's hour: at the start of one, none ends in the middle of a test. */
  const start = now.getTime() - (now.getTime() % (15 * minute));
  const later = (milliseconds: number): Date => new Date(start + milliseconds);
  beforeEach(() => {
    memory.time = later(0);
  });

  /** What one client after another asks for, each time of one machine's ledger. */
  const asking = (test: (ask: (client?: string) => Promise<IssuedToken>) => Promise<void>) =>
    withFolder((folder) =>
      test((client = "one") => {
        const ledger = ledgerOn({
          notes: notesIn(folder),
          client,
          sha256,
          log: (line) => memory.logged.push(line),
        });
        return getToken(input(), { ...ports, entries: { ...ports.entries, ledger: () => ledger } });
      }),
    );
  const sessions = (): number => memory.calls.filter((call) => call === "http").length;

  it("gets one signed anew with the same session, at once; all others get that one, too", () =>
    asking(async (ask) => {
      const first = await ask();
      expect(await ask("another")).toEqual(first);
      const second = await ask();
      expect(second.token).not.toBe(first.token);
      expect(accessKeyOf(second)).toBe(accessKeyOf(first));
      expect(await ask("another")).toEqual(second);
      expect(await ask("a third")).toEqual(second);
      expect(memory.logged).toContain(
        "token: the client has it and requests it again, so the cluster may refuse it: signed again",
      );
      expect(sessions()).toBe(1);
    }));

  it("gets it once more within the same 10 seconds, and after them another", () =>
    asking(async (ask) => {
      await ask();
      const other = await ask();
      for (let count = 0; count < 50; count += 1) expect(await ask()).toEqual(other);
      memory.time = later(10 * second);
      expect((await ask()).token).not.toBe(other.token);
      expect(sessions()).toBe(1);
    }));

  it("gets a new session the third time, when the session is older than a minute", () =>
    asking(async (ask) => {
      const first = await ask();
      memory.time = later(minute);
      await ask();
      memory.keychain.reads = [];
      const third = await ask();
      // The token, the session, and the session once more before another one is made.
      expect(memory.keychain.reads.map((name) => name.replace(/\/.*/, ""))).toEqual([
        "token",
        "session",
        "session",
      ]);
      expect(accessKeyOf(third)).not.toBe(accessKeyOf(first));
      expect(await ask("another")).toEqual(third);
      expect(sessions()).toBe(2);
    }));

  it("is no storm: at most one session in each quarter of an hour, and one token in each 10 seconds", () =>
    asking(async (ask) => {
      const tokens = new Set<string>();
      for (let count = 0; count < 2 * 360; count += 1) {
        memory.time = later(count * 5 * second);
        tokens.add((await ask(count % 2 === 0 ? "one" : "another")).token);
      }
      // An hour: the first session, one in each of the quarters that the hour touches, and none for its end.
      expect(sessions()).toBeLessThanOrEqual(1 + 5);
      expect(tokens.size).toBeLessThanOrEqual(1 + 361);
    }));

  it("keeps its session when no other is to be had, and does not ask for one again", () =>
    asking(async (ask) => {
      const first = await ask();
      memory.time = later(minute);
      await ask();
      refusal = new EksX509Error({
        category: "refused",
        hop: "create-session",
        code: "REFUSED_OTHER",
        message: "no",
        hint: "Ask.",
      });
      const third = await ask();
      expect(accessKeyOf(third)).toBe(accessKeyOf(first));
      expect(memory.logged).toContain("create-session: no (REFUSED_OTHER): the session stays as it is");
      memory.time = later(2 * minute);
      await ask();
      expect(sessions()).toBe(2);
    }));

  it("keeps its token when there is no session to sign another with, and none is to be had", () =>
    asking(async (ask) => {
      const first = await ask();
      for (const name of memory.keychain.entries.keys())
        if (name.includes(" session/")) memory.keychain.entries.delete(name);
      refusal = new EksX509Error({
        category: "network",
        hop: "create-session",
        code: "NO_ANSWER",
        message: "no",
        hint: "Wait.",
      });
      expect(await ask()).toEqual(first);
      expect(memory.logged).toContain("create-session: no (NO_ANSWER): the token stays as it is");
      expect(await ask()).toEqual(first);
      expect(sessions()).toBe(2);
    }));

  it.each([
    ["an hour forward", hour],
    ["a day forward", day / 2],
    ["an hour back", -hour],
    ["half a day back", -day / 2],
  ])("after the clock went %s: a new session, whoever asks, and then the same rules", async (_, change) => {
    await asking(async (ask) => {
      const first = await ask();
      memory.time = later(change);
      const second = await ask();
      expect(accessKeyOf(second)).not.toBe(accessKeyOf(first));
      expect(await ask("another")).toEqual(second);
      expect((await ask()).token).not.toBe(second.token);
      for (let count = 0; count < 50; count += 1) await ask();
      expect(sessions()).toBe(2);
    });
  });

  it("without a ledger gets it as often as it likes", async () => {
    const first = await getToken(input(), ports);
    expect(await getToken(input(), ports)).toEqual(first);
  });
});

describe("a failure", () => {
  it("is not stored", async () => {
    refusal = new EksX509Error({
      category: "refused",
      hop: "create-session",
      code: "REFUSED_OTHER",
      message: "profile is disabled",
      hint: "Ask.",
    });
    expect(await rejectionOf(getToken(input(), ports))).toBe(refusal);
    expect(memory.keychain.own.size).toBe(0);
    refusal = undefined;
    expect((await getToken(input(), ports)).token).toMatch(/^k8s-aws-v1\./);
  });
});

it("logs no secret, whatever happens", async () => {
  const tokens = [await getToken(input(), ports)];
  for (const [name, text] of memory.keychain.entries) memory.keychain.entries.set(name, text.slice(1));
  tokens.push(await getToken(input(), ports), await getToken(input(), ports));
  for (const { token } of tokens) expect(memory.logged.join()).not.toContain(token.slice(20, 60));
  expect(memory.logged.join()).not.toMatch(/secret|ASIA/);
});
