/**
 * Inside the sandbox: runs each client in each way, and prints a row of JSON for each.
 * Usage: inside.js '[{"name": …, "command": […]}, …]'
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { run } from "../clients/processes.js";
import { ways } from "./ways.js";

const clients = JSON.parse(process.argv[2]);
const { command: program, args } = load(readFileSync(process.env["KUBECONFIG"], "utf8")).users[0].user.exec;
const identity = args.filter((arg) => !/^(get-token$|--(cluster-name|region)=)/.test(arg));
const role = /--role-arn=.*\/([^/]+)$/.exec(identity.find((arg) => arg.startsWith("--role-arn=")))[1];
const home = await mkdtemp(join(tmpdir(), "eks-x509-aws-"));
const env = {
  ...withoutAwsSettings(process.env),
  ...{ HOME: home, AWS_REGION: "us-west-2", AWS_DEFAULT_REGION: "us-west-2", EKS_X509_CONFIG: "" },
  // The JavaScript SDK does not read AWS_CA_BUNDLE.
  NODE_EXTRA_CA_CERTS: process.env["AWS_CA_BUNDLE"],
};

try {
  for (const [way, open] of Object.entries(ways)) await inWay(way, open);
} finally {
  await rm(home, { recursive: true, force: true });
}

async function inWay(way, open) {
  const own = await mkdtemp(join(home, "way-"));
  const opened = await open({ program, identity, home: own, env }).catch((error) => ({
    failed: error.message,
  }));
  for (const { name, command } of clients) {
    if (opened.failed) print({ name, way, failed: opened.failed });
    else print({ name, way, ...(await asked(command, { ...env, ...opened.env })) });
  }
  await opened.close?.();
}

async function asked([file, ...args], env) {
  const { code, stdout, stderr } = await run(file, args, { env });
  if (code !== 0) return { failed: stderr.trim().slice(0, 1200) || `ended with ${code}` };
  const answer = JSON.parse(stdout);
  const isRole = answer.arn.includes(`:assumed-role/${role}/`);
  return { ...answer, ...(isRole ? {} : { failed: `another identity: ${answer.arn}` }) };
}

/** None of the user's own credentials: only what the sandbox sets. */
function withoutAwsSettings(env) {
  const kept = /^AWS_(ENDPOINT_URL_\w+|CA_BUNDLE)$/;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("AWS_") || kept.test(name)),
  );
}

function print(row) {
  console.log(JSON.stringify(row));
}
