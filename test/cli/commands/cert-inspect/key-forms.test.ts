/** Certificates and keys that are not in a plain file, as get-token takes them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { runCertInspect } from "../../../../src/cli/commands/cert-inspect/run.ts";
import { now } from "../../../certificates.ts";
import { rejectionOf } from "../../../failure.ts";
import { fromJson } from "../../../json.ts";
import { alice, issuer, KeyFolder } from "../../../keys/key-folder.ts";
import { absent, library, SoftHsm } from "../../../keys/pkcs11/softhsm.ts";
import { portsWith } from "../../../ports.ts";

const program = fileURLToPath(new URL("../../../../dist/pkcs11-module.js", import.meta.url));
const missing =
  absent("softhsm2-util", "pkcs11-tool") ?? (existsSync(program) ? undefined : "dist is not built");
const noOpenssl = absent("openssl");
const withFiles = it.skipIf(noOpenssl);
const why = noOpenssl ? ` (${noOpenssl})` : "";
const folder = new KeyFolder();
let hsm: SoftHsm | undefined;

beforeAll(() => {
  folder.write("right", "secret\n");
  folder.write("wrong", "incorrect\n");
  if (!noOpenssl) {
    folder.openssl(
      "pkcs12 -export -in alice.pem -inkey alice.key -certfile chain.pem -out alice.p12 -passout file:right",
    );
    folder.openssl("pkcs8 -topk8 -in alice.key -out locked.key -passout file:right");
  }
  if (missing) return;
  hsm = new SoftHsm("alice");
  hsm.put({ token: "alice", id: "01", label: "alice", keys: alice.keys, certificate: alice });
  hsm.put({ token: "alice", id: "ca", label: "ca", certificate: issuer });
});

afterAll(() => {
  folder.remove();
  hsm?.remove();
});

async function inspect(flags: Readonly<Record<string, string>>) {
  const out = { code: 0, text: "" };
  out.code = await runCertInspect(
    new Flags({ output: "json", ...flags }),
    portsWith({
      clock: () => now,
      stdout: (text) => Promise.resolve(void (out.text += text)),
      ...folder.sources({ ports: { env: hsm?.env ?? {}, moduleProgram: [process.execPath, program] } }),
    }),
  );
  return { code: out.code, report: fromJson<unknown>(out.text) };
}

const file = (name: string): string => join(folder.path, name);
const fit = {
  certificate: { subject: "O=Example Corp, CN=alice" },
  chain: { intermediates: [{ subject: "O=Example Corp, CN=Company Issuing CA" }] },
  problems: [],
};

describe("cert inspect of", () => {
  withFiles(`a PKCS#12 file, with its chain${why}`, async () => {
    const { code, report } = await inspect({ FILE: file("alice.p12"), "password-file": file("right") });
    expect(report).toMatchObject(fit);
    expect(code).toBe(0);
  });

  withFiles(
    `a certificate whose key is encrypted, and whose intermediates are in a PKCS#12 file${why}`,
    async () => {
      const { code, report } = await inspect({
        FILE: file("alice.pem"),
        "private-key": file("locked.key"),
        intermediates: file("alice.p12"),
        "password-file": file("right"),
      });
      expect(report).toMatchObject(fit);
      expect(code).toBe(0);
    },
  );

  withFiles.each([
    ["wrong", "PASSWORD_WRONG"],
    [undefined, "PASSWORD_NEEDED"],
  ])(`a PKCS#12 file whose password is %s${why}`, async (password, code) => {
    const given = password === undefined ? {} : { "password-file": file(password) };
    const inspected = await inspect({ FILE: file("alice.p12"), ...given });
    expect(inspected).toMatchObject({ code: 3, report: { problems: [{ code }] } });
    const failure = await rejectionOf(inspect({ FILE: file("alice.p12"), ...given, output: "text" }));
    expect(failure.code).toBe(code);
  });

  it.skipIf(missing)(`a certificate on a token, without a PIN${missing ? ` (${missing})` : ""}`, async () => {
    const { code, report } = await inspect({
      FILE: "pkcs11:token=alice;object=alice",
      "pkcs11-module": library,
    });
    expect(report).toMatchObject(fit);
    expect(code).toBe(0);
    const withKey = { "private-key": "pkcs11:token=alice", "pkcs11-module": library };
    expect((await inspect({ FILE: file("alice.pem"), ...withKey })).code).toBe(0);
  });

  it("a PKCS#11 URI does not print its PIN", async () => {
    const inspected = await inspect({ FILE: "pkcs11:token=x?pin-value=987654&module-path=/nowhere.so" });
    expect(inspected).toMatchObject({ code: 3, report: { problems: [{ code: "PKCS11_MODULE_MISSING" }] } });
    expect(JSON.stringify(inspected)).not.toContain("987654");
  });
});
