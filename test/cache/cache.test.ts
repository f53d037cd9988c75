import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { cacheOn, type Cache } from "../../src/cache/cache.ts";
import { KeychainError } from "../../src/cache/keychain/keychain.ts";
import { from, hour, now } from "../certificates.ts";
import { sha256 } from "../ports.ts";
import { MemoryKeychain } from "./memory-keychain.ts";
import { accounts, minute, secrets, sessionRecord, tokenRecord, writeRecord } from "./records.ts";

let keychain: MemoryKeychain;
let logged: string[];
let time: Date;
let cache: Cache;

beforeEach(() => {
  keychain = new MemoryKeychain();
  logged = [];
  time = now;
  cache = cacheOn({ keychain, clock: () => time, log: (line) => logged.push(line), sha256 });
});

describe("the cache", () => {
  it("gives back what was stored, and says nothing", async () => {
    await cache.write(accounts.token, tokenRecord());
    await cache.write(accounts.session, sessionRecord());
    expect(await cache.read(accounts.token)).toEqual(tokenRecord());
    expect(await cache.read(accounts.session)).toEqual(sessionRecord());
    expect(logged).toEqual([]);
  });

  it("asks the keychain once for a hit", async () => {
    await cache.write(accounts.token, tokenRecord());
    await cache.read(accounts.token);
    expect(keychain.reads).toEqual([accounts.token]);
  });

  it.each<[string, () => void]>([
    ["there is no entry", () => keychain.entries.delete(entry)],
    ["the entry is damaged, or of another version", () => keychain.entries.set(entry, "x")],
    ["the entry is damaged, or of another version", () => keychain.entries.set(entry, "")],
    ["it ends too soon", () => (time = from(13.5 * minute))],
    ["it has expired", () => (time = from(hour))],
    ["it is from the future", () => (time = from(-hour))],
    ["the bus is gone", () => (keychain.failure = new KeychainError("broken", "the bus is gone"))],
  ])("logs why it missed: %s", async (why, spoil) => {
    await cache.write(accounts.token, tokenRecord());
    spoil();
    expect(await cache.read(accounts.token)).toBeUndefined();
    expect(logged).toEqual([`token/aaaaaaaaaa… missed: ${why}`]);
  });
  const entry = `eks-x509 ${accounts.token}`;

  it("stores over what was there, damaged or not", async () => {
    keychain.entries.set(entry, "x");
    await cache.write(accounts.token, tokenRecord());
    expect(await cache.read(accounts.token)).toEqual(tokenRecord());
  });

  it("logs why it did not store, and does not fail", async () => {
    keychain.failure = new KeychainError("refused", "the kernel keyring: EACCES");
    await cache.write(accounts.session, sessionRecord());
    expect(logged).toEqual(["session/bbbbbbbb… was not stored: the kernel keyring: EACCES"]);
  });

  it("never fails, whatever a keychain holds, answers or throws", async () => {
    const failures = fc.oneof(fc.constant(undefined), fc.string().map(Error), fc.constant(new TypeError()));
    await fc.assert(
      fc.asyncProperty(failures, fc.string({ unit: "binary" }), async (failure, text) => {
        keychain.failure = failure;
        keychain.entries.set(entry, text);
        expect(await cache.read(accounts.token)).toBeUndefined();
        await cache.write(accounts.token, tokenRecord());
      }),
    );
  });

  it("logs no secret, not even of an entry that is damaged or stale", async () => {
    const whole = writeRecord(accounts.session, sessionRecord());
    for (const text of [whole.slice(0, -1), whole.slice(1), whole]) {
      keychain.entries.set(`eks-x509 ${accounts.session}`, text);
      time = from(2 * hour);
      await cache.read(accounts.session);
    }
    keychain.failure = new KeychainError("full", "no room");
    await cache.write(accounts.session, sessionRecord());
    // The two spoilt ones in one line.
    expect(logged).toHaveLength(3);
    for (const secret of Object.values(secrets)) expect(logged.join()).not.toContain(secret);
    // Not even its name in full, by which it could be found.
    expect(logged.join()).not.toContain("b".repeat(9));
  });
});

describe("a keychain that is full", () => {
  const account = (name: string): string => `token/${name.repeat(64)}`;
  const size = writeRecord(accounts.token, tokenRecord()).length;

  beforeEach(() => {
    keychain.capacity = 4 * size;
    keychain.fullness = new KeychainError("full", "Quota exceeded");
  });

  it("gives up what is of no use any more", async () => {
    for (const name of ["1", "2", "3", "4"]) await cache.write(account(name), tokenRecord());
    time = from(hour);
    await cache.write(account("5"), tokenRecord({ createdAt: time, expiration: from(hour + 14 * minute) }));
    expect(await cache.read(account("5"))).toBeDefined();
    expect(logged).toEqual([]);
  });

  it("gives up the token that ends first, and no more than it must", async () => {
    for (const [index, name] of ["1", "2", "3", "4"].entries())
      await cache.write(account(name), tokenRecord({ expiration: from((13 - index) * minute) }));
    await cache.write(account("5"), tokenRecord());
    expect([...keychain.own.keys()].sort()).toEqual(["1", "2", "3", "5"].map(account));
  });

  it("keeps its sessions, which cost a request", async () => {
    await cache.write(accounts.session, sessionRecord());
    for (const name of ["1", "2", "3", "4", "5", "6"]) await cache.write(account(name), tokenRecord());
    expect(await cache.read(accounts.session)).toEqual(sessionRecord());
    expect(await cache.read(account("6"))).toBeDefined();
  });

  it("of other programs' entries keeps those, and goes without", async () => {
    keychain.entries.set("another-program alice", "x".repeat(4 * size));
    await cache.write(account("1"), tokenRecord());
    expect([...keychain.own.keys()]).toEqual(["another-program alice"]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/^token\/1{10}… was not stored: /);
  });
});
