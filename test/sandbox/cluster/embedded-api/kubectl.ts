import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Loopback } from "./loopback.ts";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who speaks: a token that the loopback server knows, or does not. */
export type Token = "viewer-token" | "admin-token" | "unknown-token";

/** kubectl.1.NN, beside any kubectl on PATH or the file it links to. */
export function findKubectl(version: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const linked = folders
    .map((folder) => join(folder, "kubectl"))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)));
  const files = [...linked, ...folders].map((folder) => join(folder, `kubectl.${version}`));
  return files.find((file) => existsSync(file));
}

/** A private HOME, so that no discovery is cached from another run, and a kubeconfig for each token. */
export class Kubectl {
  readonly home = mkdtempSync(join(tmpdir(), "eks-x509-kubectl-"));
  readonly #program: string;

  constructor(program: string, server: Loopback) {
    this.#program = program;
    for (const token of ["viewer-token", "admin-token", "unknown-token"] as const)
      writeFileSync(this.#kubeconfig(token), JSON.stringify(kubeconfig(server, token)), { mode: 0o600 });
  }

  #kubeconfig(token: Token): string {
    return join(this.home, `${token}.json`);
  }

  file(name: string, content: string, mode = 0o600): string {
    const path = join(this.home, name);
    writeFileSync(path, content, { mode });
    return path;
  }

  run(token: Token, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = {
      HOME: this.home,
      KUBECONFIG: this.#kubeconfig(token),
      PATH: "/usr/bin:/bin",
      ...environment,
    };
    return new Promise<Result>((resolve) => {
      const child = execFile(this.#program, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
      child.stdin?.end();
    });
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

export function kubeconfig(server: Loopback, token: string) {
  const authority = Buffer.from(server.certificateAuthority).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "loopback", cluster: { server: server.url, "certificate-authority-data": authority } },
    ],
    users: [{ name: "user", user: { token } }],
    contexts: [{ name: "loopback", context: { cluster: "loopback", user: "user" } }],
    "current-context": "loopback",
  };
}
