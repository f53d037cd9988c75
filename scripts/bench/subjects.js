// What is measured: programs with their arguments and environments.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { dump, load } from "js-yaml";
import { forgetSince, hasKeyring, keyIds } from "./keyring.js";
import { median, run } from "./measure.js";
import { peerSubjects } from "./peers.js";
import { openToken } from "./softhsm.js";

const empty = (env) => ({
  name: "node -e 0",
  key: "node",
  command: () => [process.execPath, "-e", "0"],
  env,
});
const nothing = (env) => ({ name: "/bin/true", command: () => ["/bin/true"], env });
const builtHere = fileURLToPath(new URL("../../out/executable/eks-x509", import.meta.url));
const isOurs = (path) => basename(path) === "eks-x509";

/**
 * @param others programs of the command line: executables of ours, programs of the table of peers, or commands for a shell
 * @param world `token`, the key on SoftHSM, or undefined
 */
export async function subjects(env, others, { token }) {
  const plugin = pluginEntry(env);
  const helper = others.find((path) => basename(path) === "aws_signing_helper");
  const world = { env: plugin.env, flags: flagsOf(plugin), token, helper };
  // What is cached later is forgotten after each session hit.
  const onToken = token ? withToken(plugin, token) : [];
  const rows = [empty(env), nothing(env), ...ours(plugin, "eks-x509")];
  for (const path of executables(others)) rows.push(...ours(ofExecutable(plugin, path), "executable"));
  rows.push(...onToken);
  if (!others.some((path) => basename(path) === "aws")) rows.push(...awsCli(env));
  for (const text of others.filter((path) => !isOurs(path)))
    rows.push(...((await peerSubjects(text, world)) ?? [shellCommand(text, env)]));
  return rows;
}

/** Those of the command line, or the one that this checkout has built. */
function executables(others) {
  const named = others.filter(isOurs);
  return named.length > 0 || !existsSync(builtHere) ? named : [builtHere];
}

/** The plugin's entry with the executable in place of Node and the script. */
function ofExecutable(plugin, path) {
  return { ...plugin, command: () => [path, ...plugin.command().slice(2)] };
}

/** The rows of one build of eks-x509. */
function ours(plugin, name) {
  return [
    ...(hasKeyring() ? cached(plugin, name) : []),
    missOf(plugin, `${name}, miss`),
    ...forSdks(plugin, name),
  ];
}

/** The session that get-token has cached, and a new one for each run. */
function forSdks(plugin, name) {
  const subject = {
    ...plugin,
    command: () => plugin.command().map((word) => (word === "get-token" ? "credential-process" : word)),
  };
  const row = `${name}, credential-process`;
  return [
    ...(hasKeyring() ? [{ ...subject, name: `${row} hit`, key: `${row} hit` }] : []),
    missOf(subject, `${row} miss`),
  ];
}

function missOf(plugin, name) {
  return { ...plugin, name, key: name, command: () => [...plugin.command(), "--cache=none"] };
}

function shellCommand(text, env) {
  return { name: text, command: () => ["/bin/sh", "-c", `exec ${text}`], env };
}

/** The user's key on SoftHSM. Undefined where that is missing. */
export function tokenOfUser() {
  const token = openToken(flagsOf(pluginEntry(process.env))["private-key"]);
  if (!token)
    console.log("  softhsm2-util is not on PATH: left out are a hit and a miss with a key on a token.");
  return token;
}

function withToken(plugin, { uri, module, env }) {
  const key = [`--private-key=${uri}`, `--pkcs11-module=${module}`];
  const subject = { command: () => [...plugin.command(), ...key], env: { ...plugin.env, ...env } };
  if (hasKeyring()) prime(subject);
  return [
    ...(hasKeyring()
      ? [{ ...subject, name: "eks-x509, hit, key on SoftHSM", key: "token hit", after: forgetClients }]
      : []),
    { ...missOf(subject, "eks-x509, miss, key on SoftHSM"), key: "token miss" },
  ];
}

/** The flags of the entry, by their names. */
function flagsOf(plugin) {
  return Object.fromEntries(
    plugin.command().flatMap((word) => {
      const [, name, value] = /^--([a-z-]+)=(.*)$/.exec(word) ?? [];
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

function cached(plugin, name) {
  prime(plugin);
  const before = keyIds();
  let count = 0;
  return [
    { ...plugin, name: `${name}, hit`, key: `${name}, hit`, after: forgetClients },
    // The same client again: it can mean that the token was refused.
    { ...plugin, name: `${name}, asked again`, key: `${name}, asked again` },
    {
      ...plugin,
      name: `${name}, session hit`,
      key: `${name}, session hit`,
      // Another cluster each time: the session is there, its token is not.
      command: () => [...plugin.command(), `--cluster-name=cluster-${(count += 1)}`],
      after: () => {
        forgetSince(before);
        forgetClients();
      },
    },
  ];
}

/**
 * Every run has this process for its client, which gets nothing twice: without what is noted of it in the folder of the locks,
 * each is the first of a client's.
 */
function forgetClients() {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  const folder = runtime ? `${runtime}/eks-x509` : `${tmpdir()}/eks-x509-${process.geteuid()}`;
  for (const name of readdirSync(folder).filter((each) => each.startsWith("given-")))
    rmSync(join(folder, name), { force: true });
}

/** Run by a shell that stays, as a client of its own: where many run at once, and are compared with others that do so, too. */
function byClient({ command, ...subject }) {
  return { ...subject, command: () => ["/bin/sh", "-c", '"$@"; exit $?', "client", ...command()] };
}

/** The users.exec entry that kubectl would run. */
function pluginEntry(env) {
  const { command, args, env: added } = kubeconfig().users[0].user.exec;
  const variables = Object.fromEntries(added.map(({ name, value }) => [name, value]));
  return { command: () => [process.execPath, command, ...args], env: { ...env, ...variables } };
}

function kubeconfig() {
  return load(readFileSync(process.env.KUBECONFIG, "utf8"));
}

function prime({ command, env }) {
  const [file, ...args] = command();
  return JSON.parse(execFileSync(file, args, { env }).toString()).status.token;
}

/** AWS's recipe less its CreateSession, which aws_signing_helper makes anew each time: what is measured here flatters it. */
function awsCli(env) {
  if (!isThere("aws", "--version")) return [];
  const credentials = {
    AWS_ACCESS_KEY_ID: "ASIAQNZGKIQY56JQ7WML",
    AWS_SECRET_ACCESS_KEY: "example",
    AWS_SESSION_TOKEN: "example",
  };
  const command = ["aws", "--region", "us-west-2", "eks", "get-token", "--cluster-name", "demo"];
  const name = "aws eks get-token, keys given";
  return [{ name, key: "aws", command: () => command, env: { ...env, ...credentials } }];
}

/** kubectl with a token in its kubeconfig, then with the plugin. */
export function kubectlSubjects(env) {
  if (!hasKeyring() || !isThere("kubectl", "version", "--client")) return [];
  const kubectl = kubectlItself();
  const content = kubeconfig();
  content.users[0].user = { token: prime(pluginEntry(env)) };
  const file = join(dirname(process.env.KUBECONFIG), "static-token");
  writeFileSync(file, dump(content), { mode: 0o600 });
  const command = () => [kubectl, "get", "ns"];
  return [
    { name: "static token", command, env: { ...env, KUBECONFIG: file } },
    { name: "plugin", command, env },
  ];
}

/**
 * Google's package has a dispatcher named kubectl, which asks the cluster for its version first, and so runs the plugin once more; the
 * real ones, kubectl.1.33 and the like, lie beside it.
 */
function kubectlItself() {
  const dispatcher = realpathSync(execFileSync("which", ["kubectl"]).toString().trim());
  const versions = readdirSync(dirname(dispatcher)).filter((name) => /^kubectl\.\d+\.\d+$/.test(name));
  const newest = versions.toSorted((one, other) => Number(one.slice(10)) - Number(other.slice(10))).at(-1);
  return newest === undefined ? dispatcher : join(dirname(dispatcher), newest);
}

function isThere(...command) {
  if (spawnSync(command[0], command.slice(1), { stdio: "ignore" }).status === 0) return true;
  console.log(`  ${command[0]} is not on PATH: left out.`);
  return false;
}

const size = 100;

/** A hundred hits at once of each build, and as many empty programs. */
export async function waves(env, others) {
  const results = [];
  for (const { name, ...subject } of [empty(env), ...hitsOfBuilds(env, others)]) {
    const rate = (size * 1000) / (await wave({ name, ...subject, after: undefined }));
    results.push({ name, rate });
  }
  return { size, results };
}

/** One for each build; none without a keyring. */
export function hitsOfBuilds(env, others) {
  if (!hasKeyring()) return [];
  const plugin = pluginEntry(env);
  prime(plugin);
  const builds = executables(others).map((path) => ({
    ...ofExecutable(plugin, path),
    name: "executable, hit",
  }));
  return [{ ...plugin, name: "eks-x509, hit" }, ...builds].map((hit) => ({ ...hit, after: forgetClients }));
}

async function wave(subject) {
  const times = [];
  for (let count = 0; count < 3; count += 1) {
    const start = performance.now();
    await Promise.all(Array.from({ length: size }, () => run(byClient(subject))));
    times.push(performance.now() - start);
  }
  return median(times);
}
