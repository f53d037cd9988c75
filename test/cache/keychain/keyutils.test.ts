import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KeychainError } from "../../../src/cache/keychain/keychain.ts";
import { accountsOf } from "../../../src/cache/keychain/kernel-keys.ts";
import { keyutilsKeychain, foreignKeyring, kernelKeys } from "../../../src/cache/keychain/keyutils.ts";
import {
  type Bench,
  bench,
  environment,
  gnomeKeyring,
  missingPrograms,
  named,
  noKernelKeyring,
  noSecretService,
  runWorker,
} from "./programs.ts";
import type { Report, Step, Task } from "./worker.ts";

/** Of this run: the persistent keyring is the same for all of a user's logins. */
const account = `token/${Date.now().toString(16).padStart(64, "0")}`;
const long = "x".repeat(6000);
const get: Step = { do: "get", account };
const set: Step = { do: "set", account, password: long };
const remove: Step = { do: "delete", account };

let here: Bench;
beforeAll(async () => {
  here = await bench();
});
afterAll(() => {
  here.remove();
});

async function within(
  prefix: readonly string[],
  task: Task,
  env = environment(here.folder),
): Promise<Report> {
  return runWorker(task, { folder: here.folder, env, within: prefix });
}

function results({ outcomes }: Report): unknown[] {
  return outcomes.map(({ reason, result }) => reason ?? (result === long ? "the long one" : result));
}

const session = ["keyctl", "session", "-"];
/** A session keyring of its own, in which a command is run first. */
function after(command: string): string[] {
  return [...session, "sh", "-c", `${command}; exec "$@"`, "sh"];
}

const why = noKernelKeyring();

describe.skipIf(why)(named("the kernel keyring", why), () => {
  // A failed test leaves nothing to its second try.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await within(session, { mode: "keyutils", steps: [remove] });
  });

  it("keeps, replaces, finds and deletes", async () => {
    const second: Step = { do: "set", account, password: "second" };
    const steps: Step[] = [get, set, get, second, get, { do: "find" }, remove, remove, get, { do: "find" }];
    const report = await within(session, { mode: "keyutils", steps });
    const [none, stored, read, again, replaced, found, ...rest] = results(report);
    expect([none, stored, read, again, replaced]).toEqual([null, true, "the long one", true, "second"]);
    expect(found).toEqual([{ account, password: "second" }]);
    expect(rest).toEqual([true, false, null, []]);
    expect(report.logged).toEqual([]);
  });

  it("keeps for the next process of the session, and an automatic choice uses it alone", async () => {
    const script = `"$@" '${JSON.stringify({ mode: "auto", steps: [set] })}' >/dev/null; exec "$@"`;
    const first = [...session, "sh", "-c", script.replace('"$@" \'', '"$1" "$2" \''), "sh"];
    const report = await within(first, { mode: "auto", steps: [get] });
    expect(results(report)).toEqual(["the long one"]);
    expect(report.logged).toEqual([]);
    await within(session, { mode: "auto", steps: [remove] });
  });

  it("reads an entry that is not text as empty, overwrites it and deletes it", async () => {
    const id = `$(keyctl search @s user 'keyring:${account}@eks-x509-test')`;
    const spoil: Step = { do: "sh", command: `printf '\\377\\376' | keyctl pupdate ${id}` };
    const steps: Step[] = [set, spoil, get, { do: "find" }, set, get, spoil, remove, get];
    const report = await within(session, { mode: "keyutils", steps });
    const [, , spoilt, found, , again, , removed, gone] = results(report);
    expect(spoilt).toBe("");
    expect(found).toContainEqual({ account, password: "" });
    expect([again, removed, gone]).toEqual(["the long one", true, null]);
  });

  /** As of a program that SELinux confines otherwise: an entry that only its name is known of. */
  it("goes on beside an entry that it can neither read nor replace", async () => {
    const name = "denied";
    const id = `id=$(keyctl search @s user 'keyring:${account}@eks-x509-test')`;
    const deny: Step = {
      do: "sh",
      command: `${id}; keyctl setperm $id 0x10000; echo $id >${here.folder}/${name}`,
    };
    const other: Step = { do: "set", account: `${account}0`, password: "other" };
    const steps: Step[] = [
      set,
      other,
      deny,
      get,
      set,
      get,
      { do: "find" },
      remove,
      remove,
      get,
      { do: "find" },
    ];
    const rest: Step[] = [
      { ...remove, account: `${account}0` },
      {
        do: "sh",
        command: `id=$(cat ${here.folder}/${name}); keyctl unlink $id @s; keyctl unlink $id $(keyctl get_persistent @s) || true`,
      },
      get,
    ];
    const report = await within(session, { mode: "keyutils", steps: [...steps, ...rest] });
    const [, , , denied, stored, read, found, removed, again, gone, left, ...last] = results(report);
    expect([denied, stored, read]).toEqual([null, true, "the long one"]);
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        { account, password: long },
        { account: `${account}0`, password: "other" },
      ]),
    );
    expect([removed, again, gone]).toEqual([true, false, null]);
    expect(left).toEqual([{ account: `${account}0`, password: "other" }]);
    expect(last).toEqual([true, true, null]);
    expect(report.logged).toEqual([]);
  });

  it("goes on beside a probe that it can neither read nor replace", async () => {
    const file = join(here.folder, "denied-probe");
    const find = "id=$(keyctl search @s user keyring:probe@eks-x509-test)";
    const deny: Step = { do: "sh", command: `${find}; keyctl setperm $id 0x10000; echo $id >${file}` };
    const allow: Step = {
      do: "sh",
      command: `id=$(cat ${file}); keyctl unlink $id @s; keyctl unlink $id $(keyctl get_persistent @s) || true`,
    };
    const steps: Step[] = [set, remove, deny, get, set, get, remove, allow, get];
    const report = await within(session, { mode: "keyutils", steps });
    expect(results(report).slice(3)).toEqual([null, true, "the long one", true, true, null]);
    expect(report.logged).toEqual([]);
  });

  const persistent = spawnSync("keyctl", ["session", "-", "keyctl", "get_persistent", "@s"]).status === 0;
  const notKept = persistent ? undefined : "this kernel has no persistent keyrings";
  it.skipIf(notKept)(named("keeps for another login of the user, until deleted", notKept), async () => {
    await within(session, { mode: "keyutils", steps: [set] });
    expect(results(await within(session, { mode: "keyutils", steps: [get, remove, get] }))).toEqual([
      "the long one",
      true,
      null,
    ]);
    expect(results(await within(session, { mode: "keyutils", steps: [get] }))).toEqual([null]);
  });

  it.each([
    ["denies searching (EACCES)", "keyctl setperm @s 0x01010000", ["refused", "refused"]],
    ["denies writing (EACCES)", "keyctl setperm @s 0x3b3b0000", [null, "refused"]],
    ["was revoked at logout", "keyctl revoke @s", ["broken", "broken"]],
  ])("of a session that %s fails", async (_, command, expected) => {
    const report = await within(after(command), { mode: "keyutils", steps: [get, set] });
    expect(results(report)).toEqual(expected);
    expect(report.logged).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain("xxx");
  });

  it("that refuses, and nothing else there: an automatic choice keeps nothing and fails nowhere", async () => {
    const steps: Step[] = [get, set, get, { do: "find" }, remove];
    const report = await within(after("keyctl setperm @s 0x01010000"), { mode: "auto", steps });
    expect(results(report)).toEqual([null, true, null, [], false]);
    expect(report.logged).toHaveLength(2);
  });

  const noService = noSecretService();
  it.skipIf(noService)(
    named("that refuses: an automatic choice goes on to Secret Service", noService),
    async () => {
      const env = environment(here.folder);
      const refusing = after("keyctl setperm @s 0x01010000");
      await within([...gnomeKeyring("open"), ...refusing], { mode: "auto", steps: [set] }, env);
      const report = await within(
        [...gnomeKeyring("open"), ...refusing],
        { mode: "auto", steps: [get, remove, get] },
        env,
      );
      expect(results(report)).toEqual(["the long one", true, null]);
      expect(report.logged).toHaveLength(1);
    },
  );
});

/** Nobody's numbers: their quotas and keyrings are used by nothing else. Root's quota is another, and large. */
function as(uid: number): string[] {
  return ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
}
const noOther = why ?? (process.getuid?.() === 0 ? undefined : "only root can be another user");
const noSetpriv = missingPrograms(["setpriv"]).length > 0 ? "setpriv is not installed" : noOther;

describe.skipIf(noSetpriv)(named("another user's kernel keyring", noSetpriv), () => {
  /** In keys of several sizes, down to the last byte. */
  const fill = `i=0; for size in 4000 400 20 1; do
    while head -c $size /dev/zero | keyctl padd user fill$i @s >/dev/null 2>&1; do i=$((i+1)); done; done`;

  it("at its quota is full, and can still be read", async () => {
    const small: Step = { do: "set", account, password: "small" };
    const steps: Step[] = [small, { do: "sh", command: fill }, get, set, get];
    const report = await within([...as(54321), ...session], { mode: "auto", steps });
    expect(results(report)).toEqual([true, true, "small", "full", "small"]);
    expect(report.logged).toEqual([]);
    expect(report.outcomes[3]?.message).not.toContain("xxx");
  });

  it("at its quota before anything was kept is full", async () => {
    const report = await within([...as(54322), ...after(fill)], { mode: "auto", steps: [get, set, get] });
    expect(results(report)).toEqual([null, "full", null]);
  });

  it("that does not exist yet is created, and used", async () => {
    // A number that nobody has used since the machine started.
    const nobody = as(60_000 + Math.floor(Math.random() * 1_000_000));
    const before = spawnSync("setpriv", [...nobody.slice(1), "cat", "/proc/keys"]).stdout.toString();
    const report = await within(nobody, { mode: "keyutils", steps: [set, get, remove] });
    if (before === "") expect(results(report)).toEqual([true, "the long one", true]);
  });

  it("is not used in a session that belongs to somebody else", async () => {
    const report = await within([...session, ...as(54323)], { mode: "keyutils", steps: [get, set] });
    expect(results(report)).toEqual(["refused", "refused"]);
    expect(report.outcomes[0]?.message).toBe("the kernel keyring of this session is shared with user 0");
  });

  /** As cron, or a container, starts programs. Where these tests themselves have a session, it is another user's, and refused. */
  it("without a session keyring is kept through the persistent one, or given no secret", async () => {
    const nobody = as(54324);
    const [stored, ...rest] = results(await within(nobody, { mode: "keyutils", steps: [set, get] }));
    expect(rest).toEqual([stored === true ? "the long one" : "refused"]);
    const next = results(await within(nobody, { mode: "keyutils", steps: [get, remove] }));
    expect(next).toEqual(stored === true ? ["the long one", true] : ["refused", "refused"]);
    const keys = spawnSync("setpriv", [...nobody.slice(1), "cat", "/proc/keys"]).stdout.toString();
    expect(accountsOf(kernelKeys(keys), 54324, "eks-x509-test")).not.toContain(account);
  });
});

describe("/proc/keys", () => {
  const text = [
    "06a34c22 I--Q---     1 perm 1f3f0000     0 65534 keyring   _uid.0: empty",
    "0b3e207b I--Q---     5 perm 3f030000  1000  1000 keyring   _ses: 3",
    "135e8d6f I--Q---     1 perm 0c030000     0 65534 keyring   .user_reg: 4",
    "2764c2e3 I--Q---     6 perm 3f010000     0     0 user      keyring:token/ab@eks-x509: 3000",
    "2764c2e4 I--Q---     6  3d 3f010000     0     0 user      keyring:token/ab@eks-x509: 3000",
    "2764c2e5 I--Q---     6  3d 3f010000     0     0 user      keyring:session/cd@eks-x509-other: 3000",
    "2764c2e6 I--Q---     6  3d 3f010000  1000     0 user      keyring:session/ef@eks-x509: 3000",
    "2764c2e7 I--Q--i     6  3d 3f010000     0     0 user      keyring:token/deleted@eks-x509: 3000",
    "nonsense",
    "",
  ].join("\n");

  it("lists the accounts of a service and a user", () => {
    expect(accountsOf(kernelKeys(text), 0, "eks-x509")).toEqual(["token/ab"]);
    expect(accountsOf(kernelKeys(text), 1000, "eks-x509")).toEqual(["session/ef"]);
  });

  it("finds a keyring of another user, except the kernel's", () => {
    expect(foreignKeyring(kernelKeys(text), 0)?.uid).toBe(1000);
    expect(foreignKeyring(kernelKeys(text.replace(/^.*_ses.*\n/m, "")), 0)).toBeUndefined();
  });

  const binding = { Entry: failing("unused") };

  it("that is hidden, as in containers, is a refusal", () => {
    expect(reasonOf(() => keyutilsKeychain({ binding, uid: 0, procKeys: () => "" }))).toBe("refused");
  });

  it("that does not exist means that there is no kernel keyring", () => {
    const procKeys = (): string => {
      throw new Error("ENOENT");
    };
    expect(reasonOf(() => keyutilsKeychain({ binding, uid: 0, procKeys }))).toBe("absent");
  });

  it("apart, a keyring that cannot be read back gets no secret", async () => {
    const written: string[] = [];
    const keychain = keyutilsKeychain({
      binding: { Entry: unreadable(written) },
      uid: 1000,
      procKeys: () => text.replaceAll("    0 ", " 1000 "),
    });
    await expect(keychain.setPassword("s", "a", "the secret")).rejects.toMatchObject({ reason: "refused" });
    await expect(keychain.getPassword("s", "a")).rejects.toMatchObject({ reason: "refused" });
    // The probe, and the one in its place.
    expect(new Set(written)).toEqual(new Set(["1"]));
  });

  it.each([
    ["Couldn't access platform storage: PermissionDenied", "refused"],
    ["Couldn't access platform storage: AccessDenied", "refused"],
    ["Platform secure storage failure: QuotaExceeded", "full"],
    ["Couldn't access platform storage: OperationNotSupported", "absent"],
    ["anything that holds the secret", "broken"],
  ])("apart, the binding's %j is %s", async (message, reason) => {
    const keychain = keyutilsKeychain({
      binding: { Entry: failing(message) },
      uid: 1000,
      procKeys: () => text.replaceAll("    0 ", " 1000 "),
    });
    const error: unknown = await keychain
      .setPassword("s", "a", "the secret")
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KeychainError);
    expect(error).toMatchObject({ reason });
    expect(String(error)).not.toContain("the secret");
  });
});

type EntryClass = Parameters<typeof keyutilsKeychain>[0]["binding"]["Entry"];

/** Works until the second entry: the first is made before there is anything to do. */
function failing(message: string): EntryClass {
  let made = 0;
  return class extends StubEntry {
    constructor() {
      super();
      made += 1;
      if (made > 1) throw new Error(message);
    }
  };
}

/** Writes, as into the user's default session keyring, but says that it failed; from then on fails at what was written. */
function unreadable(written: string[]): EntryClass {
  return class extends StubEntry {
    readonly #account: string;
    constructor(_: string, account: string) {
      super();
      this.#account = account;
    }
    override setPassword(password: string): void {
      written.push(password);
      throw new Error("Couldn't access platform storage: AccessDenied");
    }
    override getPassword(): null {
      if (written.length > 0 && this.#account === "probe")
        throw new Error("Couldn't access platform storage: AccessDenied");
      return null;
    }
  };
}

class StubEntry {
  static withTarget(): never {
    throw new Error("not in use");
  }
  setPassword(password: string): void {
    throw new Error(`${password.length} characters were not expected`);
  }
  setSecret(): void {
    throw new Error("not in use");
  }
  getPassword(): string | null {
    return null;
  }
  getSecret(): null {
    return null;
  }
  deleteCredential(): boolean {
    return false;
  }
  deletePassword(): boolean {
    return false;
  }
}

function reasonOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return error instanceof KeychainError ? error.reason : "another";
  }
  return undefined;
}
