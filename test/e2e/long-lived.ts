/** Clients that stay open, and a kubeconfig that distinguishes them: each requests its own role session name. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { fromJson } from "../json.ts";
import { folderOf, trailOf, type TrailRecord } from "./trail.ts";
import { until } from "../until.ts";
import { commandOf } from "../program-under-test.ts";

interface Kubeconfig {
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec: ExecEntry } }[];
}

interface ExecEntry {
  command: string;
  args: string[];
  env: { name: string; value: string }[];
}

/** Adds contexts to a copy of the sandbox's kubeconfig, each as a user of the sandbox's. @returns the copy's path */
export function kubeconfigFor(
  env: NodeJS.ProcessEnv,
  clients: Readonly<Record<string, "demo" | "demo-admin">>,
  rolesAnywhere?: string,
): string {
  const config = fromJson<Kubeconfig>(JSON.stringify(load(readFileSync(env["KUBECONFIG"] ?? "", "utf8"))));
  for (const [name, like] of Object.entries(clients)) {
    const user = structuredClone(config.users.find((each) => each.name === like)?.user);
    if (!user) throw new Error(`the kubeconfig has no user ${like}`);
    user.exec.args.push(`--role-session-name=${name}`);
    for (const variable of user.exec.env)
      if (variable.name === "AWS_ENDPOINT_URL_ROLESANYWHERE")
        variable.value = rolesAnywhere ?? variable.value;
    config.users.push({ name, user });
    config.contexts.push({ name, context: { cluster: "demo", user: name } });
  }
  const path = join(folderOf(env), "kubeconfig-of-clients");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** The sessions that a client has had, the first one first. */
export function sessionsOf(env: NodeJS.ProcessEnv, client: string): TrailRecord[] {
  return trailOf(env).filter(
    ({ eventName, requestParameters }) =>
      eventName === "CreateSession" && requestParameters?.roleSessionName === client,
  );
}

/** Milliseconds since 1970, when the token that was made of a session ended: a minute before it. */
export function tokenEnd({ responseElements }: TrailRecord): number {
  return Date.parse(responseElements?.credentialSet[0].credentials.expiration ?? "") - 60_000;
}

/** The sessions that a client asked for while its last token was still good. */
export function needless(env: NodeJS.ProcessEnv, client: string): string[] {
  const sessions = sessionsOf(env, client);
  return sessions
    .filter((session, index) => {
      const before = sessions[index - 1];
      return before !== undefined && Date.parse(session.eventTime) < tokenEnd(before);
    })
    .map(({ eventTime }) => eventTime);
}

export class Client {
  readonly child: ChildProcess;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  #output = "";

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    const [file = "", ...args] = command;
    this.child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr])
      if (stream) createInterface({ input: stream }).on("line", (line) => (this.#output += `${line}\n`));
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject).on("exit", resolve);
    });
  }

  output(): string {
    return this.#output;
  }

  /** Waits for it. @returns the first match */
  async says(what: RegExp, after = 0): Promise<RegExpExecArray> {
    return until(() => {
      const match = what.exec(this.#output.slice(after));
      if (!match) throw new Error(`it does not say ${what.source}: ${this.#output.slice(-2000)}`);
      return match;
    });
  }

  /** Writes a line to it, and waits for what it says then. */
  async asks(line: string, answer: RegExp): Promise<string> {
    const before = this.#output.length;
    this.child.stdin?.write(`${line}\n`);
    return (await this.says(answer, before))[0];
  }

  async close(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

const program = fileURLToPath(new URL("long-lived-client.js", import.meta.url));

/** For an informer, of a context. */
export function informerCommand(context: string): string[] {
  return [process.execPath, program, context];
}

/** The plugin itself, as the kubeconfig of `kubeconfigFor` has it started. */
export function pluginOf(kubeconfig: string, user: string): { command: string[]; env: NodeJS.ProcessEnv } {
  const { users } = fromJson<Kubeconfig>(readFileSync(kubeconfig, "utf8"));
  const entry = users.find(({ name }) => name === user)?.user.exec;
  if (!entry) throw new Error(`the kubeconfig has no user ${user}`);
  const env = Object.fromEntries(entry.env.map(({ name, value }) => [name, value]));
  return { command: [...commandOf(entry.command), ...entry.args], env };
}
