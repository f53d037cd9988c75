// What is measured: programs with their arguments and environments.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dump, load } from "js-yaml";
import { forgetSince, hasKeyring, keyIds } from "./keyring.js";
import { median, run } from "./measure.js";
import { peerSubjects } from "./peers.js";
import { openToken } from "./softhsm.js";

const empty = (env) => ({ name: "node -e 0", command: () => [process.execPath, "-e", "0"], env });

/** @param others programs of the command line: of the table of peers, or commands for a shell */
export function subjects(env, others, token) {
  const plugin = pluginEntry(env);
  const world = { env: plugin.env, flags: flagsOf(plugin), token };
  // What is cached later is forgotten after each session hit.
  const onToken = token ? withToken(plugin, token) : [];
  return [
    empty(env),
    ...(hasKeyring() ? cached(plugin) : []),
    missOf(plugin, "eks-x509, miss"),
    ...onToken,
    ...awsCli(env),
    ...others.flatMap((text) => peerSubjects(text, world) ?? [shellCommand(text, env)]),
  ];
}

function missOf(plugin, name) {
  return { ...plugin, name, command: () => [...plugin.command(), "--cache=none"] };
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
    ...(hasKeyring() ? [{ ...subject, name: "eks-x509, hit, key on SoftHSM", after: forgetClients }] : []),
    missOf(subject, "eks-x509, miss, key on SoftHSM"),
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

function cached(plugin) {
  prime(plugin);
  const before = keyIds();
  let count = 0;
  return [
    { ...plugin, name: "eks-x509, hit", after: forgetClients },
    {
      ...plugin,
      name: "eks-x509, session hit",
      // Another cluster each time: the session is there, its token is not.
      command: () => [...plugin.command(), `--cluster-name=cluster-${(count += 1)}`],
      after: () => forgetSince(before),
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
  return [{ name: "aws eks get-token, keys given", command: () => command, env: { ...env, ...credentials } }];
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

/** Milliseconds for a hundred at once: empty programs, then hits. */
export async function waves(env) {
  const plugin = pluginEntry(env);
  if (hasKeyring()) prime(plugin);
  const of = async (subject) => {
    const times = [];
    for (let wave = 0; wave < 3; wave += 1) {
      const start = performance.now();
      await Promise.all(Array.from({ length: size }, () => run(byClient(subject))));
      times.push(performance.now() - start);
    }
    return median(times);
  };
  return { size, empty: await of(empty(env)), hits: hasKeyring() ? await of(plugin) : undefined };
}
