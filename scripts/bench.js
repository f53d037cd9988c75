// Time and peak memory of get-token, as ratios, side by side in one run: machines differ, ratios much less.
// Starts itself again inside the sandbox, so that Roles Anywhere answers on loopback, over TLS.
//   npm run bench [-- 'another program --with args' …]
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { load } from "js-yaml";

const rounds = Number(process.env.BENCH_ROUNDS ?? 25);
const program = new URL("../bin/eks-x509", import.meta.url).pathname;

if (process.env.BENCH_INSIDE === undefined) {
  const inside = [program, "sandbox", "--", process.execPath, import.meta.filename, ...process.argv.slice(2)];
  execFileSync(process.execPath, inside, { stdio: "inherit", env: { ...process.env, BENCH_INSIDE: "1" } });
} else {
  await compare("As this environment is", process.env);
  if (process.env.NODE_EXTRA_CA_CERTS) {
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    await compare("Without NODE_EXTRA_CA_CERTS, which makes even an empty Node program read all CAs", env);
  }
}

async function compare(title, env) {
  const subjects = [
    { name: "node -e 0", command: [process.execPath, "-e", "0"], env },
    { name: "eks-x509 get-token, uncached", ...pluginEntry(env) },
    ...awsCli(env),
    ...process.argv.slice(2).map((text) => ({ name: text, command: ["/bin/sh", "-c", `exec ${text}`], env })),
  ];
  const times = subjects.map(() => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const { milliseconds } = await measure(subject, false);
      if (round >= 0) times[index].push(milliseconds);
    }
  }
  const memory = [];
  for (const subject of subjects) memory.push((await measure(subject, true)).kibibytes);
  print(title, subjects, times.map(median), memory);
}

/** The users.exec entry that kubectl would run. */
function pluginEntry(env) {
  const { users } = load(readFileSync(process.env.KUBECONFIG, "utf8"));
  const { command, args, env: added } = users[0].user.exec;
  return { command: [process.execPath, command, ...args], env: { ...env, ...Object.fromEntries(added.map(({ name, value }) => [name, value])) } };
}

/** AWS's recipe less its CreateSession, which aws_signing_helper makes anew each time: what is measured here flatters it. */
function awsCli(env) {
  try {
    execFileSync("aws", ["--version"], { stdio: "ignore" });
  } catch {
    console.log("aws-cli is not on PATH: left out.");
    return [];
  }
  const keys = { AWS_ACCESS_KEY_ID: "ASIAQNZGKIQY56JQ7WML", AWS_SECRET_ACCESS_KEY: "example", AWS_SESSION_TOKEN: "example" };
  return [{ name: "aws eks get-token, keys given", command: ["aws", "--region", "us-west-2", "eks", "get-token", "--cluster-name", "demo"], env: { ...env, ...keys } }];
}

function measure({ name, command: [file, ...args], env }, withMemory) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    let kibibytes = 0;
    const timer = withMemory ? setInterval(() => (kibibytes = peak(child.pid) ?? kibibytes), 1) : undefined;
    child.on("error", reject);
    child.on("exit", (code) => {
      clearInterval(timer);
      if (code === 0) resolve({ milliseconds: performance.now() - start, kibibytes });
      else reject(new Error(`${name} ended with ${code}`));
    });
  });
}

/** The high-water mark of the resident set, which the kernel keeps: Linux only. */
function peak(pid) {
  try {
    const mark = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return mark && Number(mark);
  } catch {
    return undefined;
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(title, subjects, times, memory) {
  console.log(`\n${title} (Node ${process.version}, medians of ${rounds} rounds, ratios to the first line)`);
  for (const [index, { name }] of subjects.entries()) {
    const time = `${times[index].toFixed(0).padStart(5)} ms ${(times[index] / times[0]).toFixed(2).padStart(6)} x`;
    const space = memory[0] ? `${(memory[index] / 1024).toFixed(0).padStart(6)} MiB ${(memory[index] / memory[0]).toFixed(2).padStart(6)} x` : "";
    console.log(`  ${name.padEnd(32)}${time}${space}`);
  }
}
