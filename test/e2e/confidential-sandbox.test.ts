/** The sandbox's log, its trail and its processes hold no secret of its clients, who may send one anywhere in a request. */
import { readFileSync, readdirSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { expect, it } from "vitest";
import { leaks, type Secret } from "./confidential/search.ts";
import { spellings } from "./confidential/spellings.ts";
import { run, program } from "./program.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { folderOf } from "./trail.ts";
import { tokenOf } from "./plugin.ts";
import { isThorough } from "../thorough.ts";

it("neither in its output, nor in cloudtrail.jsonl, nor in argv and environment of its processes", async () => {
  const sandbox = await startSandboxProcess(["--verbose"], program);
  try {
    const env = Object.fromEntries(
      Object.entries(sandbox.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const kubectlEnv = { ...env, EKS_X509_CACHE: "none" };
    const token = tokenOf(await run(entryOf(env["KUBECONFIG"] ?? ""), { env: kubectlEnv }));
    const sent = await run(["token", "debug", token, "--context", "demo"], { env: kubectlEnv });
    expect(sent.code).toBe(0);
    const secrets = secretsIn(token);
    await repeatEverywhere(env, secrets);
    const texts = {
      output: sandbox.output(),
      trail: readFileSync(join(folderOf(sandbox.env), "cloudtrail.jsonl"), "utf8"),
      processes: processesOf(sandbox.process.pid ?? 0),
    };
    expect(texts.trail).toContain("CreateSession");
    // A caller's certificate is public and stands there whole; its dates are in the base64 of a token too.
    texts.trail = texts.trail.replace(/"cert":"[\w+/=]+"/g, '"cert":""');
    for (const [where, text] of Object.entries(texts))
      expect(
        text.split("\n").flatMap((line) => leaks(line, secrets)),
        where,
      ).toEqual([]);
  } finally {
    await sandbox.stop();
  }
});

/** get-token's arguments in the sandbox's kubeconfig. */
function entryOf(kubeconfig: string): string[] {
  const text = readFileSync(kubeconfig, "utf8");
  const [, list = ""] = /args:\n((?:\s+- .*\n)+)/.exec(text) ?? [];
  return [...list.matchAll(/- (.*)/g)].map(([, word = ""]) => word.replace(/^["']|["']$/g, ""));
}

function secretsIn(token: string): Secret[] {
  const payload = token.slice("k8s-aws-v1.".length);
  const { searchParams } = new URL(Buffer.from(payload, "base64url").toString());
  return [
    { name: "the token", text: payload },
    { name: "the session token", text: searchParams.get("X-Amz-Security-Token") ?? "" },
    { name: "the signature", text: searchParams.get("X-Amz-Signature") ?? "" },
  ];
}

/** To AWS: in path, query, headers and body. The answers do not matter. */
async function repeatEverywhere(env: Record<string, string>, secrets: readonly Secret[]): Promise<void> {
  const endpoint = env["AWS_ENDPOINT_URL"] ?? env["AWS_ENDPOINT_URL_STS"] ?? "";
  const ca = readFileSync(env["AWS_CA_BUNDLE"] ?? "");
  await Promise.all(
    spellings.flatMap(([, spell], index) => {
      const text = spell(secrets[index % secrets.length]?.text ?? "").slice(0, 4000);
      const plain = encodeURIComponent(text);
      const header = text.replace(/[^!-~]/g, " ").trim();
      const paths = [`/${plain}`, `/clusters/${plain}`, `/sessions?profileArn=${plain}`, `/?Action=${plain}`];
      // Each spelling in another path in the ordinary run, and in all of them in the complete one.
      const taken = isThorough ? paths : paths.slice(index % paths.length).slice(0, 1);
      return taken.map(async (path) => {
        const headers = {
          "user-agent": header,
          "x-amz-user-agent": header,
          authorization: `Bearer ${header}`,
        };
        const sent = request(`${endpoint}${path}`, { method: index % 2 ? "POST" : "GET", ca, headers });
        sent.end(JSON.stringify({ roleArn: text, profileArn: text, trustAnchorArn: text }));
        sent.on("response", (response) => response.resume());
        // The server may hang up on a request that is too long.
        sent.on("error", () => undefined);
        await new Promise((resolve) => sent.on("close", resolve));
      });
    }),
  );
}

/** What every user of the machine can read of a process and its children, where it may. */
function processesOf(parent: number): string {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all
    .filter((pid) => pid === String(parent) || read(pid, "stat").includes(`) S ${parent} `))
    .map((pid) => read(pid, "cmdline") + read(pid, "environ"))
    .join("\n");
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
