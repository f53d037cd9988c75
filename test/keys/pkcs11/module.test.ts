/** Real libraries in a real process: SoftHSM, and a module that fails on demand. */
import { randomBytes, verify } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openModule, type Module } from "../../../src/keys/pkcs11/module.ts";
import { tokenCertificates } from "../../../src/keys/pkcs11/certificates.ts";
import { tokenSigner } from "../../../src/keys/pkcs11/signer.ts";
import { parsePkcs11Uri, UriProblem, type Pkcs11Uri } from "../../../src/keys/pkcs11/uri.ts";
import { unlockWith, type Unlock } from "../../../src/keys/password/unlock.ts";
import { Secrets } from "../../../src/foundation/secrets.ts";
import { intermediate, keyPair, leaf, root, type Issued, type KeyKind } from "../../certificates.ts";
import { timeOutAfter } from "../../patience.ts";
import { until } from "../../until.ts";
import { rejectionOf } from "../../failure.ts";
import { absent, library, pin, SoftHsm } from "./softhsm.ts";

const program = fileURLToPath(new URL("../../../dist/pkcs11-module.js", import.meta.url));
const missing =
  absent("softhsm2-util", "pkcs11-tool", "gcc") ?? (existsSync(program) ? undefined : "dist is not built");

const issuer = intermediate(root("Token Root"), "Token Issuing CA");
const kinds = { rsa: "rsa-2048", p256: "p256", p384: "p384", p521: "p521" } as const;
const certificateOf = (name: string, kind: KeyKind): Issued =>
  leaf(issuer, { name, keys: keyPair(kind, name) });
const certificates = Object.fromEntries(
  Object.entries(kinds).map(([name, kind]) => [name, certificateOf(name, kind)]),
);

let hsm: SoftHsm;
const opened: Module[] = [];

beforeAll(() => {
  if (missing) return;
  hsm = new SoftHsm("alice", "bob", "cards");
  Object.entries(certificates).forEach(([label, certificate], at) => {
    hsm.put({ token: "alice", id: `0${at + 1}`, label, keys: certificate.keys, certificate });
  });
  hsm.put({ token: "alice", id: "ca", label: "ca", certificate: issuer });
  const bob = certificateOf("bob", "p256");
  hsm.put({ token: "bob", id: "01", label: "bob", keys: bob.keys, certificate: bob });
  for (const id of ["01", "02"]) {
    const twin = certificateOf(`twin ${id}`, "p256");
    hsm.put({ token: "cards", id, label: "twin", keys: twin.keys, certificate: twin });
  }
});

afterAll(() => {
  for (const module of opened) module.end();
  if (!missing) hsm.remove();
});

/** Milliseconds. Longer than any test: only a test that ends it itself sees its end. */
const longest = 3_600_000;

function open(path = library, env: Record<string, string> = hsm.env): Module {
  const patience = { usual: longest, atPinPad: longest };
  const module = openModule(path, { program: [process.execPath, program], env, patience });
  opened.push(module);
  return module;
}

function openFaulty(faults: string, log: string): Module {
  return open(hsm.faulty(), hsm.faults(faults, hsm.emptyLog(log)));
}

function uri(text: string): Pkcs11Uri {
  const parsed = parsePkcs11Uri(text);
  if (parsed instanceof UriProblem) throw parsed;
  return parsed;
}

function unlockBy(password: string | undefined, noted: string[] = []): Unlock {
  const source = {
    name: "--password-file",
    state: () => Promise.resolve(""),
    ask: () => Promise.resolve(password),
  };
  const refused = {
    begin: () => Promise.resolve(undefined),
    refused: () => void noted.push("refused"),
    accepted: () => void noted.push("cleared"),
  };
  return unlockWith({ sources: [source], refused, secrets: new Secrets() });
}

interface Signing {
  uri: string;
  by: Issued;
  module?: Module;
  password?: string | undefined;
  noted?: string[];
  notices?: string[];
}

/** @returns whether the signature verifies */
async function signs(signing: Signing): Promise<boolean> {
  const { by, module = open(), noted = [], notices = [] } = signing;
  const password = "password" in signing ? signing.password : pin;
  const key = by.keys.publicKey.export({ format: "der", type: "spki" });
  const signer = await tokenSigner([key], {
    uri: uri(signing.uri),
    module,
    unlock: unlockBy(password, noted),
    notice: (line) => notices.push(line),
  });
  const bytes = randomBytes(200);
  return verify("sha256", bytes, by.keys.publicKey, await signer.sign(bytes));
}

function signsUntil(fault: string, log: string, signing: Signing): Promise<unknown> {
  const hasCome = (): boolean => hsm.log(log).lines.includes(fault);
  return timeOutAfter(hasCome, longest, () => rejectionOf(signs(signing)));
}

const test = missing ? it.skip : it;
const because = missing ? ` (${missing})` : "";
const own = (name: string): Issued => certificates[name] ?? expect.fail(name);
const code = (text: string): unknown => expect.objectContaining({ code: text });

describe(`a token${because}`, () => {
  test.each(Object.keys(kinds))("signs with %s", async (name) => {
    expect(await signs({ uri: `pkcs11:token=alice;object=${name}`, by: own(name) })).toBe(true);
  });

  test.each([
    ["the token alone: the certificate tells the key", "pkcs11:token=alice"],
    ["no attribute at all", "pkcs11:"],
    ["the certificate's URI", "pkcs11:token=alice;id=%02;type=cert"],
    ["the private key's", "pkcs11:token=alice;id=%02;type=private"],
    [
      "model, manufacturer and id",
      "pkcs11:manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=alice;id=%02",
    ],
  ])("is found by %s", async (_what, text) => {
    expect(await signs({ uri: text, by: own("p256") })).toBe(true);
  });

  test("gives the certificate with the CAs of its token", async () => {
    const { bytes, name } = await tokenCertificates({
      uri: uri("pkcs11:token=alice;id=%02"),
      module: open(),
    });
    expect(bytes.toString()).toBe(own("p256").pem + issuer.pem);
    expect(name).toMatch(/^pkcs11:token=alice;serial=[0-9a-f]{16};id=%02;object=p256;type=cert$/);
  });

  test("signs through CKM_RSA_PKCS where it has no CKM_SHA256_RSA_PKCS", async () => {
    const module = open(hsm.faulty(), hsm.faults("raw-rsa"));
    expect(await signs({ uri: "pkcs11:token=alice;object=rsa", by: own("rsa"), module })).toBe(true);
  });

  test("names each certificate, each key, when several match", async () => {
    const module = open();
    const error: unknown = await tokenCertificates({ uri: uri("pkcs11:object=twin"), module }).catch(
      (one: unknown) => one,
    );
    expect(error).toEqual(code("PKCS11_OBJECT_AMBIGUOUS"));
    const uris =
      /: (pkcs11:\S+) (pkcs11:\S+)$/.exec(error instanceof Error ? error.message : "")?.slice(1) ?? [];
    expect(uris.map((one) => one.replace(/serial=[0-9a-f]+/, "")).sort()).toEqual([
      "pkcs11:token=cards;;id=%01;object=twin;type=cert",
      "pkcs11:token=cards;;id=%02;object=twin;type=cert",
    ]);
    for (const one of uris) await tokenCertificates({ uri: uri(one), module });
    await expect(signs({ uri: "pkcs11:object=twin", by: own("p256") })).rejects.toEqual(
      code("PKCS11_OBJECT_AMBIGUOUS"),
    );
  });

  test.each([
    ["pkcs11:token=nobody", "PKCS11_TOKEN_MISSING"],
    ["pkcs11:token=alice;object=nothing", "PKCS11_OBJECT_MISSING"],
    ["pkcs11:object=nothing", "PKCS11_TOKEN_AMBIGUOUS"],
    ["pkcs11:token=alice;object=p256;type=data", "PKCS11_OBJECT_MISSING"],
  ])("is refused for %s: %s", async (text, expected) => {
    await expect(signs({ uri: text, by: own("p256") })).rejects.toEqual(code(expected));
  });
});

describe(`a PIN${because}`, () => {
  const at = { uri: "pkcs11:token=alice;object=p256", by: certificates["p256"] ?? expect.fail() };

  test("is tried once when it is wrong, and noted", async () => {
    const noted: string[] = [];
    const signing = signs({ ...at, module: openFaulty("", "wrong"), password: "0000", noted });
    await expect(signing).rejects.toEqual(code("PIN_WRONG"));
    expect(noted).toEqual(["refused"]);
    expect(hsm.log("wrong").lines).toContain("wrong login");
    expect(hsm.log("wrong").lines.filter((line) => line.includes("login"))).toEqual(["wrong login"]);
  });

  test("is given a second time for a key with CKA_ALWAYS_AUTHENTICATE", async () => {
    expect(await signs({ ...at, module: openFaulty("second-login", "second") })).toBe(true);
    expect(hsm.log("second").lines.slice(0, 3)).toEqual(["login", "second login", "sign"]);
  });

  test("is asked for at the reader", async () => {
    const notices: string[] = [];
    expect(
      await signs({ ...at, module: openFaulty("pin-pad low", "pad"), password: undefined, notices }),
    ).toBe(true);
    expect(notices).toEqual([
      "enter the PIN of token alice at its reader (a wrong PIN was entered since the last right one)",
    ]);
    const wrong = signs({
      ...at,
      module: openFaulty("pin-pad wrong-at-pad", "bad-pad"),
      password: undefined,
    });
    await expect(wrong).rejects.toEqual(code("PIN_WRONG"));
    expect(hsm.log("bad-pad").lines[0]).toBe("wrong login");
  });

  test("is not tried on a locked token", async () => {
    await expect(signs({ ...at, module: openFaulty("locked", "locked") })).rejects.toEqual(
      code("PIN_LOCKED"),
    );
    expect(hsm.log("locked").lines).not.toContain("login");
    await expect(signs({ ...at, module: openFaulty("pin-locked", "locks") })).rejects.toEqual(
      code("PIN_LOCKED"),
    );
  });

  test("that is wrong on the last try but one is reported with that", async () => {
    const wrong = signs({ ...at, module: openFaulty("final", "final"), password: "0000" });
    await expect(wrong).rejects.toThrow("the next wrong PIN locks the token");
  });

  test("is given where the key wants a login and the token says nothing of one", async () => {
    expect(await signs({ ...at, module: openFaulty("no-login-flag second-login", "flagless") })).toBe(true);
  });

  test("counts as refused when the module hangs while the token checks it", async () => {
    const noted: string[] = [];
    const signing = { ...at, module: openFaulty("hang-login", "hang-login"), noted };
    expect(await signsUntil("hang-login", "hang-login", signing)).toEqual(code("PIN_UNANSWERED"));
    expect(noted).toEqual(["refused"]);
  });

  test("counts as refused when the module crashes while the token checks it", async () => {
    const noted: string[] = [];
    const signing = signs({ ...at, module: openFaulty("crash-login", "crash-login"), noted });
    await expect(signing).rejects.toEqual(code("PIN_UNANSWERED"));
    expect(noted).toEqual(["refused"]);
  });
});

describe(`a module${because}`, () => {
  const at = { uri: "pkcs11:token=alice;object=p256", by: certificates["p256"] ?? expect.fail() };

  test.each([
    ["hang-load", "PKCS11_MODULE_HANGS"],
    ["hang-initialize", "PKCS11_MODULE_HANGS"],
    ["handlers hang-sign", "PKCS11_MODULE_HANGS"],
    ["crash-load", "PKCS11_MODULE_CRASHED"],
    ["crash-sign", "PKCS11_MODULE_CRASHED"],
    ["exit-initialize", "PKCS11_MODULE_CRASHED"],
    ["exit-sign", "PKCS11_MODULE_CRASHED"],
    ["no-mechanism", "PKCS11_MECHANISM_MISSING"],
    ["wrong-signature", "SIGNATURE_WRONG"],
    ["empty-signature", "SIGNATURE_WRONG"],
    ["huge-signature", "PKCS11_FAILED"],
    ["huge-slot-list", "PKCS11_FAILED"],
    ["longer-slot-list", "PKCS11_FAILED"],
    ["huge-object-list", "PKCS11_FAILED"],
    ["huge-mechanism-list", "PKCS11_FAILED"],
    ["close-descriptors", "PKCS11_MODULE_CRASHED"],
    ["take-answers", "PKCS11_MODULE_CRASHED"],
    ["flood-answers", "PKCS11_MODULE_CRASHED"],
  ])("that does this is named: %s", async (faults, expected) => {
    const log = faults.replaceAll(" ", "-");
    const module = openFaulty(`${faults} prints`, log);
    const noted: string[] = [];
    const signing = { ...at, module, noted };
    const hang = /hang-\w+/.exec(faults)?.[0];
    const error: unknown = hang
      ? await signsUntil(hang, log, signing)
      : await signs(signing).catch((one: unknown) => one);
    expect(error).toEqual(code(expected));
    // The PIN was right, or never tried.
    expect(noted).toEqual(/sign|mechanism/.test(faults) ? ["cleared"] : []);
    expect(error).not.toHaveProperty("message", expect.stringMatching(/node:|\.js:|__create/));
    if (/initialize|sign$/.test(faults) && !faults.startsWith("wrong"))
      expect(error).toHaveProperty(
        "message",
        expect.stringContaining("it printed: module: to stdout module: to stderr"),
      );
    await until(() => {
      expect(hsm.running(log)).toEqual([]);
    });
  });

  test.each([
    "prints",
    "handlers",
    "fork-initialize",
    "fork-sign",
    "return-twice-sign",
    "hang-finalize",
    "flood-output",
    "huge-attributes",
  ])("may do this: %s", async (faults) => {
    const module = openFaulty(faults, faults);
    expect(await signs({ ...at, module })).toBe(true);
    await until(() => {
      expect(hsm.running(faults)).toEqual([]);
    });
  });

  test("that is missing, and one that is no library", async () => {
    await expect(signs({ ...at, module: open("/nope.so") })).rejects.toEqual(code("PKCS11_MODULE_MISSING"));
    const text = hsm.write("text.so", "no library");
    await expect(signs({ ...at, module: open(text) })).rejects.toEqual(code("PKCS11_MODULE_UNLOADABLE"));
    const other = "/usr/lib/x86_64-linux-gnu/libz.so.1";
    if (existsSync(other))
      await expect(signs({ ...at, module: open(other) })).rejects.toEqual(code("PKCS11_MODULE_UNLOADABLE"));
  });

  test("cleans up, and its process ends, after a signature", async () => {
    expect(await signs({ ...at, module: openFaulty("", "ends") })).toBe(true);
    await until(() => {
      expect(hsm.log("ends").lines).toEqual(["login", "sign", "finalize"]);
      expect(hsm.running("ends")).toEqual([]);
    });
  });
});
