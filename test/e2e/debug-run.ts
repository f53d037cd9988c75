/** One set-up of `token debug`: a kubeconfig with one thing wrong, and the program run in it, twice: for people, and for programs. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromJson } from "../json.ts";
import { iam, profiles, region, trustAnchors, type Cloud } from "./debug-cloud.ts";
import { runHere } from "./in-process.ts";
import { secretsIn } from "./secrets.ts";
import { isThorough } from "../thorough.ts";
import { outputOf } from "./output-of.ts";
import { started } from "../program-under-test.ts";

export interface SetUp {
  /** The cluster: of the kubeconfig, and of get-token. */
  cluster?: string;
  /** Flags of get-token; undefined leaves one out. */
  flags?: Readonly<Record<string, string | undefined>>;
  /** Fields of the kubeconfig's exec entry; undefined leaves one out. */
  exec?: Readonly<Record<string, unknown>>;
  /** Fields of its cluster. */
  server?: Readonly<Record<string, unknown>>;
  /** In place of its user. */
  user?: object;
  /** Flags of token debug. */
  args?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
  stdin?: string;
  /** What this set-up alone has that must not come out. */
  secrets?: readonly string[];
}

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface HopJson {
  name: string;
  status: "ok" | "failed" | "warning" | "not-reached";
  code: string | null;
  detail: string;
  hint: string;
  facts: { label: string; value: string }[];
}

export interface ReportJson {
  verdict: string;
  hops: HopJson[];
  token: Record<string, unknown> | null;
  identity: Record<string, unknown> | null;
  mapping: Record<string, unknown> | null;
}

export interface DebugRun {
  json: Result;
  text: Result;
  report: ReportJson;
  /** A mark a hop. */
  way: string;
  failed: HopJson[];
  /** Where a secret was found: a stream, or a file. */
  leaks: string[];
}

export class Debugging {
  readonly #cloud: Cloud;
  readonly #program: string;
  readonly certificate: string;
  readonly privateKey: string;

  /** @param program path of the installed program */
  constructor(cloud: Cloud, program: string) {
    const { user, intermediate } = cloud.certificates;
    this.#cloud = cloud;
    this.#program = program;
    this.certificate = cloud.input("user.pem", user.certificate + intermediate.certificate);
    this.privateKey = cloud.input("user.key", user.privateKey);
    cloud.secrets.add(bodyOf(user.privateKey));
  }

  #processes = 0;

  /**
   * @param isProcess false: inside this process, which takes an eighth of the time. True: one of the two forms in turn, and both in
   *   the complete run
   */
  async look(setUp: SetUp, isProcess = isThorough): Promise<DebugRun> {
    const folder = mkdtempSync(join(this.#cloud.folder, "run-"));
    const home = join(folder, "home");
    mkdirSync(home);
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(this.kubeconfig(setUp)), { mode: 0o600 });
    const turn = isProcess ? this.#processes++ % 2 : undefined;
    const debug = (form: number, ...more: string[]) =>
      isProcess && (isThorough || turn === form)
        ? this.#run(setUp, home, kubeconfig, more)
        : runHere({
            args: ["token", "debug", ...(setUp.args ?? []), ...more],
            env: this.#environment(setUp, home, kubeconfig),
            stdin: setUp.stdin,
            program: this.#program,
            cwd: home,
          });
    const [json, text] = await Promise.all([debug(0, "--output", "json"), debug(1)]);
    if (json.stdout === "") throw new Error(`no findings: ${json.stderr}`);
    const report = fromJson<ReportJson>(json.stdout);
    return {
      json,
      text,
      report,
      way: report.hops.map(({ status }) => marks[status]).join(""),
      failed: report.hops.filter(({ status }) => status === "failed"),
      leaks: this.#leaks(
        setUp,
        { json: json.stdout, text: text.stdout, stderr: json.stderr + text.stderr },
        home,
      ),
    };
  }

  /** Without findings: of usage errors, and of what a test reads itself. */
  async run(setUp: SetUp, ...more: string[]): Promise<Result> {
    const folder = mkdtempSync(join(this.#cloud.folder, "run-"));
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(this.kubeconfig(setUp)), { mode: 0o600 });
    return this.#run(setUp, folder, kubeconfig, more);
  }

  kubeconfig({ cluster = "demo", flags, exec, server, user }: SetUp): object {
    const { caFile, ca } = this.#cloud;
    const entry = (own: SetUp["flags"]) => ({
      apiVersion: "client.authentication.k8s.io/v1",
      command: this.#program,
      args: ["get-token", ...this.flags({ cluster, ...(own && { flags: own }) })],
      interactiveMode: "Never",
      env: [{ name: "AWS_CA_BUNDLE", value: caFile }],
    });
    const data = Buffer.from(ca).toString("base64");
    return {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "demo",
      contexts: ["demo", "admin"].map((name) => ({ name, context: { cluster: "c", user: name } })),
      clusters: [
        {
          name: "c",
          cluster: { server: this.#cloud.server(cluster), "certificate-authority-data": data, ...server },
        },
      ],
      users: [
        { name: "demo", user: user ?? { exec: { ...entry(flags), ...exec } } },
        { name: "admin", user: { exec: entry({ "role-arn": iam("eks-admin") }) } },
      ],
    };
  }

  /** get-token's. */
  flags({ cluster = "demo", flags }: SetUp): string[] {
    return flagList({
      "cluster-name": cluster,
      region,
      certificate: this.certificate,
      "private-key": this.privateKey,
      "trust-anchor-arn": trustAnchors.own,
      "profile-arn": profiles.usual,
      "role-arn": iam("eks-read-only"),
      ...flags,
    });
  }

  #environment({ env }: SetUp, home: string, kubeconfig: string): NodeJS.ProcessEnv {
    const { aws, caFile } = this.#cloud;
    return {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: home,
      TMPDIR: home,
      XDG_RUNTIME_DIR: home,
      KUBECONFIG: kubeconfig,
      EKS_X509_CACHE: "none",
      // One attempt: what is broken here stays so.
      AWS_MAX_ATTEMPTS: "1",
      AWS_ENDPOINT_URL_ROLESANYWHERE: aws,
      AWS_ENDPOINT_URL_STS: aws,
      AWS_ENDPOINT_URL_EKS: aws,
      AWS_CA_BUNDLE: caFile,
      ...env,
    };
  }

  #run(setUp: SetUp, home: string, kubeconfig: string, more: string[]): Promise<Result> {
    const { args = [], stdin } = setUp;
    const child = spawn(...started(this.#program, ["token", "debug", ...args, ...more]), {
      cwd: home,
      env: this.#environment(setUp, home, kubeconfig),
    });
    const output = outputOf(child);
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code, ...output });
      });
    });
  }

  #leaks(
    { secrets = [], stdin = "" }: SetUp,
    streams: Readonly<Record<string, string>>,
    home: string,
  ): string[] {
    const all = [...this.#cloud.secrets, ...secrets, ...(stdin.length > 100 ? [stdin.trim()] : [])];
    const forms = all.flatMap((secret) => [secret, encodeURIComponent(secret)]);
    const leaking = Object.entries(streams).filter(([, text]) => forms.some((form) => text.includes(form)));
    return [...leaking.map(([name]) => name), ...secretsIn(home, forms)];
  }
}

const marks = { ok: "✓", failed: "✗", warning: "!", "not-reached": "–" } as const;

function flagList(flags: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}

/** Of a PEM block: its longest line, which no other file has. */
export function bodyOf(pem: string): string {
  return pem.split("\n").reduce((longest, line) => (line.length > longest.length ? line : longest), "");
}
