/** A software TPM, and tpm2-pkcs11 in front of it with a store of its own. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../until.ts";
import { pin } from "./softhsm.ts";

const libraries = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/libtpm2_pkcs11.so.1`);

/** Empty if tpm2-pkcs11 is not here. */
export const tpmLibrary = libraries.find((path) => existsSync(path)) ?? "";

export class SoftTpm {
  readonly folder = mkdtempSync(join(tmpdir(), "eks-x509-swtpm-"));
  readonly env: Record<string, string>;
  readonly #swtpm: ChildProcess;

  private constructor() {
    const [state, store, socket] = ["state", "store", "socket"].map((name) => join(this.folder, name));
    for (const folder of [state, store]) mkdirSync(folder ?? "", { mode: 0o700 });
    this.env = {
      PATH: process.env["PATH"] ?? "",
      TPM2_PKCS11_TCTI: `swtpm:path=${socket ?? ""}`,
      TPM2_PKCS11_STORE: store ?? "",
    };
    execFileSync("swtpm_setup", ["--tpm2", "--tpmstate", state ?? "", "--overwrite"], { stdio: "ignore" });
    const channels = [
      `--server=type=unixio,path=${socket ?? ""}`,
      `--ctrl=type=unixio,path=${socket ?? ""}.ctrl`,
    ];
    this.#swtpm = spawn(
      "swtpm",
      [
        "socket",
        "--tpm2",
        `--tpmstate=dir=${state ?? ""}`,
        ...channels,
        "--flags=not-need-init,startup-clear",
      ],
      { stdio: "ignore" },
    );
  }

  /** Without a token. */
  static async new(): Promise<SoftTpm> {
    const tpm = new SoftTpm();
    await until(() => {
      if (!existsSync(join(tpm.folder, "socket"))) throw new Error("swtpm does not listen yet");
    });
    return tpm;
  }

  /** With one token, `tpm`. */
  static async start(): Promise<SoftTpm> {
    const tpm = await SoftTpm.new();
    tpm.#tool("--init-token", "--slot-index=0", "--label=tpm", "--so-pin=12345678");
    tpm.#tool(
      ...["--token-label=tpm", "--login", "--login-type=so", "--so-pin=12345678"],
      "--init-pin",
      `--new-pin=${pin}`,
    );
    return tpm;
  }

  /** @returns the public key of a new key pair, whose private key never leaves the TPM */
  generate(type: "EC:prime256v1" | "EC:secp384r1" | "rsa:2048", id: string, label: string): KeyObject {
    const shown = this.#user("--keypairgen", `--key-type=${type}`, `--id=${id}`, `--label=${label}`);
    // pkcs11-tool cannot read a point on P-384 as a key. It prints the OCTET STRING of an uncompressed point.
    const [, point = ""] = /EC_POINT: +04[0-9a-f]{2}04([0-9a-f]+)/.exec(shown) ?? [];
    if (point !== "") return pointOn(type === "EC:secp384r1" ? "P-384" : "P-256", Buffer.from(point, "hex"));
    const file = join(this.folder, `${label}.spki`);
    this.#user("--read-object", "--type=pubkey", `--id=${id}`, `--output-file=${file}`);
    return createPublicKey(execFileSync("openssl", ["pkey", "-pubin", "-in", file, "-pubout"]));
  }

  /**
   * Links a TSS2 PRIVATE KEY file to the token. A TPM has three places for objects, and a resource manager, such as the kernel's
   * /dev/tpmrm0, clears those that are not in use. There is none here, so each program is followed by tpm2_flushcontext.
   */
  linkFile(label: string): { file: string; publicKey: KeyObject } {
    const [pub, priv, file] = ["pub", "priv", "tss2"].map((name) => join(this.folder, `${label}.${name}`));
    const key = ["-u", pub ?? "", "-r", priv ?? ""];
    this.#tpm2("tpm2_create", "-C", "0x81000001", "-G", "ecc256", ...key);
    this.#tpm2("tpm2_encodeobject", "-C", "0x81000001", ...key, "-o", file ?? "");
    this.#tpm2("tpm2_ptool", "link", "--label=tpm", `--userpin=${pin}`, `--key-label=${label}`, file ?? "");
    const publicKey = createPublicKey(this.#tpm2("tpm2_print", "-t", "TPM2B_PUBLIC", "-f", "pem", pub ?? ""));
    return { file: file ?? "", publicKey };
  }

  #tpm2(program: string, ...args: readonly string[]): Buffer {
    const folder = join(this.folder, "flushing");
    mkdirSync(folder, { recursive: true });
    for (const name of ["create", "encodeobject", "load", "sign", "import", "readpublic"])
      writeFileSync(
        join(folder, `tpm2_${name}`),
        `#!/bin/sh\nPATH=\${PATH#*:}\ntpm2_${name} "$@"; code=$?\ntpm2_flushcontext -t; exit $code\n`,
        { mode: 0o700 },
      );
    const { PATH = "", TPM2_PKCS11_TCTI = "" } = this.env;
    const env = { ...this.env, PATH: `${folder}:${PATH}`, TPM2TOOLS_TCTI: TPM2_PKCS11_TCTI };
    return execFileSync(program, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  }

  putCertificate(der: Uint8Array, id: string, label: string): void {
    const file = this.write(`${label}.der`, der);
    this.#user("--write-object", file, "--type=cert", `--id=${id}`, `--label=${label}`);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  stop(): void {
    this.#swtpm.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #user(...args: readonly string[]): string {
    return this.#tool("--token-label=tpm", "--login", `--pin=${pin}`, ...args);
  }

  #tool(...args: readonly string[]): string {
    const options = { env: this.env, stdio: "pipe", encoding: "utf8" } as const;
    return execFileSync("pkcs11-tool", ["--module", tpmLibrary, ...args], options);
  }
}

function pointOn(crv: "P-256" | "P-384", xAndY: Buffer): KeyObject {
  const half = xAndY.length / 2;
  const [x, y] = [xAndY.subarray(0, half), xAndY.subarray(half)].map((one) => one.toString("base64url"));
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv, x: x ?? "", y: y ?? "" } });
}
