/** SoftHSM with tokens of its own, and a module of ours around it that fails on demand. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pkcs8, type Issued, type KeyPair } from "../../certificates.ts";

export const libraries = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm.so",
  "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
] as const;

export const library = libraries.find((path) => existsSync(path)) ?? "";

function isPresent(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Names what is not here, for the name of a skipped test. */
export function absent(...programs: readonly string[]): string | undefined {
  const missing = programs.filter((program) => !isPresent(program));
  if (programs.includes("softhsm2-util") && library === "") missing.push("libsofthsm2.so");
  return missing.length === 0 ? undefined : `there is no ${missing.join(" and no ")}`;
}

export interface Placed {
  token: string;
  id: string;
  label: string;
  keys?: KeyPair;
  certificate?: Issued;
}

export const pin = "1234";

export class SoftHsm {
  readonly folder = mkdtempSync(join(tmpdir(), "eks-x509-softhsm-"));
  readonly env: Record<string, string>;
  #count = 0;

  constructor(...tokens: readonly string[]) {
    mkdirSync(join(this.folder, "tokens"));
    const conf = this.write(
      "softhsm2.conf",
      `directories.tokendir = ${join(this.folder, "tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    // p11-kit loads tpm2-pkcs11 too, which makes its store in the current folder where it has no other.
    const env = { SOFTHSM2_CONF: conf, TPM2_PKCS11_STORE: this.folder };
    this.env = { ...env, PATH: process.env["PATH"] ?? "" };
    for (const token of tokens)
      this.#run(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        token,
        "--pin",
        pin,
        "--so-pin",
        "12345678",
      );
  }

  put({ token, id, label, keys, certificate }: Placed): void {
    if (keys) {
      const file = this.write(`key-${(this.#count += 1)}.pem`, pkcs8(keys));
      this.#run(
        "softhsm2-util",
        "--import",
        file,
        "--token",
        token,
        "--label",
        label,
        "--id",
        id,
        "--pin",
        pin,
        "--force",
      );
    }
    if (!certificate) return;
    const file = this.write(`certificate-${(this.#count += 1)}.der`, certificate.der);
    const login = ["--module", library, "--token-label", token, "--login", "--pin", pin];
    this.#run(
      "pkcs11-tool",
      ...login,
      "--write-object",
      file,
      "--type",
      "cert",
      "--id",
      id,
      "--label",
      label,
    );
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  #run(program: string, ...args: readonly string[]): void {
    execFileSync(program, args, { env: this.env, stdio: ["ignore", "ignore", "pipe"] });
  }

  /** The library of module.c, compiled. */
  faulty(): string {
    const path = join(this.folder, "faulty.so");
    const source = fileURLToPath(new URL("./module.c", import.meta.url));
    if (!existsSync(path)) execFileSync("gcc", ["-shared", "-fPIC", "-o", path, source, "-ldl"]);
    return path;
  }

  /** For the library of module.c. */
  faults(faults: string, log = ""): Record<string, string> {
    return {
      ...this.env,
      MODULE_SOFTHSM: library,
      MODULE_FAULTS: faults,
      MODULE_LOG: log && join(this.folder, log),
    };
  }

  /** @returns the name of a log that is empty, also when a test is tried again */
  emptyLog(name: string): string {
    rmSync(join(this.folder, name), { force: true });
    return name;
  }

  /** The lines that the module wrote, without the process IDs, and these. */
  log(name: string): { lines: string[]; processes: number[] } {
    const path = join(this.folder, name);
    const all = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    return {
      lines: all.map((line) => line.replace(/ \d+$/, "")),
      processes: all.map((line) => Number(/\d+$/.exec(line)?.[0])),
    };
  }

  /** The processes in a log that still run. */
  running(name: string): number[] {
    return this.log(name).processes.filter((pid) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
