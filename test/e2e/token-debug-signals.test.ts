/** A signal ends `token debug`, whatever large input it reads, judges or cleans at that moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../certificates.ts";
import { httpsServer, serverCertificate } from "../http/servers.ts";
import { install, type Installation } from "./plugin.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Just below 1 MiB, which is the most that is read. */
const large = 1_040_000;

let installation: Installation;
let folder: string;

beforeAll(() => {
  installation = install();
  folder = mkdtempSync(join(tmpdir(), "eks-x509-signals-"));
});

afterAll(() => {
  installation.remove();
  rmSync(folder, { recursive: true });
});

function kubeconfig(server: string, more: object = {}): string {
  const credential = {
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    status: { token: "ya29.opaque" },
  };
  const exec = {
    apiVersion: credential.apiVersion,
    command: "/bin/sh",
    args: ["-c", `echo '${JSON.stringify(credential)}'`],
    interactiveMode: "Never",
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { exec } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
    ...more,
  });
}

function started(text: string, ...args: string[]) {
  const file = join(mkdtempSync(join(folder, "run-")), "kubeconfig");
  writeFileSync(file, text);
  const child = spawn(installation.program, ["token", "debug", "--kubeconfig", file, ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env["PATH"], HOME: folder },
  });
  child.stdin.on("error", () => undefined);
  return { child, ended: once(child, "exit") };
}

const words = "because ".repeat(large / 8);
const names = Array.from({ length: 900 }, (_, index) => `${index}-`.repeat(300).slice(0, 1000));

/** What an API server answers to the two reviews, and to the question for aws-auth. */
const answers: Readonly<Record<string, object>> = {
  "a user with large groups": {
    kind: "SelfSubjectReview",
    status: { userInfo: { username: "u", groups: names } },
  },
  "a refusal with a large reason": { kind: "Status", message: words },
};

describe.each(Object.entries(answers))("just after %s", (_name, answer) => {
  it.each(signals)("%s", async (signal) => {
    const pids: number[] = [];
    const listener: RequestListener = ({ url, method }, response) => {
      response.setHeader("content-type", "application/json");
      if (url === "/version") response.end('{"gitVersion":"v1.34.4"}');
      else {
        response.statusCode = method === "POST" && "status" in answer ? 201 : 403;
        response.end(JSON.stringify(answer), () => {
          for (const pid of pids) process.kill(pid, signal);
        });
      }
    };
    const { origin } = await httpsServer(listener, serverCertificate("127.0.0.1", root("Cluster CA")));
    const { child, ended } = started(kubeconfig(origin));
    if (child.pid !== undefined) pids.push(child.pid);
    expect(await ended).toEqual([null, signal]);
  });
});

describe("while it reads a large kubeconfig", () => {
  const keys = Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`key${index}`, ""]));

  it.each([100, 300, 600])("after %i ms", async (delay) => {
    const { child, ended } = started(kubeconfig("https://127.0.0.1:1", keys));
    setTimeout(() => child.kill("SIGTERM"), delay);
    expect(await ended).toEqual([null, "SIGTERM"]);
  });
});

describe("with a token on stdin that does not end", () => {
  it.each(signals)("%s", async (signal) => {
    const { child, ended } = started(kubeconfig("https://127.0.0.1:1"), "-");
    child.stdin.write("A".repeat(large), () => child.kill(signal));
    expect(await ended).toEqual([null, signal]);
  });
});
