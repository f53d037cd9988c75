/**
 * Runs inside the sandbox: writes the kubeconfigs with update-kubeconfig, as a user does, then runs each client with each of the two
 * that it supports. Takes the clients' commands as JSON in its first argument; prints a line of JSON for each row of the table.
 */
import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import { forms } from "./clients.js";
import { takeSteps } from "./kubectl.js";
import { run } from "./processes.js";

const temporary = mkdtempSync(join(tmpdir(), "eks-x509-clients-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));

const sandbox = parse(readFileSync(process.env["KUBECONFIG"], "utf8"));
const { command: program, args } = sandbox.users[0].user.exec;
const { server, "certificate-authority-data": ca } = sandbox.clusters[0].cluster;
const side = await sideOf(server, Buffer.from(ca, "base64"));
const kubeconfigs = {
  [forms.clusterInformation]: await kubeconfig("with-cluster-information", []),
  [forms.args]: await kubeconfig("with-args", ["--inline-args"]),
};

const runs = JSON.parse(process.argv[2]).flatMap((client) => client.forms.map((form) => ({ client, form })));
const lanes = Array.from({ length: Math.min(2, availableParallelism()) }, lane);
await Promise.all(lanes);

async function lane() {
  for (let next = runs.shift(); next; next = runs.shift()) console.log(JSON.stringify(await row(next)));
}

/** `embedded`, or the version of a real kube-apiserver. */
async function sideOf(url, certificateAuthority) {
  const text = await new Promise((resolve, reject) => {
    get(`${url}/version`, { ca: certificateAuthority }, (response) => {
      response.setEncoding("utf8");
      let body = "";
      response.on("data", (chunk) => (body += chunk)).on("end", () => resolve(body));
    }).on("error", reject);
  });
  const { gitVersion } = JSON.parse(text);
  return gitVersion.includes("sandbox") ? "embedded" : `kube-apiserver ${gitVersion}`;
}

async function kubeconfig(name, flags) {
  const file = join(temporary, name);
  const identity = args.filter((arg) => /^--(region|certificate|private-key|[\w-]+-arn)=/.test(arg));
  const all = ["update-kubeconfig", "--name=demo", `--kubeconfig=${file}`, ...identity, ...flags];
  const { code, stderr } = await run(program, all, { env: process.env });
  if (code !== 0) throw new Error(`update-kubeconfig ended with ${code}: ${stderr}`);
  return file;
}

async function row({ client, form }) {
  const env = environment(kubeconfigs[form]);
  const about = { name: client.name, side, form };
  try {
    const lines = client.path
      ? await takeSteps(client.path, ["list", "create"], env)
      : await linesOf(client, env);
    const [{ client: version }, list, create] = lines;
    return { ...about, client: version, list, create };
  } catch (error) {
    return { ...about, failed: error.message };
  }
}

async function linesOf({ command: [file, ...given] }, env) {
  const { code, stdout, stderr } = await run(file, given, { env });
  const lines = stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  if (lines.length === 3) return lines;
  throw new Error(`ended with ${code}: ${stderr.trim().split("\n").slice(-4).join("\n")}`);
}

/** Nothing of the user's own; eks-x509 on PATH, where the kubeconfigs look for it. */
function environment(file) {
  const home = mkdtempSync(join(temporary, "home-"));
  return {
    ...process.env,
    PATH: [dirname(program), process.env["PATH"]].join(delimiter),
    HOME: home,
    XDG_RUNTIME_DIR: home,
    TMPDIR: home,
    KUBECONFIG: file,
  };
}
