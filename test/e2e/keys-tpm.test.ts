/** A key in a TPM, through tpm2-pkcs11 and get-token. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { absent, pin } from "../keys/pkcs11/softhsm.ts";
import { SoftTpm, tpmLibrary } from "../keys/pkcs11/swtpm.ts";
import { tokenOf, World } from "./plugin.ts";

const missing =
  absent("swtpm", "swtpm_setup", "pkcs11-tool", "openssl") ??
  (tpmLibrary === "" ? "there is no libtpm2_pkcs11.so" : undefined);
const test = missing ? it.skip : it;
const noTools = absent("tpm2_create", "tpm2_encodeobject", "tpm2_print", "tpm2_ptool");
const linking = missing || noTools ? it.skip : it;

const authority = root("Company Root");
const issuer = intermediate(authority, "Company Issuing CA");
const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });

let tpm: SoftTpm;
let world: World;
const flags: string[] = [];

beforeAll(async () => {
  if (missing) return;
  tpm = await SoftTpm.start();
  world = await World.open({ env: { ...tpm.env, EKS_X509_CACHE: "none" } }, [
    `--certificate=${tpm.write("alice.pem", alice.pem + issuer.pem)}`,
    `--private-key=${tpm.write("alice.key", alice.keyPem)}`,
    `--trust-anchor=${tpm.write("root.pem", authority.pem)}`,
  ]);
  flags.push(`--pkcs11-module=${tpmLibrary}`, `--password-file=${tpm.write("pin", `${pin}\n`)}`);
});

afterAll(async () => {
  if (missing) return;
  await world.close();
  tpm.stop();
});

/** A certificate for a new key of the TPM, as a file. */
function issued(type: Parameters<SoftTpm["generate"]>[0], id: string, label: string) {
  const publicKey = tpm.generate(type, id, label);
  const certificate = leaf(issuer, { name: label, keys: { ...alice.keys, publicKey } });
  return { certificate, file: tpm.write(`${label}.pem`, certificate.pem + issuer.pem) };
}

describe(`a key in a TPM${missing ? ` (${missing})` : ""}`, () => {
  test.each([
    ["P-256", "EC:prime256v1", "01"],
    ["RSA", "rsa:2048", "02"],
    ["P-384", "EC:secp384r1", "05"],
  ] as const)("signs: %s", async (name, type, id) => {
    const { file } = issued(type, id, name);
    const uri = `pkcs11:token=tpm;object=${name}`;
    const outcome = await world.run({ flags: [...flags, `--certificate=${file}`, `--private-key=${uri}`] });
    // The library prints warnings, which no client of a get-token that succeeds must see.
    expect(outcome.stderr).toBe("");
    expect(tokenOf(outcome)).toMatch(/^k8s-aws-v1\./);
  });

  test("can have its certificate beside it", async () => {
    const { certificate } = issued("EC:prime256v1", "03", "carol");
    tpm.putCertificate(certificate.der, "03", "carol");
    const chain = tpm.write("chain.pem", issuer.pem);
    const uri = "pkcs11:token=tpm;object=carol;type=cert";
    const outcome = await world.run({
      flags: [...flags, `--certificate=${uri}`, `--private-key=${uri}`, `--intermediates=${chain}`],
    });
    expect(outcome.stderr).toBe("");
    expect(tokenOf(outcome)).toMatch(/^k8s-aws-v1\./);
  });

  const linked = `can be a TSS2 PRIVATE KEY file, once it is linked to the token${noTools ? ` (${noTools})` : ""}`;
  linking(linked, async () => {
    const { file, publicKey } = tpm.linkFile("erin");
    const certificate = leaf(issuer, { name: "erin", keys: { ...alice.keys, publicKey } });
    const path = tpm.write("erin.pem", certificate.pem + issuer.pem);
    const refused = await world.run({ flags: [...flags, `--certificate=${path}`, `--private-key=${file}`] });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/contains a TSS2 PRIVATE KEY block/);
    expect(refused.stderr).toMatch(/tpm2_ptool link --label TOKEN/);
    const uri = "pkcs11:token=tpm;object=erin";
    const outcome = await world.run({ flags: [...flags, `--certificate=${path}`, `--private-key=${uri}`] });
    expect(outcome.stderr).toBe("");
    expect(tokenOf(outcome)).toMatch(/^k8s-aws-v1\./);
  });

  test("wants the right PIN", async () => {
    const { file } = issued("EC:prime256v1", "04", "dave");
    const wrong = tpm.write("wrong-pin", "0000\n");
    const { code, stderr } = await world.run({
      flags: [
        ...flags,
        `--certificate=${file}`,
        "--private-key=pkcs11:token=tpm;object=dave",
        `--password-file=${wrong}`,
      ],
    });
    expect(code).toBe(3);
    expect(stderr).toContain("(PIN_WRONG)");
    expect(stderr).not.toContain("0000");
  });

  test("is not found where no TPM answers, and what the library printed is in the message", async () => {
    const env = { TPM2_PKCS11_TCTI: `swtpm:path=${join(tpm.folder, "nowhere")}` };
    const { code, stderr } = await world.run({ env, flags: [...flags, "--private-key=pkcs11:token=tpm"] });
    expect(code).toBe(3);
    expect(stderr).toMatch(/\(PKCS11_[A-Z_]+\)/);
    expect(stderr).toMatch(/tss2|tcti|TPM/i);
  });
});
