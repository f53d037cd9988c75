#!/usr/bin/env node
// Load on `serve` from another process: requests a second, latencies, processor time, and the memory of the server over time. A further program with the
// command line of `aws_signing_helper serve` is measured after it, in the same way.
//
//   npm run -s build && node scripts/serve-load.js [--seconds 60] [--connections 64] [--each] [--path container] [PROGRAM]
//
// --each opens a connection for each request, as SDKs do. Both servers get their session from a sandbox.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    connections: { type: "string", default: "64" },
    each: { type: "boolean", default: false },
    path: { type: "string", default: "metadata" },
    // How the script starts itself: in a sandbox, and as the client.
    inside: { type: "boolean", default: false },
    request: { type: "string" },
    port: { type: "string" },
  },
});
const self = fileURLToPath(import.meta.url);
/** EKS_X509_PROGRAM is another build of ours, such as the executable. */
const ownProgram = process.env.EKS_X509_PROGRAM
  ? [process.env.EKS_X509_PROGRAM]
  : [process.execPath, join(self, "..", "..", "bin", "eks-x509")];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (values.request !== undefined) console.log(JSON.stringify(await load()));
else if (values.inside) await compare();
else {
  const [file, ...script] = ownProgram;
  const args = [...script, "sandbox", "--", process.execPath, self, "--inside", ...process.argv.slice(2)];
  const [code] = await once(spawn(file, args, { stdio: "inherit" }), "exit");
  process.exitCode = code;
}

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), "serve-load-"));
  try {
    const results = [await measure("eks-x509 serve", ownServer(folder))];
    for (const peer of positionals)
      results.push(await measure(`${peer} serve`, await peerServer(peer, folder)));
    print(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The identity of the sandbox's user, from its kubeconfig. */
function identity() {
  const text = readFileSync(process.env.KUBECONFIG, "utf8");
  const names = ["certificate", "private-key", "trust-anchor-arn", "profile-arn", "role-arn"];
  return names.map((name) => [`--${name}`, new RegExp(`--${name}=(\\S+)`).exec(text)[1]]).flat();
}

function ownServer(folder) {
  const tokenFile = join(folder, "token");
  const args = ["serve", "--port=0", `--token-file=${tokenFile}`, ...identity()];
  const [file, ...script] = ownProgram;
  const child = spawn(file, [...script, ...args], { stdio: ["ignore", "inherit", "pipe"] });
  const listening = new Promise((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
      const [, port] = /listening: http:\/\/127\.0\.0\.1:(\d+)/.exec(log) ?? [];
      if (port) resolve(Number(port));
    });
    child.on("exit", () => reject(new Error(log)));
  });
  return { child, port: listening, tokenFile };
}

/** aws_signing_helper sends the first certificate of a file alone. */
function separated(folder) {
  const flags = identity();
  const [leaf, ...issuers] = readFileSync(flags[1], "utf8").match(
    /-----BEGIN[^]*?-----END CERTIFICATE-----\n/g,
  );
  writeFileSync(join(folder, "leaf.pem"), leaf);
  writeFileSync(join(folder, "issuers.pem"), issuers.join(""));
  return [...flags.with(1, join(folder, "leaf.pem")), "--intermediates", join(folder, "issuers.pem")];
}

async function peerServer(peer, folder) {
  const port = await freePort();
  const args = [
    "serve",
    "--port",
    String(port),
    "--endpoint",
    process.env.AWS_ENDPOINT_URL_ROLESANYWHERE,
    ...separated(folder),
  ];
  const env = { ...process.env, SSL_CERT_FILE: process.env.AWS_CA_BUNDLE };
  const child = spawn(peer, args, { stdio: ["ignore", "ignore", "ignore"], env });
  return { child, port: Promise.resolve(port) };
}

async function freePort() {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function measure(name, { child, port: listening, tokenFile }) {
  const port = await listening;
  try {
    const request = await requestFor(port, tokenFile);
    const args = [self, "--request", request, "--port", String(port), ...process.argv.slice(2)];
    const client = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    client.stdout.on("data", (chunk) => (text += chunk));
    const samples = [];
    const cpuBefore = cpuOf(child.pid);
    const timer = setInterval(() => samples.push(memoryOf(child.pid)), 250);
    await once(client, "close");
    clearInterval(timer);
    return { name, ...JSON.parse(text), samples, cpu: cpuOf(child.pid) - cpuBefore };
  } finally {
    child.kill();
  }
}

/** The request for the credentials, which the client repeats. Without its last line. */
async function requestFor(port, tokenFile) {
  if (values.path === "container" && tokenFile)
    return request("GET", "/v1/credentials", `Authorization: ${readFileSync(tokenFile, "utf8")}`);
  const list = "/latest/meta-data/iam/security-credentials/";
  for (;;) {
    const token = await bodyOf(port, request("PUT", "/latest/api/token", "Content-Length: 0"));
    const header = `x-aws-ec2-metadata-token: ${token}`;
    const role = token && (await bodyOf(port, request("GET", list, header)));
    // aws_signing_helper listens before it has a session.
    if (role) return request("GET", list + role, header);
    await pause(100);
  }
}

function request(method, path, header) {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n`;
}

/** Undefined while nothing listens. */
async function bodyOf(port, lines) {
  try {
    const connection = await connected(port);
    const answer = await connection.ask(`${lines}\r\n`);
    connection.close();
    return answer.slice(answer.indexOf("\r\n\r\n") + 4);
  } catch {
    return undefined;
  }
}

/** Resident KiB. */
function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

/** Milliseconds of the processor. The kernel counts them in hundredths of a second. */
function cpuOf(pid) {
  const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
  return (Number(user) + Number(system)) * 10;
}

/** The client: each connection sends a request when the last one is answered. */
async function load() {
  const end = performance.now() + Number(values.seconds) * 1_000;
  const latencies = [];
  let failures = 0;
  const whole = `${values.request}${values.each ? "Connection: close\r\n" : ""}\r\n`;
  const one = async () => {
    let connection;
    while (performance.now() < end) {
      const start = performance.now();
      try {
        connection ??= await connected(Number(values.port));
        const answer = await connection.ask(whole);
        if (!answer.startsWith("HTTP/1.1 200") || !answer.includes("AccessKeyId")) failures += 1;
      } catch {
        failures += 1;
        connection = undefined;
      }
      if (values.each) connection = undefined;
      latencies.push(performance.now() - start);
    }
    connection?.close();
  };
  await Promise.all(Array.from({ length: Number(values.connections) }, one));
  latencies.sort((a, b) => a - b);
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
  return { requests: latencies.length, failures, p50: at(0.5), p99: at(0.99), longest: at(1) };
}

async function connected(port) {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let settle;
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    if (head >= 0 && length && text.length >= head + 4 + Number(length)) {
      settle?.resolve(text);
      text = "";
    }
  });
  socket.on("error", (error) => settle?.reject(error));
  socket.on("close", () => settle?.reject(new Error("closed")));
  await once(socket, "connect");
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function print(results) {
  const [first] = results;
  console.log(
    `${values.seconds} s, ${values.connections} connections, ${values.each ? "a request each" : "kept"}, ${values.path} credentials`,
  );
  for (const { name, requests, failures, p50, p99, longest, samples, cpu } of results) {
    const third = Math.floor(samples.length / 3);
    const mean = (from) =>
      samples.slice(from, from + third).reduce((sum, one) => sum + one, 0) / third / 1024;
    const [second, last] = [mean(third), mean(2 * third)];
    console.log(
      [
        name.split("/").at(-1),
        `${Math.round(requests / Number(values.seconds))} requests/s (${(requests / first.requests).toFixed(2)} of the first)`,
        `failed ${failures}`,
        `${((cpu / requests) * 1000).toFixed(0)} µs of the processor for each`,
        `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, longest ${longest.toFixed(1)} ms`,
        `memory, second third ${second.toFixed(1)} MiB, last third ${last.toFixed(1)} MiB (${((last / second - 1) * 100).toFixed(1)} %)`,
      ].join("\n  "),
    );
    if (name === first.name && last > second * 1.1) {
      console.error("the memory grows");
      process.exitCode = 1;
    }
    if (failures > 0) process.exitCode = 1;
  }
}
