/** The private key's hop of `token debug`, with real tokens: one signature, no try of a PIN beyond that of a sign-in, a code for each fault. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getTokenInput } from "../../src/cli/settings/input.ts";
import { isOptionName, type OptionName } from "../../src/cli/settings/options.ts";
import type { Setting } from "../../src/cli/settings/settings.ts";
import type { HopReport } from "../../src/debug/report/report.ts";
import { walk } from "../../src/debug/walk.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import type { Http } from "../../src/http/client.ts";
import { keyPair, leaf, now } from "../certificates.ts";
import { matching } from "../matching.ts";
import { issuer, KeyFolder } from "../keys/key-folder.ts";
import { absent, library, pin, SoftHsm } from "../keys/pkcs11/softhsm.ts";
import { worldOf } from "./world.ts";

const program = fileURLToPath(new URL("../../dist/pkcs11-module.js", import.meta.url));
const missing =
  absent("softhsm2-util", "pkcs11-tool", "gcc") ?? (existsSync(program) ? undefined : "dist is not built");
const test = missing ? it.skip : it;
const because = missing ? ` (${missing})` : "";

const folder = new KeyFolder();
const onToken = leaf(issuer, { name: "on-the-token", keys: keyPair("p256", "on the token") });
let hsm: SoftHsm;

beforeAll(() => {
  folder.writeIssued("token", onToken);
  folder.write("text.so", "no library\n");
  folder.write("wrong", "9999\n");
  folder.write("right", `${pin}\n`);
  if (missing) return;
  hsm = new SoftHsm("alice", "bob");
  hsm.put({ token: "alice", id: "01", label: "alice", keys: onToken.keys, certificate: onToken });
  for (const id of ["01", "02"])
    hsm.put({
      token: "bob",
      id,
      label: "twin",
      keys: keyPair("p256", id),
      certificate: leaf(issuer, { name: id, keys: keyPair("p256", id) }),
    });
});

afterAll(() => {
  folder.remove();
  if (!missing) hsm.remove();
});

interface Debugged {
  certificate?: string;
  key?: string;
  module?: string;
  password?: string | undefined;
  faults?: string;
  log?: string;
  http?: Http;
}

/** The hops of the certificate and of the key. Offline, unless there is a network. */
async function hops(debugged: Debugged): Promise<Record<"certificate" | "private-key", HopReport>> {
  const { certificate = "token.pem", key = "pkcs11:token=alice", password, faults, log, http } = debugged;
  const path = (name: string): string => (name.includes(":") ? name : join(folder.path, name));
  const values = {
    "cluster-name": "demo",
    certificate: path(certificate),
    "private-key": path(key),
    "pkcs11-module": debugged.module ?? (faults === undefined ? library : hsm.faulty()),
    "password-file": password && path(password),
    "trust-anchor-arn":
      "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111",
    "profile-arn":
      "arn:aws:rolesanywhere:us-west-2:111122223333:profile/22222222-2222-2222-2222-222222222222",
    "role-arn": "arn:aws:iam::111122223333:role/eks-read-only",
  };
  const settings = new Map<OptionName, Setting>();
  for (const [name, value] of Object.entries(values))
    if (isOptionName(name) && value !== undefined) settings.set(name, { value, source: `--${name}` });
  const env = faults === undefined ? (missing ? {} : hsm.env) : hsm.faults(faults, log);
  const world = {
    ...worldOf({ at: now, ...(http && { http }) }),
    ...folder.sources({
      ports: {
        env: { ...env, KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}' },
        moduleProgram: [process.execPath, program],
      },
    }),
    resolve: () =>
      Promise.resolve({
        input: getTokenInput(settings, { env: {}, machine: { home: "/nowhere", paths: posix } }),
        facts: [],
      }),
  };
  const report = await walk(
    {
      ...{ kubeconfig: "/nowhere", context: undefined, hasOwnIdentity: true, isOffline: !http },
      mapping: { awsAuth: undefined, adminContext: undefined },
    },
    world,
  );
  const named = (name: string): HopReport =>
    report.hops.find((hop) => hop.name === name) ?? expect.fail(name);
  return { certificate: named("certificate"), "private-key": named("private-key") };
}

const failed = (code: string): unknown => expect.objectContaining({ status: "failed", code });

describe("a key in a file", () => {
  it("is named, and signs", async () => {
    const { certificate, "private-key": key } = await hops({ key: "token.key" });
    expect(certificate.status).toBe("ok");
    expect(key).toMatchObject({ status: "ok", code: null });
    expect(key.detail).toContain("the signature verifies against the certificate");
    expect(key.facts).toEqual([["kept in", join(folder.path, "token.key")]]);
  });

  it("of another certificate, without a password, or absent fails here: the certificate is fit", async () => {
    const locked = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: pin } as const;
    folder.write("locked.key", onToken.keys.privateKey.export(locked));
    for (const [key, code] of [
      ["alice.key", "PRIVATE_KEY_MISMATCH"],
      ["locked.key", "PASSWORD_NEEDED"],
      ["nowhere.key", "FILE_MISSING"],
      ["pkcs11:objekt=alice", "PKCS11_URI_INVALID"],
      ["pkcs11:?module-path=/nowhere.so", "PKCS11_MODULE_MISSING"],
    ] as const) {
      const found = await hops({ key });
      expect(found["private-key"]).toEqual(failed(code));
      expect(found.certificate.status).toBe("ok");
    }
    const { "private-key": wrong } = await hops({ key: "locked.key", password: "wrong" });
    expect(wrong).toEqual(failed("PASSWORD_WRONG"));
    const { "private-key": right } = await hops({ key: "locked.key", password: "right" });
    expect(right.facts).toEqual([["kept in", `${join(folder.path, "locked.key")}, encrypted`]]);
  });
});

describe(`a key on a token${because}`, () => {
  test("is reported with its module, its token, its login and the tries left", async () => {
    const { "private-key": key } = await hops({ password: "right" });
    expect(key.status).toBe("ok");
    expect(Object.fromEntries(key.facts)).toEqual({
      "kept in": "a PKCS#11 token",
      module: library,
      token: matching(/^alice \(SoftHSM project, SoftHSM v2, serial [0-9a-f]+\)$/),
      key: matching(/./),
      login: "logged in with the PIN",
      "PIN tries left": "the token reports no wrong PIN",
    });
  });

  test("gets the PIN once for a sign-in that the network stops, before or after the signature", async () => {
    const network = (): EksX509Error =>
      new EksX509Error({
        ...{ category: "network", hop: "create-session", code: "CONNECTION_REFUSED" },
        ...{ message: "nobody listens", hint: "" },
      });
    const stopped: Record<string, Http> = {
      before: () => Promise.reject(network()),
      after: async (call) => {
        await call.request();
        throw network();
      },
    };
    for (const [log, http] of Object.entries(stopped)) {
      const { "private-key": key } = await hops({ password: "right", faults: "", log, http });
      expect(key.status).toBe("ok");
      expect(hsm.log(log).lines.filter((line) => line.includes("login"))).toEqual(["login"]);
    }
  });

  test("gets a wrong PIN once, online and offline", async () => {
    const http: Http = async (call) => {
      await call.request();
      throw new Error("a request was sent");
    };
    for (const [log, network] of [
      ["offline-wrong", undefined],
      ["online-wrong", http],
    ] as const) {
      const { "private-key": key } = await hops({
        ...{ password: "wrong", faults: "", log },
        ...(network && { http: network }),
      });
      expect(key).toEqual(failed("PIN_WRONG"));
      expect(Object.fromEntries(key.facts)).toMatchObject({ module: hsm.faulty() });
      expect(hsm.log(log).lines.filter((line) => line.includes("login"))).toEqual(["wrong login"]);
    }
  });

  test.each([
    ["low", "PIN_COUNT_LOW"],
    ["final", "PIN_FINAL_TRY"],
  ])("whose PIN is close to its end works with a warning: %s", async (faults, code) => {
    const { "private-key": key } = await hops({ password: "right", faults });
    expect(key).toMatchObject({ status: "warning", code });
    expect(Object.fromEntries(key.facts)["PIN tries left"]).toMatch(/^(at least two|one):/);
  });

  test.each<[Debugged, string]>([
    [{ password: undefined }, "PIN_NEEDED"],
    [{ password: "wrong", faults: "final" }, "PIN_FINAL_TRY"],
    [{ password: "right", faults: "locked" }, "PIN_LOCKED"],
    [{ password: "right", faults: "pin-locked" }, "PIN_LOCKED"],
    [{ password: "right", faults: "no-mechanism" }, "PKCS11_MECHANISM_MISSING"],
    [{ password: "right", faults: "wrong-signature" }, "SIGNATURE_WRONG"],
    [{ password: "right", faults: "crash-sign" }, "PKCS11_MODULE_CRASHED"],
    [{ module: "/nowhere.so" }, "PKCS11_MODULE_MISSING"],
    [{ module: join(folder.path, "text.so") }, "PKCS11_MODULE_UNLOADABLE"],
    [{ key: "pkcs11:token=nobody" }, "PKCS11_TOKEN_MISSING"],
    [{ key: "pkcs11:token=alice;object=nobody", password: "right" }, "PKCS11_OBJECT_MISSING"],
    [{ key: "pkcs11:object=nobody", password: "right" }, "PKCS11_TOKEN_AMBIGUOUS"],
    [{ key: "pkcs11:token=bob;object=twin" }, "PKCS11_OBJECT_AMBIGUOUS"],
    [{ key: "ssh-agent:/nowhere" }, "AGENT_MISSING"],
  ])("fails with a code of its own: %j, %s", async (debugged, code) => {
    const found = await hops(debugged);
    expect(found["private-key"]).toEqual(failed(code));
    expect(found["private-key"].hint).not.toBe("");
    expect(found.certificate.status).toBe("ok");
  });

  test("does not show a PIN that is in the URI", async () => {
    const { "private-key": key } = await hops({ key: "pkcs11:token=nobody?pin-value=987654" });
    expect(JSON.stringify(key)).not.toContain("987654");
  });
});
