/** What users write as a `pkcs11:` URI, row by row, and what it gives: a signature that verifies, or an error that says what is wrong. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { verify } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EksX509Error, settled } from "../../../src/foundation/errors.ts";
import type { KeyAccess } from "../../../src/identity/signer.ts";
import { keyPair, leaf } from "../../certificates.ts";
import { alice, issuer, KeyFolder } from "../key-folder.ts";
import { without } from "../programs.ts";
import { absent, library, pin, SoftHsm } from "./softhsm.ts";

const program = fileURLToPath(new URL("../../../dist/pkcs11-module.js", import.meta.url));
const missing =
  absent("softhsm2-util", "pkcs11-tool") ?? (existsSync(program) ? undefined : "dist is not built");
const proxy = "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so";
const noProxy = existsSync(proxy) ? without("p11-kit", "list-modules") : `there is no ${proxy}`;

const folder = new KeyFolder();
let hsm: SoftHsm;
let serial = "";

beforeAll(async () => {
  folder.write("pin", `${pin}\n`);
  if (missing) return;
  hsm = new SoftHsm("alice", "two");
  hsm.put({ token: "alice", id: "01", label: "alice", keys: alice.keys, certificate: alice });
  for (const id of ["01", "02"]) {
    const twin = leaf(issuer, { name: `twin ${id}`, keys: keyPair("p256", id) });
    hsm.put({ token: "two", id, label: `twin ${id}`, keys: twin.keys, certificate: twin });
  }
  const { signer } = await open({ certificate: "pkcs11:token=alice;object=alice", module: library });
  serial = /serial ([0-9a-f]+)/.exec(JSON.stringify(signer.facts()))?.[1] ?? "";
});

afterAll(() => {
  folder.remove();
  if (!missing) hsm.remove();
});

interface Row {
  certificate?: string;
  /** Left out: the key is where the certificate is. */
  key?: string;
  module?: string;
  access?: KeyAccess;
}

function open({ certificate = "alice.pem", key, module, access }: Row) {
  const here = (text: string): string =>
    text.replace("SERIAL", serial).replace("PINFILE", join(folder.path, "pin"));
  return folder.identity({
    certificate: here(certificate),
    ...(key !== undefined && { privateKey: here(key) }),
    access: { ...access, pkcs11Module: module },
    ports: {
      env: { ...hsm.env, KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}' },
      moduleProgram: [process.execPath, program],
    },
  });
}

/** `signs`, or the code and the message. */
async function answer(row: Row): Promise<string> {
  const outcome = await settled(
    open(row).then(async ({ signer, leaf: { x509 } }) => {
      const bytes = Buffer.from("string to sign");
      return verify("sha256", bytes, x509.publicKey, await signer.sign(bytes));
    }),
  );
  if (!(outcome instanceof EksX509Error)) return outcome ? "signs" : "signs wrongly";
  const { code, message, hint } = outcome;
  expect(`${message} ${hint}`).not.toMatch(/\b(1234|9999)\b/);
  return `${code}: ${message}`;
}

const soft = { module: library };
const right = `?pin-value=${pin}`;
const alone = "pkcs11:token=alice;id=%01;type=cert";

const rows: readonly (readonly [given: string, row: Row, expected: RegExp])[] = [
  ["certificate URI, the key implied", { ...soft, certificate: `${alone}${right}` }, /^signs$/],
  ["object alone", { ...soft, certificate: `pkcs11:object=alice${right}` }, /^signs$/],
  [
    "manufacturer, model and id",
    {
      ...soft,
      certificate: `pkcs11:manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=alice;id=%01${right}`,
    },
    /^signs$/,
  ],
  ["serial and object", { ...soft, certificate: `pkcs11:serial=SERIAL;object=alice${right}` }, /^signs$/],
  ["certificate file and key URI", { ...soft, key: `pkcs11:token=alice;object=alice${right}` }, /^signs$/],
  [
    "certificate URI and key URI",
    { ...soft, certificate: alone, key: `pkcs11:token=alice;id=%01;type=private${right}` },
    /^signs$/,
  ],
  ["certificate URI and key file", { ...soft, certificate: alone, key: "alice.key" }, /^signs$/],
  ["module-path", { certificate: `${alone}${right}&module-path=${library}` }, /^signs$/],
  [
    "module-path of no file, which counts more than the option",
    { ...soft, certificate: `${alone}${right}&module-path=/nope.so` },
    /^PKCS11_MODULE_MISSING: the PKCS#11 module \/nope\.so does not exist$/,
  ],
  ["pin-source as a path", { ...soft, certificate: `${alone}?pin-source=PINFILE` }, /^signs$/],
  ["pin-source as a URI", { ...soft, certificate: `${alone}?pin-source=file:PINFILE` }, /^signs$/],
  [
    "a wrong PIN",
    { ...soft, certificate: `${alone}?pin-value=9999` },
    /^PIN_WRONG: token alice: the PIN from pin-value of the PKCS#11 URI is wrong/,
  ],
  [
    "type=cert with two certificates on the token",
    { ...soft, certificate: `pkcs11:token=two;type=cert${right}` },
    /^PKCS11_OBJECT_AMBIGUOUS: 2 certificates .*id=%01;object=twin%2001;type=cert .*id=%02;object=twin%2002;type=cert$/,
  ],
  [
    "an object that does not exist",
    { ...soft, certificate: `pkcs11:token=alice;object=nobody${right}` },
    /^PKCS11_OBJECT_MISSING: no certificate on the token matches the PKCS#11 URI$/,
  ],
  [
    "a token that does not exist",
    { ...soft, certificate: `pkcs11:token=nobody${right}` },
    /^PKCS11_TOKEN_MISSING: no token matches the PKCS#11 URI; there are: .*"alice" \(serial /,
  ],
  [
    "an unknown attribute",
    { ...soft, certificate: `pkcs11:objekt=alice${right}` },
    /^PKCS11_URI_INVALID: the PKCS#11 URI in --certificate has an unknown attribute, "objekt"$/,
  ],
  [
    "a module that does not exist",
    { module: "/nope.so", certificate: `${alone}${right}` },
    /^PKCS11_MODULE_MISSING: the PKCS#11 module \/nope\.so does not exist$/,
  ],
];

describe.skipIf(missing !== undefined)(`a pkcs11: URI${missing ? ` (${missing})` : ""}`, () => {
  it.each(rows)("%s", async (_given, row, expected) => {
    expect(await answer(row)).toMatch(expected);
  });

  it.skipIf(noProxy !== undefined)(
    `without a module, through p11-kit${noProxy ? ` (${noProxy})` : ""}`,
    async () => {
      expect(await answer({ certificate: `${alone}${right}` })).toBe("signs");
      expect(await answer({ certificate: `pkcs11:token=alice;object=nobody${right}` })).toMatch(
        /^PKCS11_OBJECT_MISSING/,
      );
    },
  );
});
