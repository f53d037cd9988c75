/** `eks-x509 serve` as a process, and what its clients do: the certificate is renewed as in a volume of Kubernetes. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import type { Issued } from "../certificates.ts";
import { fromJson } from "../json.ts";
import { until } from "../until.ts";

export interface Credentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  Token: string;
  Expiration: string;
}

export interface Serving {
  env: NodeJS.ProcessEnv;
  /** bin/eks-x509. */
  program: string;
  flags: readonly string[];
  uid?: number;
  /** A command that runs another, such as that of a keyring's session. */
  within?: (command: readonly string[]) => string[];
}

export class ServeProcess {
  readonly child: ChildProcess;
  #log = "";

  constructor({ env, program, flags, uid, within = (command) => [...command] }: Serving) {
    const executable = process.env["EKS_X509_PROGRAM"];
    const [file = "", ...args] = within([
      ...(executable ? [executable] : [process.execPath, program]),
      "serve",
      "--port=0",
      "--log-format=json",
      ...flags,
    ]);
    const user = uid === undefined ? {} : { uid, gid: uid };
    this.child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], ...user });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  get log(): string {
    return this.#log;
  }

  get events(): Record<string, string>[] {
    const lines = this.#log.split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => fromJson<Record<string, string>>(line));
  }

  count(event: string): number {
    return this.events.filter((one) => one["event"] === event).length;
  }

  says(event: string, times = 1): Promise<void> {
    return until(() => {
      if (this.child.exitCode !== null) throw new Error(`serve ended: ${this.#log}`);
      if (this.count(event) < times) throw new Error(`${event} is not in the log: ${this.#log}`);
    });
  }

  /** Once it listens. */
  get url(): string {
    const listening = this.events.filter(({ event }) => event === "listening").at(-1);
    if (!listening?.["url"]) throw new Error(`it does not listen: ${this.#log}`);
    return listening["url"];
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** @param authorization the content of the token file */
  async container(authorization: string): Promise<Credentials | number> {
    const response = await this.fetch("/v1/credentials", { headers: { authorization } });
    return response.status === 200 ? fromJson<Credentials>(await response.text()) : response.status;
  }

  async metadata(): Promise<Credentials | number> {
    const token = await (await this.fetch("/latest/api/token", { method: "PUT" })).text();
    const headers = { "x-aws-ec2-metadata-token": token };
    const list = "/latest/meta-data/iam/security-credentials/";
    const role = await (await this.fetch(list, { headers })).text();
    const response = await this.fetch(list + role, { headers });
    return response.status === 200 ? fromJson<Credentials>(await response.text()) : response.status;
  }

  /** @returns the exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals | null> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode;
    const ended = once(this.child, "close");
    this.child.kill(signal);
    const [code, by] = fromJson<[number | null, NodeJS.Signals | null]>(JSON.stringify(await ended));
    return code ?? by;
  }
}

/** The flags of get-token that the sandbox's kubeconfig has, without those of clusters. */
export function identityFlags(env: NodeJS.ProcessEnv): string[] {
  const kubeconfig: unknown = load(readFileSync(env["KUBECONFIG"] ?? "", "utf8"));
  const { users } = fromJson<{ users: { name: string; user: { exec: { args: string[] } } }[] }>(
    JSON.stringify(kubeconfig),
  );
  const { args = [] } = users[0]?.user.exec ?? {};
  return args.filter((arg) =>
    /^--(certificate|private-key|intermediates|trust-anchor-arn|profile-arn|role-arn)=/.test(arg),
  );
}

/** A volume as the kubelet writes it: tls.crt and tls.key lead through the link `..data` to a folder that is replaced as a whole. */
export class CertificateVolume {
  readonly folder: string;
  #version = 0;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { mode: 0o755 });
    for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(folder, name));
  }

  get flags(): string[] {
    return [`--certificate=${join(this.folder, "tls.crt")}`, `--private-key=${join(this.folder, "tls.key")}`];
  }

  write(certificate: Pick<Issued, "pem">, key: Pick<Issued, "keyPem">, mode = 0o600): void {
    this.#version += 1;
    const name = `..version-${this.#version}`;
    mkdirSync(join(this.folder, name), { mode: 0o755 });
    writeFileSync(join(this.folder, name, "tls.crt"), certificate.pem);
    writeFileSync(join(this.folder, name, "tls.key"), key.keyPem, { mode });
    symlinkSync(name, join(this.folder, "..data-new"));
    renameSync(join(this.folder, "..data-new"), join(this.folder, "..data"));
  }
}
