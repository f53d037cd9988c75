/** update-kubeconfig with everything around it replaced: files in memory, an account that grants every session, and its EKS. */
import { parseArgs } from "node:util";
import { expect } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { presentError } from "../../../../src/cli/text/present-error.ts";
import { updateKubeconfigOptions } from "../../../../src/cli/commands/update-kubeconfig/command.ts";
import { runUpdateKubeconfig } from "../../../../src/cli/commands/update-kubeconfig/run.ts";
import type { Ports } from "../../../../src/sign-in/ports.ts";
import { portsWith } from "../../../ports.ts";
import { EksX509Error } from "../../../../src/foundation/errors.ts";
import { mergeKubeconfigs, parseKubeconfig } from "../../../../src/kubeconfig/read/kubeconfig.ts";
import type { NamedText } from "../../../../src/kubeconfig/read/yaml.ts";
import { editKubeconfig } from "../../../../src/kubeconfig/edit/edit.ts";
import type { Answer } from "../../../../src/http/exchange.ts";
import { from, hour, intermediate, leaf, now, root } from "../../../certificates.ts";
import { keyFiles } from "../../../key-files.ts";
import { ownFolder, ownProgram } from "./own-program.ts";

const issuer = intermediate(root());
const alice = leaf(issuer);

export interface World {
  /** By path. */
  files?: Record<string, string>;
  env?: Record<string, string>;
  /** What EKS answers, by path and query; whatever it has not is a cluster that it does not find. */
  eks?: Readonly<Record<string, object>>;
  isTerminal?: boolean;
  /** The other files of KUBECONFIG. */
  others?: { earlier?: readonly NamedText[]; later?: readonly NamedText[] };
}

export interface Seen {
  code: number;
  stdout: string;
  stderr: string;
  /** Paths of requests, Roles Anywhere's first. */
  asked: string[];
  /** By path, as the command left them. */
  files: Record<string, string>;
}

/** @param args as a user types them; ~/ is /home/alice */
export async function updateKubeconfig(args: readonly string[], world: World = {}): Promise<Seen> {
  const seen: Seen = { code: 0, stdout: "", stderr: "", asked: [], files: { ...world.files } };
  try {
    seen.code = await runUpdateKubeconfig(flagsOf(args), rootOf(world, seen), (flags, entries) => {
      const path = flags.text("kubeconfig") ?? "/home/alice/.kube/config";
      const { earlier = [], later = [] } = world.others ?? {};
      const decoded = (texts: readonly NamedText[]) =>
        texts.map(({ name, text }) => parseKubeconfig({ path: name, folder: "/", text }, "linux"));
      const others = { earlier: decoded(earlier), later: decoded(later) };
      return {
        path,
        others,
        read: () => seen.files[path],
        write: (check) => {
          const edited = editKubeconfig({ name: path, text: seen.files[path] ?? "" }, entries);
          check(edited);
          seen.files[path] = edited.text;
          return Promise.resolve(edited);
        },
        record: () => Promise.resolve(),
        merged: () =>
          Promise.resolve(
            mergeKubeconfigs([
              ...others.earlier,
              ...decoded([{ name: path, text: seen.files[path] ?? "" }]),
              ...others.later,
            ]),
          ),
      };
    });
  } catch (error) {
    const { text, exitCode } = presentError(error);
    seen.stderr += text;
    seen.code = exitCode;
  }
  return seen;
}

function rootOf({ env = {}, eks = {}, isTerminal = false }: World, seen: Seen): Ports {
  return portsWith({
    env: { HOME: "/home/alice", PATH: ownFolder, ...env },
    program: ownProgram,
    clock: () => now,
    stdout: (text) => Promise.resolve(void (seen.stdout += text)),
    stderr: (text) => Promise.resolve(void (seen.stderr += text)),
    terminal: { stdout: isTerminal, stderr: isTerminal, columns: 80 },
    ...keyFiles((path) => {
      const text = path.endsWith(".key") ? alice.keyPem : (seen.files[path] ?? identityFile(path));
      return text === undefined ? Promise.reject(missing(path)) : Promise.resolve(content(path, text));
    }),
    http: () =>
      Promise.resolve(async ({ request }) => {
        const { url } = await request();
        const path = url.pathname;
        seen.asked.push(path);
        return path === "/sessions" ? granted() : eksAnswer(eks[path]);
      }),
  });
}

function identityFile(path: string): string | undefined {
  return path.endsWith(".pem") ? alice.pem + issuer.pem : undefined;
}

function content(name: string, text: string) {
  return { name, bytes: Buffer.from(text), mode: 0o600 };
}

function missing(path: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "FILE_MISSING",
    message: path,
    hint: "",
  });
}

function granted(): Answer {
  const credentials = {
    accessKeyId: "ASIAQNZGKIQY56JQ7WML",
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: from(hour).toISOString(),
  };
  const assumedRoleUser = { arn: "arn:aws:sts::111122223333:assumed-role/eks-read-only/1234" };
  const body = JSON.stringify({ credentialSet: [{ credentials, assumedRoleUser }] });
  return { status: 201, headers: {}, body };
}

function eksAnswer(given: object | undefined): Answer {
  if (given) return { status: 200, headers: {}, body: JSON.stringify(given) };
  return {
    status: 404,
    headers: { "x-amzn-errortype": "ResourceNotFoundException" },
    body: JSON.stringify({ message: "No cluster found for name: x." }),
  };
}

function flagsOf(args: readonly string[]): Flags {
  const options = Object.fromEntries(
    Object.entries(updateKubeconfigOptions).map(([name, { type }]) => [
      name,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values: Record<string, unknown[]> = {};
  for (const token of tokens) {
    if (token.kind !== "option") expect.fail(`no option: ${args[token.index] ?? ""}`);
    const option = updateKubeconfigOptions[token.name] ?? expect.fail(token.name);
    const value = option.type === "boolean" ? token.value !== "false" : token.value;
    (values[token.name] ??= []).push(value);
  }
  return new Flags(values);
}
