/** `eks-x509 update-kubeconfig` of the built program, for the identity and the two roles that a sandbox's own kubeconfig has. */
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { fromJson } from "../json.ts";
import type { World } from "./plugin.ts";
import { run, type Outcome } from "./sandbox-process.ts";
import { commandOf } from "../program-under-test.ts";

export interface Around {
  env?: NodeJS.ProcessEnv;
  within?: (command: readonly string[]) => string[];
}

export interface Kubeconfig {
  "current-context"?: string;
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { exec: { args: string[]; provideClusterInfo?: boolean } } }[];
}

export class KubeconfigWriter {
  readonly #world: World;
  /** get-token's options but the role. */
  readonly #identity: readonly string[];
  /** `--role-arn=…` */
  readonly roles: { viewer: string; admin: string };

  constructor(world: World, cluster = "demo") {
    this.#world = world;
    const { users } = kubeconfigIn(world.sandbox.env["KUBECONFIG"] ?? "");
    const argsOf = (user: string): string[] =>
      users.find(({ name }) => name === user)?.user.exec.args ?? fail(`no user ${user}`);
    const roleOf = (user: string): string =>
      argsOf(user).find((arg) => arg.startsWith("--role-arn=")) ?? fail(`no role of ${user}`);
    const identity = /^--(certificate|private-key|trust-anchor-arn|profile-arn)=/;
    this.#identity = argsOf(cluster).filter((arg) => identity.test(arg));
    this.roles = { viewer: roleOf(cluster), admin: roleOf(`${cluster}-admin`) };
  }

  /** A path of which neither the file nor its folder is there. */
  newFile(): string {
    return join(mkdtempSync(join(this.#world.sandbox.home, "kube-")), "new", "config");
  }

  /** Whoever is asked to write, writes its absolute path: what lies on PATH is another's. */
  write(file: string, flags: readonly string[], { env, within = asIs }: Around = {}): Promise<Outcome> {
    const { installation, sandbox, runtime } = this.#world;
    const { program } = installation;
    const all = ["update-kubeconfig", `--command=${program}`, `--kubeconfig=${file}`, ...this.#identity];
    const [command = "", ...args] = within([...commandOf(program), ...all, ...flags]);
    return run(command, args, { ...sandbox.env, XDG_RUNTIME_DIR: runtime, ...env });
  }
}

export function kubeconfigIn(file: string): Kubeconfig {
  return fromJson(JSON.stringify(load(readFileSync(file, "utf8"))));
}

function asIs(command: readonly string[]): string[] {
  return [...command];
}

function fail(why: string): never {
  throw new Error(why);
}
