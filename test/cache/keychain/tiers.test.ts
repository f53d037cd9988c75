import { describe, expect, it } from "vitest";
import { KeychainError, type Keychain } from "../../../src/cache/keychain/keychain.ts";
import { tieredKeychain } from "../../../src/cache/keychain/open.ts";
import { ShortKeychain } from "./short-keychain.ts";

describe("tiers", () => {
  const log = (): void => undefined;
  function failing(reason: KeychainError["reason"]): Keychain & { calls: number } {
    const fail = async (): Promise<never> => {
      keychain.calls += 1;
      await Promise.resolve();
      throw new KeychainError(reason, "why");
    };
    const keychain = {
      calls: 0,
      getPassword: fail,
      setPassword: fail,
      deletePassword: fail,
      findCredentials: fail,
    };
    return keychain;
  }
  function tier(keychain: Keychain): { name: string; open: () => Promise<Keychain> } {
    return { name: "tier", open: () => Promise.resolve(keychain) };
  }

  it("ask the second only after the first has failed, and the first never again", async () => {
    const [first, second] = [failing("refused"), new ShortKeychain()];
    const keychain = tieredKeychain([tier(first), tier(second)], { log, orNothing: true });
    await keychain.setPassword("s", "a", "value");
    expect(await keychain.getPassword("s", "a")).toBe("value");
    expect(await keychain.findCredentials("s")).toEqual([{ account: "a", password: "value" }]);
    expect(await keychain.deletePassword("s", "a")).toBe(true);
    expect(first.calls).toBe(1);
  });

  it("do not open the second for what the first does not have", async () => {
    const second = { name: "second", open: () => Promise.reject(new Error("opened")) };
    const keychain = tieredKeychain([tier(new ShortKeychain()), second], { log, orNothing: false });
    expect(await keychain.getPassword("s", "a")).toBeUndefined();
    await keychain.setPassword("s", "a", "value");
    expect(await keychain.getPassword("s", "a")).toBe("value");
  });

  it("delete from all, and list all, the first's first", async () => {
    const [first, second] = [new ShortKeychain(), new ShortKeychain()];
    first.entries.set("a", "1").set("b", "1");
    second.entries.set("b", "2").set("c", "2");
    const keychain = tieredKeychain([tier(first), tier(second)], { log, orNothing: true });
    const all = await keychain.findCredentials("s");
    expect(all.map(({ account, password }) => account + password).sort()).toEqual(["a1", "b1", "c2"]);
    expect(await keychain.deletePassword("s", "b")).toBe(true);
    expect([first.entries.has("b"), second.entries.has("b")]).toEqual([false, false]);
  });

  it("say when one is full, which is no reason to leave it", async () => {
    const keychain = tieredKeychain([tier(failing("full")), tier(new ShortKeychain())], {
      log,
      orNothing: true,
    });
    await expect(keychain.setPassword("s", "a", "v")).rejects.toMatchObject({ reason: "full" });
    await expect(keychain.setPassword("s", "a", "v")).rejects.toMatchObject({ reason: "full" });
  });

  it("that all fail are nothing, or the last failure", async () => {
    const lenient = tieredKeychain([tier(failing("absent"))], { log, orNothing: true });
    expect(await lenient.getPassword("s", "a")).toBeUndefined();
    expect(await lenient.deletePassword("s", "a")).toBe(false);
    const logged: string[] = [];
    const strict = tieredKeychain([tier(failing("locked"))], {
      log: (line) => logged.push(line),
      orNothing: false,
    });
    await expect(strict.getPassword("s", "a")).rejects.toMatchObject({ reason: "locked" });
    await expect(strict.setPassword("s", "a", "v")).rejects.toMatchObject({ reason: "locked" });
    expect(logged).toEqual(["tier: locked: why"]);
  });
});
