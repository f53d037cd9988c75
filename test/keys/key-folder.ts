/** A folder with the keys and certificates of a test, made by real programs, and what the program opens of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileState, readFile } from "../../src/foundation/files/files.ts";
import { identityFrom, openCertificates, openSigner, type Identity } from "../../src/identity/identity.ts";
import type { KeyAccess } from "../../src/identity/signer.ts";
import type { OpeningPorts } from "../../src/keys/opening.ts";
import { readIdentityFiles } from "../../src/sign-in/identity-files.ts";
import { intermediate, keyPair, leaf, now, root, type Issued } from "../certificates.ts";
import { keyFiles } from "../key-files.ts";

export const authority = root("Company Root");
export const issuer = intermediate(authority, "Company Issuing CA");
export const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });

export interface Given {
  certificate?: string;
  privateKey?: string;
  /** Written to a password file. */
  password?: string;
  access?: KeyAccess;
  ports?: Partial<OpeningPorts>;
}

export class KeyFolder {
  readonly path = mkdtempSync(join(tmpdir(), "eks-x509-keys-"));
  #count = 0;

  constructor() {
    this.write("alice.key", alice.keyPem);
    this.write("alice.pem", alice.pem);
    this.write("chain.pem", issuer.pem);
  }

  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    writeFileSync(path, content, { mode });
    return path;
  }

  /** Certificate and key of another person, as files. */
  writeIssued(name: string, issued: Issued): void {
    this.write(`${name}.key`, issued.keyPem);
    this.write(`${name}.pem`, issued.pem);
  }

  /** Runs a program in the folder. */
  run(program: string, ...args: readonly string[]): void {
    execFileSync(program, args, { cwd: this.path, stdio: ["ignore", "ignore", "pipe"] });
  }

  openssl(line: string, ...more: readonly string[]): void {
    this.run("openssl", ...line.split(" "), ...more);
  }

  /** Opens the identity as a miss does. */
  async identity({ certificate = "alice.pem", privateKey, ...given }: Given): Promise<Identity> {
    const { identities } = this.sources(given);
    const file = (name: string, source: string) => ({
      path: name.includes(":") ? name : join(this.path, name),
      source,
    });
    const files = await readIdentityFiles(
      {
        certificate: file(certificate, "--certificate"),
        privateKey: file(privateKey ?? certificate, "--private-key"),
        intermediates: undefined,
        access: this.#access(given),
      },
      { identities },
    );
    const certificates = await openCertificates(files);
    return identityFrom(certificates, await openSigner(files.signer, certificates), now);
  }

  sources({ ports }: Pick<Given, "ports">): ReturnType<typeof keyFiles> {
    return keyFiles((path, role) => readFile(path, role, process.geteuid?.()), fileState, ports);
  }

  #access({ password, access = {} }: Given): KeyAccess {
    if (password === undefined) return access;
    const path = this.write(`password-${(this.#count += 1)}`, `${password}\n`);
    return { ...access, passwordFile: { path, source: "--password-file" } };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
