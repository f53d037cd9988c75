// Other programs for the same purpose. For those of the table below, the path is enough: their arguments are written here.
//   npm run bench -- /path/to/aws_signing_helper
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { openProvider } from "./oidc.js";

const start = promisify(execFile);

/** The rows of each program: `(path, world) => subjects`. Caches of its own are warm before a row is measured. */
const peers = {
  aws_signing_helper: signingHelper,
  kubelogin,
  "aws-iam-authenticator": authenticator,
  aws: awsCli,
};

/**
 * @param world `env` and `flags` of the plugin's entry in the kubeconfig; `token`, the key on SoftHSM, or undefined; `helper`, the path
 *   of an aws_signing_helper that is on the command line too, or undefined
 * @returns undefined for a program that is not in the table
 */
export function peerSubjects(text, world) {
  const name = basename(text);
  return Object.hasOwn(peers, name) ? peers[name](text, world) : undefined;
}

/** It has no cache: each run is one CreateSession. */
function signingHelper(path, world) {
  const row = (what, key, added = {}, env = {}) => ({
    name: `aws_signing_helper, ${what}`,
    key,
    command: () => helperCommand(path, world, added),
    env: { ...helperEnvironment(world), ...env },
  });
  const { token } = world;
  const onToken = token && { "private-key": token.uri, "pkcs11-lib": token.module };
  return [
    row("key file", "helper"),
    ...(token ? [row("key on SoftHSM", "helper on token", onToken, token.env)] : []),
  ];
}

function helperCommand(path, { env, flags }, added) {
  const { certificate, "private-key": file, region } = flags;
  const arns = ["trust-anchor-arn", "profile-arn", "role-arn"].map((name) => [name, flags[name]]);
  const options = {
    ...{ certificate, "private-key": file, intermediates: certificate, region, ...Object.fromEntries(arns) },
    endpoint: env.AWS_ENDPOINT_URL_ROLESANYWHERE,
    ...added,
  };
  return [
    path,
    "credential-process",
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
  ];
}

/** Go reads the CAs that it trusts from SSL_CERT_FILE. */
function helperEnvironment({ env }) {
  return { ...env, SSL_CERT_FILE: env.AWS_CA_BUNDLE, SSL_CERT_DIR: "/nonexistent" };
}

/** A token of OpenID Connect from its cache on disk. The provider is there only for the run that fills it. */
async function kubelogin(path, { env }) {
  const { issuer, close } = await openProvider();
  const cache = join(temporary(), "cache");
  const options = {
    ...{ "oidc-issuer-url": issuer, "oidc-client-id": "bench", "token-cache-dir": cache },
    ...{ "grant-type": "password", username: "alice", password: "example" },
  };
  const words = ["get-token", ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
  try {
    await start(path, words, { env });
  } finally {
    close();
  }
  return [{ name: "kubelogin, cached token", key: "kubelogin", command: () => [path, ...words], env }];
}

/** A new token each time. With --cache, the credentials of the signing helper are those of the first run. */
async function authenticator(path, world) {
  if (world.helper === undefined) return leftOut("aws-iam-authenticator");
  const folder = temporary();
  const env = {
    ...profile(world, folder),
    AWS_IAM_AUTHENTICATOR_CACHE_FILE: join(folder, "credentials.yaml"),
  };
  const words = ["token", "-i", "demo", "--region", world.flags.region];
  await start(path, [...words, "--cache"], { env });
  return [
    { name: "aws-iam-authenticator --cache", command: () => [path, ...words, "--cache"], env },
    { name: "aws-iam-authenticator with helper", key: "authenticator", command: () => [path, ...words], env },
  ];
}

function awsCli(path, world) {
  if (world.helper === undefined) return leftOut("aws");
  const words = ["--region", world.flags.region, "eks", "get-token", "--cluster-name", "demo"];
  const env = profile(world, temporary());
  return [{ name: "aws eks get-token with helper", key: "aws", command: () => [path, ...words], env }];
}

function leftOut(name) {
  console.log(`  ${name} needs an aws_signing_helper on the command line: left out.`);
  return [];
}

/** AWS's recipe: a profile whose credentials come from aws_signing_helper. */
function profile(world, folder) {
  const file = join(folder, "config");
  const command = helperCommand(world.helper, world, {}).join(" ");
  writeFileSync(file, `[default]\nregion = ${world.flags.region}\ncredential_process = ${command}\n`);
  const none = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
  };
  return { ...helperEnvironment(world), ...none, AWS_CONFIG_FILE: file, AWS_PROFILE: "default" };
}

const folders = [];

function temporary() {
  folders.push(mkdtempSync(join(tmpdir(), "eks-x509-bench-")));
  return folders.at(-1);
}

/** The folders of all peers: caches and configurations. */
export function foldersOfPeers() {
  return folders;
}
