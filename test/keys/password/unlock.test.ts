/** A card locks after three wrong PINs: which PINs are tried, by this run, by the next, and by others at the same time. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusedPins } from "../../../src/cache/refusals/refused-pins.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { fileState, readFile } from "../../../src/foundation/files/files.ts";
import { Secrets } from "../../../src/foundation/secrets.ts";
import { asked, passwordSources } from "../../../src/keys/password/sources.ts";
import { unlockWith, type Lock, type PasswordSource } from "../../../src/keys/password/unlock.ts";
import { rejectionOf } from "../../failure.ts";
import { sha256 } from "../../ports.ts";

const rightPin = "739182";
const token: Lock = { kind: "PIN", description: "token alice", id: "SoftHSM;v2;0123" };

let folder: string;
/** The PINs that the card received, of all runs. */
let tries: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eks-x509-unlock-"));
  chmodSync(folder, 0o700);
  tries = [];
  folders = () => ({ stateFolder: join(folder, "state"), runtimeFolder: folder, temporaryFolder: folder });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const card = (pin: string): Promise<true | undefined> => {
  tries.push(pin);
  return Promise.resolve(pin === rightPin ? true : undefined);
};

interface Folders {
  stateFolder: string | undefined;
  runtimeFolder: string | undefined;
  temporaryFolder: string;
}

let folders: () => Folders;

/** A process of its own, as far as the notes know. */
function unlock(sources: readonly PasswordSource[], lock = token, attempt = card): Promise<true> {
  const notes = refusedPins({
    uid: process.geteuid?.(),
    pid: process.pid,
    isAlive: () => true,
    ...folders(),
    sha256,
  });
  return unlockWith({ sources, refused: notes, secrets: new Secrets() })(lock, attempt);
}

function fromFile(pin: string, name = "pin"): PasswordSource[] {
  const path = join(folder, name);
  writeFileSync(path, `${pin}\n`, { mode: 0o600 });
  return sources({ passwordFile: { path, source: "--password-file" } }, {});
}

function sources(
  options: Parameters<typeof passwordSources>[0],
  env: Record<string, string>,
): PasswordSource[] {
  return passwordSources(options, {
    ...{ env, childEnv: env, prompt: undefined, fileState },
    readFile: (path, role) => readFile(path, role, process.geteuid?.()),
    remembered: () => Promise.resolve(undefined),
  });
}

const person = (pin: string): PasswordSource[] => [asked(() => Promise.resolve(pin))];

const notes = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes("pin-"));

describe("a PIN that the token refused", () => {
  it("is not tried by the next run from the same source", async () => {
    const file = fromFile("1111");
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_WRONG");
    const second = await rejectionOf(unlock(file));
    expect(second.code).toBe("PIN_REFUSED_BEFORE");
    expect(second.message).toContain("--password-file");
    expect(tries).toEqual(["1111"]);
  });

  it("is not tried by others at the same time: one try for twenty", async () => {
    const file = fromFile("1111");
    const slow = async (pin: string) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return card(pin);
    };
    const codes = await Promise.all(
      Array.from({ length: 20 }, async () => (await rejectionOf(unlock(file, token, slow))).code),
    );
    expect(tries).toEqual(["1111"]);
    expect(codes.filter((code) => code === "PIN_WRONG")).toHaveLength(1);
    expect(codes.filter((code) => code === "PIN_REFUSED_BEFORE")).toHaveLength(19);
  });

  it("stops the sources behind it, because each of them may cost another try", async () => {
    const env = { EKS_X509_PASSWORD: rightPin };
    const path = join(folder, "pin");
    writeFileSync(path, "1111", { mode: 0o600 });
    const both = sources({ passwordFile: { path, source: "--password-file" } }, env);
    for (const code of ["PIN_WRONG", "PIN_REFUSED_BEFORE"])
      expect((await rejectionOf(unlock(both))).code).toBe(code);
    expect(tries).toEqual(["1111"]);
  });

  it("is forgotten when its file changes", async () => {
    await rejectionOf(unlock(fromFile("1111")));
    expect(await unlock(fromFile(rightPin))).toBe(true);
    expect(tries).toEqual(["1111", rightPin]);
  });

  it("is not tried by another option, another path or a link that names the same file", async () => {
    fromFile("1111");
    symlinkSync(join(folder, "pin"), join(folder, "link"));
    const named = (path: string, source: string) => sources({ passwordFile: { path, source } }, {});
    await rejectionOf(unlock(named(join(folder, "pin"), "--password-file")));
    for (const [path, source] of [
      [join(folder, "pin"), "EKS_X509_PASSWORD_FILE"],
      [join(folder, "pin"), "pin-source of the PKCS#11 URI"],
      [`${folder}/./pin`, "--password-file"],
      [join(folder, "link"), "--password-file"],
    ] as const)
      expect((await rejectionOf(unlock(named(path, source)))).code).toBe("PIN_REFUSED_BEFORE");
    expect(tries).toEqual(["1111"]);
  });

  it("is not tried again from an askpass program, which is not started either", async () => {
    const path = join(folder, "askpass");
    const write = (pin: string): void => {
      rmSync(path, { force: true });
      writeFileSync(path, `#!/bin/sh\necho asked >> ${folder}/asked\necho ${pin}\n`, { mode: 0o700 });
    };
    write("1111");
    for (const code of ["PIN_WRONG", "PIN_REFUSED_BEFORE"])
      expect((await rejectionOf(unlock(sources({ askpass: path }, {})))).code).toBe(code);
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("asked\n");
    write(rightPin);
    expect(await unlock(sources({ askpass: path }, {}))).toBe(true);
    expect(tries).toEqual(["1111", rightPin]);
  });

  it("is remembered when the session of the user has ended", async () => {
    const file = fromFile("1111");
    await rejectionOf(unlock(file));
    const session = mkdtempSync(join(folder, "session-"));
    folders = () => ({
      ...{ stateFolder: join(folder, "state"), runtimeFolder: session },
      temporaryFolder: session,
    });
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_REFUSED_BEFORE");
    expect(tries).toEqual(["1111"]);
  });

  it.skipIf(process.geteuid?.() !== 0)(
    "is not noted in the home of another user, as with sudo -E (root runs this test)",
    async () => {
      const home = join(folder, "home");
      mkdirSync(home);
      chownSync(home, 12_345, 12_345);
      const usual = folders();
      folders = () => ({ ...usual, stateFolder: join(home, ".local/state") });
      const file = fromFile("1111");
      for (const code of ["PIN_WRONG", "PIN_REFUSED_BEFORE"])
        expect((await rejectionOf(unlock(file))).code).toBe(code);
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it("leaves the next source to a person at the terminal", async () => {
    const wrong = sources({}, { EKS_X509_PASSWORD: "1111" });
    await rejectionOf(unlock(wrong));
    expect(await unlock([...wrong, ...person(rightPin)])).toBe(true);
    expect(tries).toEqual(["1111", rightPin]);
    expect(notes()).toEqual([]);
  });

  it("keeps other stored ones from the last try of the token", async () => {
    const final = { ...token, warning: { code: "PIN_FINAL_TRY", message: "one is left", hint: "" } } as const;
    expect((await rejectionOf(unlock(fromFile("1111"), final))).code).toBe("PIN_FINAL_TRY");
    expect((await rejectionOf(unlock(fromFile(rightPin), final))).code).toBe("PIN_FINAL_TRY");
    expect((await rejectionOf(unlock(sources({ pinValue: "2222" }, {}), final))).code).toBe("PIN_FINAL_TRY");
    expect(tries).toEqual(["1111"]);
    expect(await unlock(person(rightPin), final)).toBe(true);
  });

  it("is not tried again where no note can be made: the token reports it", async () => {
    const nowhere = join(folder, "nowhere");
    writeFileSync(nowhere, "");
    folders = () => ({ stateFolder: nowhere, runtimeFolder: nowhere, temporaryFolder: nowhere });
    const file = fromFile("1111");
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_WRONG");
    const low = { ...token, warning: { code: "PIN_COUNT_LOW", message: "", hint: "" } } as const;
    expect((await rejectionOf(unlock(file, low))).code).toBe("PIN_NOT_NOTED");
    expect(tries).toEqual(["1111"]);
  });

  it("is noted by a process that finds a note that another one did not finish to write", async () => {
    const file = fromFile("1111");
    await rejectionOf(unlock(file));
    const note = join(folder, notes()[0] ?? "");
    writeFileSync(note, "");
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_WRONG");
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_REFUSED_BEFORE");
  });

  it("is tried where notes cannot be written, unless the token reports a wrong PIN", async () => {
    const file = fromFile("1111");
    await rejectionOf(unlock(file));
    const note = join(folder, notes()[0] ?? "");
    rmSync(note);
    mkdirSync(note);
    expect((await rejectionOf(unlock(file))).code).toBe("PIN_WRONG");
    const low = { ...token, warning: { code: "PIN_COUNT_LOW", message: "", hint: "" } } as const;
    expect((await rejectionOf(unlock(file, low))).code).toBe("PIN_NOT_NOTED");
  });

  it("counts as refused where the token did not answer", async () => {
    const unanswered = (pin: string) => {
      tries.push(pin);
      return Promise.reject(
        new EksX509Error({
          ...{ category: "identity", hop: "private-key", code: "PIN_UNANSWERED" },
          ...{ message: "", hint: "" },
        }),
      );
    };
    const file = fromFile("1111");
    for (const code of ["PIN_UNANSWERED", "PIN_REFUSED_BEFORE", "PIN_REFUSED_BEFORE"])
      expect((await rejectionOf(unlock(file, token, unanswered))).code).toBe(code);
    expect(tries).toEqual(["1111"]);
  });

  it("of another source or of another token is tried", async () => {
    await rejectionOf(unlock(fromFile("1111")));
    await rejectionOf(unlock(sources({}, { EKS_X509_PASSWORD: "2222" })));
    await rejectionOf(unlock(fromFile("1111"), { ...token, id: "another" }));
    expect(tries).toEqual(["1111", "2222", "1111"]);
  });

  it("of EKS_X509_PASSWORD and of pin-value stays refused until a person enters the right one", async () => {
    for (const wrong of [sources({}, { EKS_X509_PASSWORD: "1111" }), sources({ pinValue: "1111" }, {})]) {
      tries = [];
      await rejectionOf(unlock(wrong));
      expect((await rejectionOf(unlock(wrong))).code).toBe("PIN_REFUSED_BEFORE");
      expect(await unlock(person(rightPin))).toBe(true);
      expect(notes()).toEqual([]);
      expect((await rejectionOf(unlock(wrong))).code).toBe("PIN_WRONG");
      expect(tries).toEqual(["1111", rightPin, "1111"]);
      await unlock(person(rightPin));
    }
  });

  it("leaves a note that is no function of it", async () => {
    const contents = async (pin: string) => {
      const path = join(folder, "pin");
      writeFileSync(path, pin, { mode: 0o600 });
      await rejectionOf(unlock(sources({}, { EKS_X509_PASSWORD: pin })));
      const found = notes().map((name) => [name, readFileSync(join(folder, name), "utf8")]);
      await unlock(person(rightPin));
      return found;
    };
    const first = await contents("1111");
    expect(first).toHaveLength(1);
    expect(await contents("2222")).toEqual(first);
  });
});

describe("a person", () => {
  it("is asked once a run, and each run again", async () => {
    for (const pin of ["1111", "2222"])
      expect((await rejectionOf(unlock(person(pin)))).code).toBe("PIN_WRONG");
    expect(tries).toEqual(["1111", "2222"]);
  });

  it("reads the warning of the token in the question", async () => {
    const questions: string[] = [];
    const source = asked((question) => {
      questions.push(question);
      return Promise.resolve(rightPin);
    });
    const message = "the next wrong PIN locks the token";
    const warning = { code: "PIN_FINAL_TRY", message, hint: "" } as const;
    await unlock([source], { ...token, warning });
    expect(questions).toEqual(["PIN for token alice (the next wrong PIN locks the token): "]);
  });
});

it("a token gets no empty PIN, neither as a guess nor from a file or a person", async () => {
  for (const empty of [fromFile(""), person("")])
    expect((await rejectionOf(unlock(empty))).code).toBe("PIN_NEEDED");
  expect((await rejectionOf(unlock(sources({}, {})))).code).toBe("PIN_NEEDED");
  expect(tries).toEqual([]);
});

it("a fault of the reader is no wrong PIN: the PIN is tried again", async () => {
  const file = fromFile(rightPin);
  const pulled = () => Promise.reject(new Error("pulled"));
  await expect(unlock(file, token, pulled)).rejects.toThrow("pulled");
  expect(await unlock(file)).toBe(true);
});

it("the password of a file leaves no note: it cannot be locked", async () => {
  const lock: Lock = { kind: "password", description: "alice.p12", id: "/alice.p12" };
  for (let run = 0; run < 4; run += 1)
    expect((await rejectionOf(unlock(fromFile("1111"), lock))).code).toBe("PASSWORD_WRONG");
  expect(tries).toEqual(["1111", "1111", "1111", "1111"]);
  expect(notes()).toEqual([]);
});
