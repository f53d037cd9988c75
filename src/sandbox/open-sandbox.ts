/** A sandbox for a terminal: with a kubeconfig whose exec entry runs the plugin, an environment, and a folder for PATH. */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { dump } from "js-yaml";
import type { Environment, Signals } from "../foundation/ports.ts";
import { shownPath } from "../foundation/shown.ts";
import { sandboxUsage } from "./sandbox-error.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";

/** A user's own certificate and key. Absolute paths, `pkcs11:` URIs, or `ssh-agent:`. */
interface OwnFiles {
  certificate?: string | undefined;
  privateKey?: string | undefined;
  intermediatesFile?: string | undefined;
  /** Whether the plugin may have to ask for a password on the terminal. */
  mayAsk?: boolean | undefined;
}

/** A user's own files and ARNs, to rehearse them before AWS is changed. */
export type Rehearsal = OwnFiles & Partial<SandboxOptions>;

interface OpenSandboxOptions extends OwnFiles, SandboxOptions {
  program: string;
  /** EKS_X509_CACHE, if the user has set it. */
  cacheMode: string | undefined;
}

export interface OpenSandbox {
  /** Each has a context of its name. The current context is that of the first one. */
  clusters: Sandbox["clusters"];
  /** Whether each also has a context with the suffix `-admin`. */
  isAdministered: boolean;
  /** The variables with which kubectl, the plugin and AWS's own tools find the sandbox. */
  env: Readonly<Record<string, string>>;
  /** Runs COMMAND in an environment and in that of the sandbox, with the plugin on PATH. @returns its exit code */
  run: (command: readonly string[], env: Environment, signals: Signals) => Promise<number>;
  close: () => Promise<void>;
}

/** @throws {EksX509Error} for clusters whose contexts would have the same name; otherwise like `startSandbox` */
export async function openSandbox(options: OpenSandboxOptions): Promise<OpenSandbox> {
  checkContexts(options.clusterNames ?? []);
  const sandbox = await startSandbox(options);
  try {
    return { ...(await furnish(sandbox, options)), close: () => sandbox.close() };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

async function furnish(sandbox: Sandbox, options: OpenSandboxOptions): Promise<Omit<OpenSandbox, "close">> {
  const { folder, clusters, isAdministered } = sandbox;
  const ofAws = environment(sandbox);
  // The plugin must not read the user's settings, neither from a named file nor from the default one.
  const pluginEnv = { ...ofAws, EKS_X509_CONFIG: "", XDG_CONFIG_HOME: join(folder, "no-config") };
  const file = join(folder, "kubeconfig");
  await writeFile(file, await kubeconfig(sandbox, options, pluginEnv), { mode: 0o600 });
  // The sandbox's credentials are useless after it ends, so they stay out of the user's keychain by default.
  const ofAdministrator = sandbox.isEmpty ? administratorsEnvironment(sandbox) : {};
  const env = {
    KUBECONFIG: file,
    EKS_X509_CACHE: options.cacheMode ?? "none",
    ...ofAws,
    ...ofAdministrator,
  };
  const bin = await commandFolder(folder, options.program);
  return {
    clusters,
    isAdministered,
    env,
    run: (command, outer, signals) => {
      const PATH = [bin, outer["PATH"]].filter(Boolean).join(delimiter);
      const isForeign = (name: string) => sandbox.isEmpty && foreignToAdministrator.includes(name);
      const kept = Object.fromEntries(Object.entries(outer).filter(([name]) => !isForeign(name)));
      return runCommand(command, { ...kept, ...env, PATH }, signals);
    },
  };
}

/** YAML: the clusters, and a user for each role of each cluster. Its exec entry runs the plugin. */
async function kubeconfig(
  sandbox: Sandbox,
  options: OpenSandboxOptions,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const authority = (await readFile(sandbox.caFile)).toString("base64");
  const contexts = contextsOf(sandbox);
  return dump(
    {
      apiVersion: "v1",
      kind: "Config",
      "current-context": contexts[0]?.name ?? "",
      clusters: sandbox.clusters.map(({ clusterName: name, kubernetesEndpoint: server }) => ({
        name,
        cluster: { server, "certificate-authority-data": authority },
      })),
      contexts: contexts.map(({ name, clusterName }) => ({
        name,
        context: { cluster: clusterName, user: name },
      })),
      users: contexts.map((context) => ({
        name: context.name,
        user: {
          exec: sandbox.isEmpty
            ? creatorsEntry(context.clusterName, sandbox)
            : execEntry(context, sandbox, options, env),
        },
      })),
    },
    { lineWidth: -1 },
  );
}

function execEntry(
  { clusterName, roleArn }: ReturnType<typeof contextsOf>[number],
  sandbox: Sandbox,
  options: OpenSandboxOptions,
  env: Readonly<Record<string, string>>,
) {
  const { intermediatesFile } = options;
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: options.program,
    args: [
      "get-token",
      `--cluster-name=${clusterName}`,
      `--region=${sandbox.region}`,
      `--certificate=${options.certificate ?? sandbox.certificateFile}`,
      `--private-key=${options.privateKey ?? sandbox.privateKeyFile}`,
      ...(intermediatesFile === undefined ? [] : [`--intermediates=${intermediatesFile}`]),
      `--trust-anchor-arn=${sandbox.trustAnchorArn}`,
      `--profile-arn=${sandbox.profileArn}`,
      `--role-arn=${roleArn}`,
      ...(roleArn === sandbox.roleArns[0] ? secondRole(options) : []),
    ],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    interactiveMode: options.mayAsk === true ? "IfAvailable" : "Never",
  };
}

function secondRole({ assumeRoleArn, externalId }: OpenSandboxOptions): string[] {
  if (assumeRoleArn === undefined) return [];
  const ofTrustPolicy = externalId === undefined ? [] : [`--external-id=${externalId}`];
  return [`--assume-role-arn=${assumeRoleArn}`, ...ofTrustPolicy];
}

/** The creator of the clusters has keys of AWS, so AWS's own CLI makes its tokens. It signs a URL, which must name STS itself. */
function creatorsEntry(clusterName: string, sandbox: Sandbox) {
  const env = { ...administratorsEnvironment(sandbox), AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  return {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "aws",
    args: ["--region", sandbox.region, "eks", "get-token", "--cluster-name", clusterName, "--output", "json"],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    interactiveMode: "Never",
  };
}

/** The first one is the current context. */
function contextsOf({ clusters, roleArns, isAdministered, isEmpty }: Sandbox) {
  const [first, ...administrators] = roleArns;
  if (isEmpty) {
    return clusters.map(({ clusterName }) => ({
      name: adminContext(clusterName),
      clusterName,
      roleArn: "",
    }));
  }
  return clusters.flatMap(({ clusterName }) => [
    { name: clusterName, clusterName, roleArn: first },
    ...(isAdministered ? administrators : []).map((roleArn) => ({
      name: adminContext(clusterName),
      clusterName,
      roleArn,
    })),
  ]);
}

const adminContext = (clusterName: string): string => `${clusterName}-admin`;

function checkContexts(clusterNames: readonly string[]): void {
  const name = clusterNames.find((each) => clusterNames.includes(adminContext(each)));
  if (name === undefined) return;
  throw sandboxUsage(
    "SANDBOX_CONTEXT_SHARED",
    `the clusters ${name} and ${adminContext(name)} would both use the context ${adminContext(name)}`,
    `It is the context of ${name}'s administrator. Choose another --cluster-name for one of them.`,
  );
}

function environment({ awsEndpoint, caFile }: Sandbox): Record<string, string> {
  // A company's proxy cannot reach this machine's loopback. The lower-case name is read first.
  const loopback = "127.0.0.1,localhost,::1";
  return {
    AWS_ENDPOINT_URL_ROLESANYWHERE: awsEndpoint,
    AWS_ENDPOINT_URL_STS: awsEndpoint,
    AWS_ENDPOINT_URL_EKS: awsEndpoint,
    AWS_CA_BUNDLE: caFile,
    NO_PROXY: loopback,
    no_proxy: loopback,
  };
}

/** For AWS's own tools. The user's profiles and session must not sign instead. */
function administratorsEnvironment({ administratorsKey, region, awsEndpoint, folder }: Sandbox) {
  return {
    AWS_ACCESS_KEY_ID: administratorsKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administratorsKey.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL_IAM: awsEndpoint,
    AWS_ENDPOINT_URL_ACM_PCA: awsEndpoint,
    AWS_CONFIG_FILE: join(folder, "no-aws-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "no-aws-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** A folder with the plugin under both names. `kubectl eks-x509` looks for the second one. */
async function commandFolder(folder: string, program: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const name of ["eks-x509", "kubectl-eks_x509"]) await symlink(program, join(bin, name));
  return bin;
}

/** They name an identity of AWS in place of the administrator's keys. */
const foreignToAdministrator = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_REGION",
];

type SignalSource = Pick<Signals, "on" | "off">;

/** A terminal sends SIGINT to the whole group, including COMMAND, so we only wait. Other signals reach us alone. */
const forwarded = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * With this process's streams and signals.
 * @returns the exit code; 128 + the signal's number if a signal ended it, as shells do
 */
async function runCommand(
  [file = "", ...args]: readonly string[],
  env: Environment,
  signals: SignalSource,
): Promise<number> {
  if (file === "") throw notStarted(file, "ENOENT");
  const child = spawn(file, args, { stdio: "inherit", env: { ...env } });
  const stop = passOn(signals, child);
  try {
    return await ended(file, child);
  } finally {
    stop();
  }
}

function passOn(signals: SignalSource, child: ChildProcess): () => void {
  const listeners: [NodeJS.Signals, () => void][] = [["SIGINT", () => undefined]];
  for (const signal of forwarded) listeners.push([signal, () => child.kill(signal)]);
  for (const [signal, listener] of listeners) signals.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) signals.off(signal, listener);
  };
}

function ended(file: string, child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(notStarted(file, error.code ?? "UNKNOWN"));
    });
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

function notStarted(file: string, code: string): Error {
  return sandboxUsage(
    "SANDBOX_COMMAND",
    `the command ${shownPath(file)} cannot be started (${code})`,
    "Check its name and PATH. For pipes and && run a shell: eks-x509 sandbox -- sh -c 'kubectl get ns | wc -l'",
  );
}
