/** Files and variables of a user who keeps secrets everywhere, and the built program run among them. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { intermediate, keyPair, leaf, root } from "../../certificates.ts";
import { folder, program } from "../program.ts";
import { accountId, credentials, role, serverCa, type HostileServers } from "./hostile-servers.ts";
import { leaks, type Leak, type Secret } from "./search.ts";
import { runHere } from "../in-process.ts";
import { isThorough } from "../../thorough.ts";
import { outputOf } from "../output-of.ts";
import { commandOf } from "../../program-under-test.ts";

const issuer = intermediate(root("Secrecy Root"));
export const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "confidential alice") });
const other = keyPair("p256", "confidential other user");

/** Letters and digits, as most credentials. */
const random = (length: number): string =>
  randomBytes(2 * length)
    .toString("base64")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, length);

/** Of a P-256 key in PKCS #8: the 32 bytes from the 37th on, between a constant head and the public key. */
const secretIn = (pem: string): string => pem.replace(/-----[^-]*-----|\s/g, "").slice(48, 90);
const otherPem = other.privateKey.export({ format: "pem", type: "pkcs8" }).toString();

/** Every secret, unique and of its usual form. Names are those in a failed test's report. */
export const secrets = {
  privateKey: { name: "the private key", text: secretIn(alice.keyPem) },
  accessKey: { name: "the secret access key", text: credentials.secretAccessKey },
  sessionToken: { name: "the session token", text: credentials.sessionToken },
  proxyPassword: { name: "the proxy's password", text: `${random(14)}+/${random(6)}` },
  configPassword: { name: "a password in the config file", text: `7${random(21)}` },
  userToken: { name: "another user's token", text: `${random(20)}.${random(40)}` },
  userPassword: { name: "another user's password", text: `${random(8)}&$${random(8)}` },
  userKey: { name: "another user's client key", text: secretIn(otherPem) },
  pluginArgument: { name: "an argument of another plugin", text: random(26) },
  pluginVariable: { name: "a variable of another plugin", text: `${random(8)}_${random(8)}` },
  pluginSymbols: { name: "a variable of many symbols", text: "a1!@#$%^b2&*()_+=-{}" },
  pluginToken: { name: "the token of another plugin", text: random(60) },
} satisfies Record<string, Secret>;

/** An input: written once, read by many runs, and not searched. */
function input(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
}

export const files = {
  certificate: input("confidential.pem", alice.pem + issuer.pem),
  privateKey: input("confidential.key", alice.keyPem),
  both: input("confidential-both.pem", alice.pem + alice.keyPem + issuer.pem),
  keyDer: input("confidential.der", alice.keys.privateKey.export({ format: "der", type: "pkcs8" })),
  ca: input("confidential-ca.pem", serverCa),
};

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
export const options: Readonly<Record<string, string>> = {
  "cluster-name": "demo",
  region: "us-west-2",
  certificate: files.certificate,
  "private-key": files.privateKey,
  "trust-anchor-arn": `arn:aws:rolesanywhere:us-west-2:${accountId}:trust-anchor/${uuid}`,
  "profile-arn": `arn:aws:rolesanywhere:us-west-2:${accountId}:profile/${uuid}`,
  "role-arn": role,
};

export function flags(changes: Readonly<Record<string, string | undefined>> = {}): string[] {
  return Object.entries<string | undefined>({ ...options, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}

/** Of `update-kubeconfig`, whose clusters have another option. */
export function writingFlags(): string[] {
  return [...flags({ "cluster-name": undefined }), "--name=demo"];
}

/** What another tool's plugin prints, and how it ends. */
export interface PluginText {
  stdout?: string | Uint8Array;
  stderr?: string | Uint8Array;
  code?: number;
}

/** A folder of one run: its home, its temporary files and its locks. All of it is searched after the run. */
export class Surroundings {
  readonly home = mkdtempSync(join(folder, "home-"));
  readonly #inputs = mkdtempSync(join(folder, "inputs-"));

  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = join(this.#inputs, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode });
    return path;
  }

  /** It prints a text, and keeps what every user of the machine can read about it and about its parent. */
  plugin({ stdout = "", stderr = "", code = 0 }: PluginText): string {
    const [out, err] = [this.write("plugin.out", stdout), this.write("plugin.err", stderr)];
    const seen = join(this.home, "seen-by-the-plugin");
    const script = `#!/bin/sh
cat /proc/self/environ /proc/$PPID/environ /proc/$PPID/cmdline > ${seen}
cat ${err} >&2
cat ${out}
exit ${code}
`;
    return this.write("plugin", script, 0o700);
  }

  /** Contexts: `own`, `plugin`, `static`, `basic` and `certificate`. */
  kubeconfig(servers: Pick<HostileServers, "url">, plugin = "/nowhere/plugin"): string {
    const apiVersion = "client.authentication.k8s.io/v1";
    const users = {
      own: {
        exec: { apiVersion, command: program, args: ["get-token", ...flags()], interactiveMode: "Never" },
      },
      plugin: {
        exec: {
          apiVersion,
          command: plugin,
          args: ["login", "--password", secrets.pluginArgument.text],
          env: [
            { name: "DB_PASSWORD", value: secrets.pluginVariable.text },
            { name: "SYMBOLS", value: secrets.pluginSymbols.text },
          ],
          interactiveMode: "Never",
        },
      },
      static: { token: secrets.userToken.text },
      basic: { username: "bob", password: secrets.userPassword.text },
      certificate: {
        "client-certificate-data": Buffer.from(alice.pem).toString("base64"),
        "client-key-data": Buffer.from(otherPem).toString("base64"),
      },
    };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "demo",
          cluster: {
            server: servers.url,
            "certificate-authority-data": Buffer.from(serverCa).toString("base64"),
          },
        },
      ],
      users: Object.entries(users).map(([name, user]) => ({ name, user })),
      contexts: Object.keys(users).map((user) => ({ name: user, context: { cluster: "demo", user } })),
      "current-context": "own",
    };
    return this.write("kubeconfig", JSON.stringify(config, undefined, 2));
  }

  environment(servers: Pick<HostileServers, "url">): Record<string, string> {
    return {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: this.home,
      TMPDIR: this.home,
      XDG_RUNTIME_DIR: this.home,
      EKS_X509_CACHE: "none",
      AWS_MAX_ATTEMPTS: "1",
      AWS_CA_BUNDLE: files.ca,
      AWS_ENDPOINT_URL: servers.url,
      AWS_ENDPOINT_URL_STS: servers.url,
    };
  }

  /** Every file that the run left, by its name, and the kubeconfig, which holds other users' secrets. */
  filesWritten(): (readonly [string, string])[] {
    return readdirSync(this.home, { recursive: true, encoding: "utf8" }).map((name) => {
      const path = join(this.home, name);
      const content = lstatSync(path).isFile() ? readFileSync(path, "latin1") : "";
      return [`file ${name}`, `${name}\n${content}`];
    });
  }
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Start {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  stdin?: string | Uint8Array | undefined;
  /** In place of the program. */
  command?: readonly [string, ...string[]];
}

/**
 * What the built program shows in a process of its own, every seventh row of a table shows. The others run in this process. The
 * sandbox starts a command, and the system names the home folder where HOME is no path: these need a process.
 */
export function startRow(index: number, row: Start): Promise<Outcome> {
  const needsProcess =
    row.command !== undefined || row.args[0] === "sandbox" || !isAbsolute(row.env["HOME"] ?? "");
  if (isThorough || needsProcess || index % 7 === 0) return start(row);
  return runHere({ args: row.args, env: row.env, stdin: row.stdin, program, cwd: folder });
}

export function start({ args, env, stdin = "", command = commandOf(program) }: Start): Promise<Outcome> {
  const [file, ...before] = command;
  const child = spawn(file, [...before, ...args], { cwd: folder, env: { ...env } });
  const output = outputOf(child);
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}

export interface Found extends Leak {
  where: string;
}

/** What any stream or file of a run reveals. */
export function found(
  texts: readonly (readonly [where: string, text: string])[],
  known: readonly Secret[],
): Found[] {
  return texts.flatMap(([where, text]) => leaks(text, known).map((leak) => ({ where, ...leak })));
}

/**
 * What is printed on purpose: the token of an ExecCredential, which is all of stdout; and certificates in a kubeconfig, whose
 * dates a token has too.
 */
export function withoutIntended(stdout: string): string {
  const credential =
    /^(\{"apiVersion":"[\w./]+","kind":"ExecCredential","status":\{"token":")[\w.-]+(",[^{}]*\}\}\n)$/;
  const certificate = /((?:certificate-authority|client-certificate)-data"?\s*:\s*"?)[\w+/=…]+/g;
  return stdout.replace(credential, "$1$2").replace(certificate, "$1");
}
