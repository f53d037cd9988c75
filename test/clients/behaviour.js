/**
 * What clients do with an exec plugin beyond the first request: how often they run it, what they hand to it, what a failure looks
 * like. A stand-in for the API server counts tokens, a stand-in for the plugin counts its runs.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { sourceOf } from "./clients.js";
import { run } from "./processes.js";

const three = ["list", "list", "list"];

/**
 * plugin: how the stand-in answers. refused: tokens that the server answers with 401. delay: milliseconds that it takes for each
 * answer. exec: changes to the kubeconfig's entry. terminal: the client is run at one. env: for the client.
 */
export const scenarios = {
  "expires in an hour": { steps: three },
  "expires in two minutes": { plugin: { lifetime: 120 }, steps: three },
  "expires between two requests": { plugin: { lifetime: 1 }, steps: three, delay: 2100 },
  "has expired": { plugin: { lifetime: -60 }, steps: three },
  "names no expiry": { plugin: {}, steps: three },
  "refreshed by the clock (client-java)": { steps: three, delay: 2100, env: { REFRESH_SECONDS: "1" } },
  "first token refused": { steps: three, refused: ["t1"] },
  "every token refused": { steps: three, refused: ["t1", "t2", "t3", "t4", "t5", "t6"] },
  "plugin fails": { plugin: { exitCode: 5, says: "eks-x509: aws: refused (CODE)" } },
  "plugin succeeds and writes to stderr": { plugin: { lifetime: 3600, says: "a warning" } },
  "plugin is missing": { exec: { command: "eks-x509-missing" } },
  "args: a dollar, a semicolon": { exec: { args: ["$HOME;x"] } },
  "args: a space, an ampersand": { exec: { args: ["a b&c"] } },
  v1beta1: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1" } },
  "no interactiveMode": { exec: { interactiveMode: undefined } },
  "terminal, interactiveMode Never": { terminal: true },
  "terminal, interactiveMode IfAvailable": { terminal: true, exec: { interactiveMode: "IfAvailable" } },
  "command relative to the kubeconfig": { exec: { command: "./bin/plugin" } },
  "CA in a file beside the kubeconfig": { caFile: true },
  "another CA": { anotherCa: true },
};

/** @returns for each scenario {scenario, runs: facts of each run of the plugin, tokens: of each request, outcomes: of each step, stderr} */
export async function observe(client) {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-behaviour-"));
  try {
    const identity = certificate(folder, "server");
    const other = certificate(folder, "other");
    const seen = [];
    for (const [name, scenario] of Object.entries(scenarios)) seen.push(await one(name, scenario));
    return seen;

    async function one(name, scenario) {
      const server = await standin(identity, scenario);
      const state = mkdtempSync(join(folder, "state-"));
      writeFileSync(join(state, "scenario"), JSON.stringify(scenario.plugin ?? { lifetime: 3600 }));
      const url = `https://127.0.0.1:${server.port}`;
      const ca = scenario.anotherCa ? other.cert : identity.cert;
      const KUBECONFIG = kubeconfig(state, url, ca, scenario);
      const env = { PATH: process.env["PATH"], HOME: state, KUBECONFIG, MARK: "inherited", ...scenario.env };
      const steps = scenario.steps ?? ["list"];
      const { stdout, stderr } = await started([...client.command, ...steps], scenario, { env, cwd: folder });
      server.close();
      const runs = join(state, "runs");
      return {
        scenario: name,
        runs: existsSync(runs) ? parsed(readFileSync(runs, "utf8")) : [],
        tokens: server.tokens,
        outcomes: scenario.terminal ? [] : parsed(stdout).slice(1),
        stderr: stderr.trim(),
      };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function started([file, ...args], { terminal }, options) {
  if (!terminal) return run(file, args, options);
  const quoted = [file, ...args].map((word) => `'${word}'`).join(" ");
  return run("script", ["--quiet", "--return", "--command", quoted, "/dev/null"], options);
}

function parsed(lines) {
  return lines
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function certificate(folder, name) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
  ];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", [...request, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function standin({ key, cert }, { refused = [], delay = 0 }) {
  const tokens = [];
  const server = createServer({ key, cert }, (request, response) => {
    const token = (request.headers.authorization ?? "none").replace("Bearer ", "");
    tokens.push(token);
    const code = token === "none" ? 403 : refused.includes(token) ? 401 : 200;
    response.writeHead(code, { "content-type": "application/json" });
    setTimeout(() => response.end(JSON.stringify(answer(code))), delay);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { tokens, close, port: server.address().port };
}

function answer(code) {
  const reason = { 401: "Unauthorized", 403: "Forbidden" }[code];
  if (reason)
    return {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      code,
      reason,
      message: reason,
      metadata: {},
    };
  const items = [{ metadata: { name: "default" } }];
  return { kind: "NamespaceList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items };
}

function kubeconfig(state, server, ca, { exec, caFile }) {
  mkdirSync(join(state, "bin"));
  const plugin = `#!/bin/sh\nexec '${process.execPath}' '${sourceOf("standin-plugin.js")}' "$@"\n`;
  writeFileSync(join(state, "bin", "plugin"), plugin, { mode: 0o755 });
  writeFileSync(join(state, "ca.pem"), ca);
  const trusted = caFile
    ? { "certificate-authority": "ca.pem" }
    : { "certificate-authority-data": ca.toString("base64") };
  const extension = { name: "client.authentication.k8s.io/exec", extension: { "cluster-name": "demo" } };
  const entry = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: join(state, "bin", "plugin"),
    args: ["get-token"],
    env: [{ name: "STATE", value: state }],
    interactiveMode: "Never",
    provideClusterInfo: true,
    installHint: "this is the hint",
    ...exec,
  };
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server, ...trusted, extensions: [extension] } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { exec: entry } }],
  });
  writeFileSync(join(state, "kubeconfig"), text);
  return join(state, "kubeconfig");
}

/** A line for each scenario: how often the plugin was run, the token of each request, what the client told. */
export function summary(seen) {
  const lines = seen.map(({ scenario, runs, tokens, outcomes, stderr }) => {
    const requests = tokens.length > 0 ? tokens.join(" ") : "no request";
    const told = outcomes
      .map(({ code, message }) => (code > 0 ? code : `no answer (${oneLine(message)})`))
      .join(" ");
    const facts = `${runs.length} ${runs.length === 1 ? "run" : "runs"}; ${requests}; ${told}`;
    return `  ${scenario.padEnd(38)} ${facts}${stderr ? `; stderr: ${oneLine(stderr)}` : ""}${handed(runs[0])}`;
  });
  return lines.join("\n");
}

function handed(run) {
  if (!run) return "";
  const { args, info, inherits, stdin } = run;
  const cluster = info?.spec.cluster ? `, cluster ${Object.keys(info.spec.cluster).join(" ")}` : "";
  const exec = info
    ? `${info.apiVersion.split("/").at(-1)}, interactive ${info.spec.interactive}${cluster}`
    : "none";
  return `\n    args ${JSON.stringify(args)}; KUBERNETES_EXEC_INFO ${exec}; stdin ${stdin}; environment ${inherits ? "inherited" : "not inherited"}`;
}

function oneLine(text) {
  return text.trim().replaceAll(/\s+/g, " ").slice(0, 160);
}
