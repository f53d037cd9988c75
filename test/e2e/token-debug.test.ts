/** `token debug` against everything that can be wrong on the way to a cluster: one hop fails, with the code of its cause. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRegion } from "../../src/aws/partition.ts";
import { mintToken } from "../../src/token/eks-token.ts";
import { day, from, hour, keyPair, leaf, root } from "../certificates.ts";
import { matching } from "../matching.ts";
import { isThorough } from "../thorough.ts";
import { ca as strangeCa, connectProxy, refusingPort, httpServer, httpsServer } from "../http/servers.ts";
import {
  accountId,
  iam,
  openCloud,
  profiles,
  region,
  secondRoles,
  trustAnchors,
  type Cloud,
} from "./debug-cloud.ts";
import { bodyOf, Debugging, type SetUp, type DebugRun } from "./debug-run.ts";
import { longNamed } from "./long-names.ts";
import { install, type Installation } from "./plugin.ts";
import { exitCodes } from "./program.ts";
import { cleanEnvironment, run } from "./sandbox-process.ts";
import { commandOf } from "../program-under-test.ts";

interface Broken {
  /** What is wrong. */
  cause: string;
  /** Of all hops, in their order: ✓ ok, ✗ failed, ! warning, – not reached. */
  way: string;
  hop: string;
  code: string;
  exit: keyof typeof exitCodes;
  setUp: () => SetUp | Promise<SetUp>;
}

/** util-linux: gives a command a terminal. */
const scriptProgram = "/usr/bin/script";

type Flags = Readonly<Record<string, string>>;

let installation: Installation;
let cloud: Cloud;
let debugging: Debugging;

const entry = (arn: string, username = "somebody", groups = ["eks-x509:viewers"]): string =>
  [
    `- rolearn: ${JSON.stringify(arn)}`,
    `  username: ${username}`,
    `  groups: ${JSON.stringify(groups)}`,
    "",
  ].join("\n");

const readOnly = entry(iam("eks-read-only"), "viewer");
const administrator = `- userarn: ${iam("eks-admin")}\n  username: admin\n  groups: [system:masters]\n`;
const mapRoles = [
  readOnly,
  entry(iam("no-groups"), "nobody-yet", []),
  entry(iam("team/with-path")),
  entry(`arn:aws:sts::${accountId}:assumed-role/by-sts-arn/alice`),
  entry(iam("other-account", "999988887777")),
  entry(`${iam("trailing-space")} `),
].join("");
const brokenYaml = `- rolearn: ${iam("eks-read-only")}\n  username: "viewer\n  groups: [a]\n`;
const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"alice"}').toString("base64url")}.c2lnbmF0dXJlLW9mLWFsaWNl`;
const proxyPassword = "correct-horse-battery";

beforeAll(async () => {
  installation = install();
  cloud = await openCloud();
  debugging = new Debugging(cloud, installation.program);
  const misspelt = { mapRole: readOnly, mapUsers: administrator };
  await cloud.addCluster({ name: "demo", awsAuth: { mapRoles, mapUsers: administrator } });
  await cloud.addCluster({ name: "other", awsAuth: { mapRoles } });
  await cloud.addCluster({ name: "misspelt", awsAuth: misspelt });
  await cloud.addCluster({ name: "broken", awsAuth: { mapRoles: brokenYaml, mapUsers: administrator } });
  const entries = [
    { role: "eks-admin" as const },
    { role: "recreated" as const, principalId: "AROAOFTHEROLEBEFORE00" },
  ];
  await cloud.addCluster({ name: "entries", awsAuth: {}, mode: "API", entries });
  await cloud.addCluster({ name: "second", awsAuth: { mapRoles: entry(secondRoles.usual) } });
  await cloud.addCluster({ name: "deleting", awsAuth: {}, status: "DELETING" });
});

afterAll(async () => {
  await cloud.close();
  installation.remove();
});

/** An aws-auth file as `kubectl get -o yaml` prints it. */
function awsAuth(name: string, data: Readonly<Record<string, string>>): string[] {
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "aws-auth" }, data };
  return ["--aws-auth", cloud.input(name, JSON.stringify(configMap))];
}

/** The exec entry of another tool, which prints what a shell script of this body prints. */
function otherTool(name: string, body: string): Readonly<Record<string, unknown>> {
  const command = cloud.input(name, `#!/bin/sh\n${body}\n`, 0o700);
  return { command, args: ["eks", "get-token", "--cluster-name", "demo"] };
}

function credential(status: object, version = "v1"): string {
  const apiVersion = `client.authentication.k8s.io/${version}`;
  return `cat <<'END'\n${JSON.stringify({ kind: "ExecCredential", apiVersion, spec: {}, status })}\nEND`;
}

/** Files of a certificate of our own making. */
function certificateOf(name: string, recipe: Parameters<typeof leaf>[1], issuer = root("Debug Root")): Flags {
  const { pem, keyPem } = leaf(issuer, { keys: keyPair("p256", name), ...recipe });
  return { certificate: cloud.input(`${name}.pem`, pem), "private-key": cloud.input(`${name}.key`, keyPem) };
}

/** Those of a certificate whose names make a token too long. */
function swelling(): Flags {
  const { pem, keyPem } = longNamed;
  return { certificate: cloud.input("long.pem", pem), "private-key": cloud.input("long.key", keyPem) };
}

interface Made {
  role?: string;
  clusterName?: string;
  signedAt?: Date;
  /** When the session is over. */
  expiration?: Date;
}

/** A token as somebody else's tool would have made it. */
async function token({
  role = "eks-read-only",
  clusterName = "demo",
  signedAt = new Date(),
  expiration = from(hour),
}: Made = {}) {
  const arn = `arn:aws:sts::${accountId}:assumed-role/${role}/bob`;
  const request = {
    arn,
    accountId,
    userId: "AROADEBUGTABLE0000000:bob",
    sourceIdentity: "",
    expiration,
    tagBytes: 0,
  };
  const credentials = cloud.sessions.issue(request);
  const known = { ...credentials, expiration: from(day) };
  const { text } = await mintToken(
    { credentials: known, expiration: known.expiration, assumedRoleArn: arn, sourceIdentity: "" },
    { clusterName, region: regionNamed(region), variant: { fips: false, dualStack: false } },
    signedAt,
  );
  return text;
}

function regionNamed(name: string) {
  const found = parseRegion(name);
  if (!found) throw new Error(`no region ${name}`);
  return found;
}

const k = "client.authentication.k8s.io";

const kubeconfigs: Broken[] = [
  {
    cause: "no kubeconfig",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_NONE",
    exit: "usage",
    setUp: () => ({ env: { KUBECONFIG: "/nowhere/config" } }),
  },
  {
    cause: "a kubeconfig that is no YAML",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_INVALID",
    exit: "usage",
    setUp: () => ({ env: { KUBECONFIG: cloud.input("broken-kubeconfig", "clusters: [\n- a: b") } }),
  },
  {
    cause: "an unknown context",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_CONTEXT_NOT_FOUND",
    exit: "usage",
    setUp: () => ({ args: ["--context", "dmeo"] }),
  },
  {
    cause: "a user without exec",
    way: "✓✗–––––––––––––",
    hop: "configuration",
    code: "KUBECONFIG_USER_WITHOUT_EXEC",
    exit: "usage",
    setUp: () => ({ user: { token: "a-static-token-of-somebody" }, secrets: ["a-static-token-of-somebody"] }),
  },
  {
    cause: "a token beside exec",
    way: "✓✗–––––––––––––",
    hop: "configuration",
    code: "KUBECONFIG_EXEC_UNUSED",
    exit: "usage",
    setUp: () => ({
      user: {
        token: "another-static-token",
        exec: { apiVersion: `${k}/v1`, command: "eks-x509", interactiveMode: "Never" },
      },
      secrets: ["another-static-token"],
    }),
  },
  {
    cause: "apiVersion v1alpha1 in the exec entry",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_EXEC_VERSION_REMOVED",
    exit: "usage",
    setUp: () => ({ exec: { apiVersion: `${k}/v1alpha1` } }),
  },
  {
    cause: "no interactiveMode",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_EXEC_MODE_MISSING",
    exit: "usage",
    setUp: () => ({ exec: { interactiveMode: undefined } }),
  },
  {
    cause: "a server by http",
    way: "✗––––––––––––––",
    hop: "kubeconfig",
    code: "KUBECONFIG_SERVER_NOT_HTTPS",
    exit: "usage",
    setUp: () => ({ server: { server: "http://127.0.0.1:8080" } }),
  },
];

const configurations: Broken[] = [
  {
    cause: "a missing option",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "OPTION_MISSING",
    exit: "usage",
    setUp: () => ({ flags: { "role-arn": undefined } }),
  },
  {
    cause: "an ARN of another kind",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "ARN_INVALID",
    exit: "usage",
    setUp: () => ({ flags: { "profile-arn": trustAnchors.own } }),
  },
  {
    cause: "the cluster's ARN as its name",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "CLUSTER_NAME_INVALID",
    exit: "usage",
    setUp: () => ({ flags: { "cluster-name": `arn:aws:eks:${region}:${accountId}:cluster/demo` } }),
  },
  {
    cause: "a region of another partition",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "REGION_PARTITION_DIFFERS",
    exit: "usage",
    setUp: () => ({ flags: { region: "cn-north-1" } }),
  },
  {
    cause: "an extension that sets what it may not",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "EXTENSION_REFUSED",
    exit: "usage",
    setUp: () => ({
      exec: { provideClusterInfo: true },
      server: { extensions: [{ name: `${k}/exec`, extension: { "private-key": "/etc/passwd" } }] },
    }),
  },
  {
    cause: "an unknown flag of get-token",
    way: "✓✗✓––––––––––––",
    hop: "configuration",
    code: "FLAG_UNKNOWN",
    exit: "usage",
    setUp: () => ({ flags: { "profile-am": profiles.usual } }),
  },
];

const plugins: Broken[] = [
  {
    cause: "a plugin that is not on PATH",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_NOT_FOUND",
    exit: "usage",
    setUp: () => ({ exec: { command: "eks-x509" } }),
  },
  {
    cause: "a plugin that is not executable",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_NOT_EXECUTABLE",
    exit: "usage",
    setUp: () => ({ exec: { command: cloud.input("eks-x509", "#!/bin/sh\n", 0o600) } }),
  },
  {
    cause: "a plugin that is nowhere",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_PATH_MISSING",
    exit: "usage",
    setUp: () => ({ exec: { command: "/opt/nowhere/aws" } }),
  },
  {
    cause: "another tool that answers with another apiVersion",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_API_VERSION",
    exit: "other",
    setUp: async () => ({
      exec: otherTool("other-version", credential({ token: await token() }, "v1beta1")),
    }),
  },
  {
    cause: "another tool that fails",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_FAILED",
    exit: "other",
    setUp: async () => {
      const text = await token();
      const body = `echo "Unable to locate credentials for token=${text}" >&2; exit 255`;
      return { exec: otherTool("failing", body), secrets: [text] };
    },
  },
  {
    cause: "another tool that prints text before the JSON",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_OUTPUT_EXTRA_TEXT",
    exit: "other",
    setUp: async () => {
      const text = await token();
      return {
        exec: otherTool("talking", `echo "Update available"\n${credential({ token: text })}`),
        secrets: [text],
      };
    },
  },
  {
    cause: "another tool that wants a terminal",
    way: "✓✓✗––––––––––––",
    hop: "plugin",
    code: "PLUGIN_NEEDS_TERMINAL",
    exit: "other",
    setUp: () => ({ exec: { ...otherTool("asking", "read answer"), interactiveMode: "Always" } }),
  },
];

const certificates: Broken[] = [
  {
    cause: "an expired certificate",
    way: "✓✓✓✗–––––––––––",
    hop: "certificate",
    code: "CERTIFICATE_EXPIRED",
    exit: "identity",
    setUp: () => ({ flags: certificateOf("expired", { notAfter: from(-hour) }) }),
  },
  {
    cause: "a certificate whose time has not come",
    way: "✓✓✓✗–––––––––––",
    hop: "certificate",
    code: "CERTIFICATE_NOT_YET_VALID",
    exit: "identity",
    setUp: () => ({ flags: certificateOf("early", { notBefore: from(day) }) }),
  },
  {
    cause: "a certificate without digitalSignature",
    way: "✓✓✓✗–––––––––––",
    hop: "certificate",
    code: "CERTIFICATE_KEY_USAGE",
    exit: "identity",
    setUp: () => ({ flags: certificateOf("encipherment", { keyUsage: ["keyEncipherment"] }) }),
  },
  {
    cause: "a certificate's file that is missing",
    way: "✓✓✓✗–––––––––––",
    hop: "certificate",
    code: "FILE_MISSING",
    exit: "identity",
    setUp: () => ({ flags: { certificate: "/nowhere/user.pem" } }),
  },
  {
    cause: "the key of another certificate",
    way: "✓✓✓✓✗––––––––––",
    hop: "private-key",
    code: "PRIVATE_KEY_MISMATCH",
    exit: "identity",
    setUp: () => ({ flags: { ...certificateOf("stranger", {}), certificate: debugging.certificate } }),
  },
];

const sessions: Broken[] = [
  {
    cause: "an AWS host that does not resolve",
    way: "✓✓✓✓✓–✗––––––––",
    hop: "create-session",
    code: "DNS_FAILED",
    exit: "network",
    setUp: () => ({ env: { AWS_ENDPOINT_URL_ROLESANYWHERE: "https://rolesanywhere.invalid" } }),
  },
  {
    cause: "an AWS endpoint where nobody listens",
    way: "✓✓✓✓✓–✗––––––––",
    hop: "create-session",
    code: "CONNECTION_REFUSED",
    exit: "network",
    setUp: () =>
      Promise.resolve({ env: { AWS_ENDPOINT_URL_ROLESANYWHERE: `https://127.0.0.1:${refusingPort}` } }),
  },
  {
    cause: "a proxy that refuses",
    way: "✓✓✓✓✓–✗––––––––",
    hop: "create-session",
    code: "PROXY_REFUSED",
    exit: "network",
    setUp: async () => ({
      env: {
        AWS_ENDPOINT_URL_ROLESANYWHERE: undefined,
        HTTPS_PROXY: await refusingProxy(),
        NO_PROXY: "127.0.0.1",
      },
      secrets: [proxyPassword, Buffer.from(`user:${proxyPassword}`).toString("base64")],
    }),
  },
  {
    cause: "Roles Anywhere by a CA that is not trusted",
    way: "✓✓✓✓✓–✗––––––––",
    hop: "create-session",
    code: "TLS_UNTRUSTED",
    exit: "network",
    setUp: async () => ({ env: { AWS_ENDPOINT_URL_ROLESANYWHERE: await strangeServer() } }),
  },
  {
    cause: "a clock that is an hour off",
    way: "✓✓✓✓✓✗–––––––––",
    hop: "clock",
    code: "REFUSED_CLOCK_SKEW",
    exit: "refused",
    setUp: async () => ({ env: { AWS_ENDPOINT_URL_ROLESANYWHERE: await cloud.awsAhead(hour) } }),
  },
  {
    cause: "an unknown trust anchor",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_TRUST_ANCHOR",
    exit: "refused",
    setUp: () => ({ flags: { "trust-anchor-arn": trustAnchors.unknown } }),
  },
  {
    cause: "an unknown profile",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_PROFILE",
    exit: "refused",
    setUp: () => ({ flags: { "profile-arn": profiles.unknown } }),
  },
  {
    cause: "a certificate of another CA",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    exit: "refused",
    setUp: () => ({ flags: certificateOf("foreign", {}) }),
  },
  {
    cause: "a role that is not in the profile",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_ROLE_NOT_IN_PROFILE",
    exit: "refused",
    setUp: () => ({ flags: { "role-arn": iam("not-in-profile") } }),
  },
  {
    cause: "a role that is not in the profile",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_ROLE_NOT_IN_PROFILE",
    exit: "refused",
    setUp: () => ({ flags: { "role-arn": iam("with-path") } }),
  },
  {
    cause: "a role's trust policy without sts:TagSession",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_ROLE_TRUST_POLICY",
    exit: "refused",
    setUp: () => ({ flags: { "role-arn": iam("distrusting") } }),
  },
  {
    cause: "a session that is to last too long",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_DURATION",
    exit: "refused",
    setUp: () => ({
      flags: { "role-arn": iam("brief"), "profile-arn": profiles.long, "session-duration": "7200" },
    }),
  },
  {
    cause: "a session name that the profile does not accept",
    way: "✓✓✓✓✓✓✗––––––––",
    hop: "create-session",
    code: "REFUSED_SESSION_NAME",
    exit: "refused",
    setUp: () => ({ flags: { "profile-arn": profiles.unnamed, "role-session-name": "bob" } }),
  },
  {
    cause: "a session that is over when it arrives",
    way: "✓✓✓✓✓✓✓✗–––––––",
    hop: "session",
    code: "SESSION_EXPIRED",
    exit: "network",
    setUp: () => ({ flags: { "profile-arn": profiles.expired } }),
  },
  {
    cause: "a session of less than a minute",
    way: "✓✓✓✓✓✓✓✗–––––––",
    hop: "session",
    code: "SESSION_TOO_SHORT",
    exit: "network",
    setUp: () => ({ flags: { "profile-arn": profiles.brief } }),
  },
];

const tokens: Broken[] = [
  {
    cause: "a token of more than 4,096 bytes",
    way: "✓✓✓!✓✓✓✓✗––––––",
    hop: "token",
    code: "TOKEN_TOO_LONG",
    exit: "other",
    setUp: () => Promise.resolve({ flags: swelling() }),
  },
  {
    cause: "a token of more than 4,096 bytes",
    way: "––––––––✗––––––",
    hop: "token",
    code: "TOKEN_TOO_LONG",
    exit: "refused",
    setUp: async () => ({ args: ["-"], stdin: (await token()).padEnd(4097, "A") }),
  },
  {
    cause: "a given token that is past its 15 minutes",
    way: "––––––––✗––––––",
    hop: "token",
    code: "TOKEN_EXPIRED",
    exit: "refused",
    setUp: async () => ({
      args: ["--cluster-name", "demo", "-"],
      stdin: await token({ signedAt: from(-hour) }),
    }),
  },
  {
    cause: "a given token that was cut",
    way: "––––––––✗––––––",
    hop: "token",
    code: "TOKEN_BASE64_CUT_OFF",
    exit: "refused",
    setUp: async () => ({ args: ["-"], stdin: (await token()).slice(0, 800) }),
  },
  {
    cause: "a given token for an unknown cluster",
    way: "––––––––✓✗–––––",
    hop: "sts",
    code: "CLUSTER_NAME_UNKNOWN",
    exit: "usage",
    setUp: async () => ({ args: ["-"], stdin: await token(), env: { KUBECONFIG: "/nowhere/config" } }),
  },
  {
    cause: "a token that was signed for another cluster",
    way: "––––––––✓✗–––––",
    hop: "sts",
    code: "STS_SIGNATURE_MISMATCH",
    exit: "refused",
    setUp: async () => ({ args: ["-"], stdin: await token({ clusterName: "other" }) }),
  },
  {
    cause: "STS's endpoint where nobody listens",
    way: "✓✓✓✓✓✓✓✓✓✗–––––",
    hop: "sts",
    code: "STS_CONNECTION_REFUSED",
    exit: "network",
    setUp: () => Promise.resolve({ env: { AWS_ENDPOINT_URL_STS: `https://127.0.0.1:${refusingPort}` } }),
  },
  {
    cause: "STS by a CA that is not trusted",
    way: "✓✓✓✓✓✓✓✓✓✗–––––",
    hop: "sts",
    code: "STS_TLS_UNTRUSTED",
    exit: "network",
    setUp: async () => ({ env: { AWS_ENDPOINT_URL_STS: await strangeServer() } }),
  },
  {
    cause: "a session that is over, at STS",
    way: "––––––––✓✗–––––",
    hop: "sts",
    code: "STS_SESSION_EXPIRED",
    exit: "refused",
    setUp: async () => ({
      args: ["--cluster-name", "demo", "-"],
      stdin: await token({ expiration: from(-hour) }),
    }),
  },
  {
    cause: "a token that was good in its time",
    way: "––––––––✓✗–––––",
    hop: "sts",
    code: "STS_SIGNATURE_EXPIRED",
    exit: "refused",
    setUp: async () => ({
      args: ["--cluster-name", "demo", "--at", from(-hour).toISOString(), "-"],
      stdin: await token({ signedAt: from(-hour) }),
    }),
  },
];

const mapping = (more: Pick<Broken, "cause" | "code" | "setUp">): Broken => ({
  way: "✓✓✓✓✓✓✓✓✓✓✓✗––✓",
  hop: "mapping",
  exit: "refused",
  ...more,
});
const role = (name: string, ...args: string[]): SetUp => ({ flags: { "role-arn": iam(name) }, args });
const file = () => awsAuth("aws-auth.json", { mapRoles, mapUsers: administrator });
const admin = ["--admin-context", "admin"];

const mappings: Broken[] = [
  mapping({
    cause: "a role that is not mapped",
    code: "MAPPING_NOT_FOUND",
    setUp: () => role("nobody", ...file()),
  }),
  mapping({
    cause: "a role that is not mapped",
    code: "MAPPING_NOT_FOUND",
    setUp: () => role("nobody", ...admin),
  }),
  mapping({
    cause: "a role's ARN with its path in aws-auth",
    code: "MAPPING_ROLE_PATH",
    setUp: () => role("team/with-path", ...file()),
  }),
  mapping({
    cause: "a role's ARN with its path in aws-auth",
    code: "MAPPING_ROLE_PATH",
    setUp: () => role("team/with-path", ...admin),
  }),
  mapping({
    cause: "an ARN of STS in aws-auth",
    code: "MAPPING_STS_ARN",
    setUp: () => role("by-sts-arn", ...file()),
  }),
  mapping({
    cause: "another account in aws-auth",
    code: "MAPPING_OTHER_ACCOUNT",
    setUp: () => role("other-account", ...file()),
  }),
  mapping({
    cause: "a space behind the ARN in aws-auth",
    code: "MAPPING_ARN_WHITE_SPACE",
    setUp: () => role("trailing-space", ...file()),
  }),
  mapping({
    cause: "mapRoles misspelt",
    code: "MAPPING_LIST_NAME",
    setUp: () => ({ cluster: "misspelt", args: awsAuth("misspelt.json", { mapRole: readOnly }) }),
  }),
  mapping({
    cause: "mapRoles misspelt",
    code: "MAPPING_LIST_NAME",
    setUp: () => ({ cluster: "misspelt", args: admin }),
  }),
  mapping({
    cause: "broken YAML in mapRoles",
    code: "MAPPING_BROKEN_YAML",
    setUp: () => ({ cluster: "broken", args: awsAuth("broken.json", { mapRoles: brokenYaml }) }),
  }),
  mapping({
    cause: "broken YAML in mapRoles",
    code: "MAPPING_BROKEN_YAML",
    setUp: () => ({ cluster: "broken", args: admin }),
  }),
  mapping({
    cause: "no access entry for the role",
    code: "MAPPING_NO_ACCESS_ENTRY",
    setUp: () => ({ cluster: "entries" }),
  }),
  mapping({
    cause: "aws-auth on a cluster that does not read it",
    code: "MAPPING_CONFIG_MAP_NOT_READ",
    setUp: () => ({ cluster: "entries", args: file() }),
  }),
  mapping({
    cause: "an access entry for nodes",
    code: "MAPPING_ACCESS_ENTRY_FOR_NODES",
    setUp: () => ({ cluster: "entries", ...role("by-sts-arn") }),
  }),
];

const clusters: Broken[] = [
  {
    cause: "the wrong cluster name",
    way: "✓✓✓✓✓✓✓✓✓✓✗–––✓",
    hop: "cluster",
    code: "EKS_CLUSTER_NOT_FOUND",
    exit: "refused",
    setUp: () => ({ flags: { "cluster-name": "demmo" } }),
  },
  {
    cause: "the server of another cluster",
    way: "✓✓✓✓✓✓✓✓✓✓✗–––✓",
    hop: "cluster",
    code: "CLUSTER_ENDPOINT_DIFFERS",
    exit: "refused",
    setUp: () => ({ server: { server: cloud.server("other") } }),
  },
  {
    cause: "a cluster that is being deleted",
    way: "✓✓✓✓✓✓✓✓✓✓✗–––✓",
    hop: "cluster",
    code: "EKS_CLUSTER_STATUS",
    exit: "refused",
    setUp: () => ({ cluster: "deleting" }),
  },
  {
    cause: "an API server that is down",
    way: "✓✓✓✓✓✓✓✓✓✓✓–✗–✓",
    hop: "api-server",
    code: "API_CONNECTION_REFUSED",
    exit: "network",
    setUp: async () => {
      await cloud.addCluster({
        name: "down",
        awsAuth: {},
        endpoint: `https://127.0.0.1:${refusingPort}`,
      });
      return { cluster: "down" };
    },
  },
  {
    cause: "an API server by another CA than the kubeconfig's",
    way: "✓✓✓✓✓✓✓✓✓✓✓–✗–✓",
    hop: "api-server",
    code: "API_TLS_UNTRUSTED",
    exit: "network",
    setUp: () => ({ server: { "certificate-authority-data": base64(strangeCa.pem) } }),
  },
  {
    cause: "a web server that is no Kubernetes",
    way: "✓✓✓✓✓✓✓✓✓✓✓–✗–✓",
    hop: "api-server",
    code: "API_NOT_KUBERNETES",
    exit: "network",
    setUp: async () => {
      await cloud.addCluster({ name: "web", awsAuth: {}, endpoint: await strangeServer() });
      return { cluster: "web", server: { "certificate-authority-data": base64(strangeCa.pem) } };
    },
  },
  {
    cause: "a proxy-url that refuses",
    way: "✓✓✓✓✓✓✓✓✓✓✓–✗–✓",
    hop: "api-server",
    code: "API_PROXY_REFUSED",
    exit: "network",
    setUp: async () => ({ server: { "proxy-url": await refusingProxy() }, secrets: [proxyPassword] }),
  },
  {
    cause: "a 401 that nothing explains",
    way: "✓✓✓✓✓✓✓✓✓✓✓–✗–✓",
    hop: "api-server",
    code: "API_UNAUTHORIZED",
    exit: "refused",
    setUp: () => role("nobody"),
  },
  {
    cause: "an aws-auth file that is not the cluster's",
    way: "✓✓✓✓✓✓✓✓✓✓✓✓✗–✓",
    hop: "api-server",
    code: "API_REFUSED_THOUGH_MAPPED",
    exit: "refused",
    setUp: () => role("nobody", ...awsAuth("planned.json", { mapRoles: entry(iam("nobody")) })),
  },
  {
    cause: "an access entry of a role that was made anew since",
    way: "✓✓✓✓✓✓✓✓✓✓✓✓✗–✓",
    hop: "api-server",
    code: "API_REFUSED_THOUGH_ENTRY",
    exit: "refused",
    setUp: () => ({ cluster: "entries", ...role("recreated") }),
  },
  {
    cause: "a JSON web token that the API server does not take",
    way: "✓✓✓–––––––––✗––",
    hop: "api-server",
    code: "API_JWT_REFUSED",
    exit: "refused",
    setUp: () => ({ exec: otherTool("kubelogin", credential({ token: jwt })), secrets: [jwt] }),
  },
  {
    cause: "a client certificate that does not arrive",
    way: "✓✓✓–––––––––✗––",
    hop: "api-server",
    code: "API_CREDENTIAL_LOST",
    exit: "refused",
    setUp: () => {
      const { pem, keyPem } = leaf(root("Debug Root"), { name: "client" });
      const status = { clientCertificateData: pem, clientKeyData: keyPem };
      return { exec: otherTool("client-certificate", credential(status)), secrets: [bodyOf(keyPem)] };
    },
  },
  {
    cause: "no RBAC for the user",
    way: "✓✓✓✓✓✓✓✓✓✓✓✓✓✗✓",
    hop: "authorization",
    code: "RBAC_FORBIDDEN",
    exit: "refused",
    setUp: () => role("no-groups"),
  },
];

async function refusingProxy(): Promise<string> {
  const { port } = await connectProxy((socket) =>
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"),
  );
  return `http://user:${proxyPassword}@127.0.0.1:${port}`;
}

/** A web server with a CA that nobody knows. */
async function strangeServer(): Promise<string> {
  const page = "<html><body>Welcome</body></html>";
  const { origin } = await httpsServer((_, response) =>
    response.setHeader("content-type", "text/html").end(page),
  );
  return origin;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

const table = [
  ...kubeconfigs,
  ...configurations,
  ...plugins,
  ...certificates,
  ...sessions,
  ...tokens,
  ...mappings,
  ...clusters,
];

/** What the built program shows in its own process, a few set-ups of each hop show; the others run in this one. */
const isProcess = (index: number): boolean => isThorough || index % 8 === 0;

describe.concurrent("what fails with", () => {
  it.for(table)("$cause is $hop: $code", async (row, { expect }) => {
    const { way, hop, code, exit, setUp } = row;
    const outcome = await debugging.look(await setUp(), isProcess(table.indexOf(row)));
    const failed = outcome.failed.map((one) => [one.name, one.code]);
    expect({ way: outcome.way, failed }).toEqual({ way, failed: [[hop, code]] });
    const isUnknown = exit === "network" || code === "PLUGIN_NEEDS_TERMINAL";
    expect(outcome.report.verdict).toBe(isUnknown ? "unknown" : "refused");
    expect([outcome.json.code, outcome.text.code]).toEqual([exitCodes[exit], exitCodes[exit]]);
    expect([outcome.json.stderr, outcome.text.stderr, ...outcome.leaks]).toEqual(["", ""]);
    expectReadable(outcome, code);
  });
});

/** Names the code, ends with what to do, and fits a terminal of 80 columns, in plain text. */
function expectReadable({ text, failed }: DebugRun, code: string): void {
  const { stdout } = text;
  const hint = failed[0]?.hint ?? "";
  expect(hint).toMatch(/^[^ ].*[^ ]$/);
  expect(stdout).toContain(`(${code})`);
  const [, verdict = ""] = onOneLine(stdout).split(" Verdict: ");
  expect(verdict.endsWith(`(${code}) → ${onOneLine(hint)}`)).toBe(true);
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  expect(stdout.split("\n").filter((line) => line.length > 80 && !isOneWord(line))).toEqual([]);
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** What is left of a line behind its mark, its name and its label. */
function isOneWord(line: string): boolean {
  const words = line.slice(17).trim().split(/ {2,}/).at(-1) ?? "";
  return !words.includes(" ");
}

describe("the table", () => {
  it("has a code of its own for each cause", () => {
    const causes = new Map(table.map(({ cause, code }) => [cause, code]));
    expect(table.filter(({ cause, code }) => causes.get(cause) !== code)).toEqual([]);
    expect(new Set(causes.values()).size).toBe(causes.size);
    expect(causes.size).toBeGreaterThan(60);
  });
});

const marks = { accepted: "✓✓✓✓✓✓✓✓✓✓✓✓✓✓✓", given: "––––––––✓✓––––✓" };

describe.concurrent("accepted, with exit code 0, is", () => {
  const good: { what: string; way: string; setUp: () => SetUp | Promise<SetUp> }[] = [
    { what: "a way on which all is well", way: marks.accepted, setUp: () => ({}) },
    {
      what: "one with a clock that is two minutes off",
      way: "✓✓✓✓✓!✓✓✓✓✓✓✓✓✓",
      setUp: async () => ({ env: { AWS_ENDPOINT_URL_ROLESANYWHERE: await cloud.awsAhead(120_000) } }),
    },
    { what: "one with aws-auth from a file", way: marks.accepted, setUp: () => ({ args: file() }) },
    {
      what: "one with aws-auth through another context",
      way: marks.accepted,
      setUp: () => ({ args: admin }),
    },
    {
      what: "one with an access entry",
      way: marks.accepted,
      setUp: () => ({ cluster: "entries", ...role("eks-admin") }),
    },
    {
      what: "another tool's token",
      way: "✓✓✓–––––✓✓–✓✓✓✓",
      setUp: async () => ({ exec: otherTool("aws-like", credential({ token: await token() })) }),
    },
    {
      what: "a token by another region's STS, though EKS does not find the cluster there",
      way: "✓✓✓✓✓✓✓✓✓✓!✓✓✓✓",
      setUp: () => ({ flags: { region: "eu-central-1" } }),
    },
    {
      what: "a role to which EKS answers nothing",
      way: "✓✓✓✓✓✓✓✓✓✓–✓✓✓✓",
      setUp: () => Promise.resolve({ env: { AWS_ENDPOINT_URL_EKS: `https://127.0.0.1:${refusingPort}` } }),
    },
    {
      what: "a server by another name, with tls-server-name",
      way: marks.accepted,
      setUp: () => ({
        server: {
          server: cloud.server("demo").replace("127.0.0.1", "localhost"),
          "tls-server-name": "127.0.0.1",
        },
      }),
    },
    {
      what: "a token on stdin",
      way: marks.given,
      setUp: async () => ({ args: ["-"], stdin: await token() }),
    },
    {
      what: "an ExecCredential on stdin",
      way: marks.given,
      setUp: async () => {
        const status = { token: await token() };
        const stdin = JSON.stringify({ kind: "ExecCredential", apiVersion: `${k}/v1`, spec: {}, status });
        return { args: ["-"], stdin, secrets: [status.token] };
      },
    },
    {
      what: "a token as an argument",
      way: marks.given,
      setUp: async () => {
        const text = await token();
        return { args: [text, "--cluster-name", "demo"], env: { KUBECONFIG: "/nowhere" }, secrets: [text] };
      },
    },
    {
      what: "a token with a context, through to its cluster",
      way: "✓–––––––✓✓–✓✓✓✓",
      setUp: async () => ({ args: ["--context", "demo", "-"], stdin: await token() }),
    },
  ];
  it.for(good)("$what", async (row, { expect }) => {
    const { way, setUp } = row;
    const outcome = await debugging.look(await setUp(), isProcess(good.indexOf(row)));
    expect({ way: outcome.way, failed: outcome.failed }).toEqual({ way, failed: [] });
    expect([outcome.json.code, outcome.text.code, outcome.report.verdict]).toEqual([0, 0, "accepted"]);
    expect([outcome.json.stderr, outcome.text.stderr, ...outcome.leaks]).toEqual(["", ""]);
    expect(outcome.text.stdout).toMatch(/\n\nVerdict: accepted\n$/);
    expect(outcome.text.stdout.split("\n").filter((line) => line.length > 80 && !isOneWord(line))).toEqual(
      [],
    );
  });
});

describe("a second role", () => {
  /** With the hop between the session and the token. EKS does not answer to the other account about the cluster. */
  const ways = { accepted: "✓✓✓✓✓✓✓✓✓✓✓–✓✓✓✓", refused: "✓✓✓✓✓✓✓✓✗–––––––" };
  const flags = (arn = secondRoles.usual, externalId = "ours:1") => ({
    "assume-role-arn": arn,
    "external-id": externalId,
  });
  /** An STS that refuses every AssumeRole. */
  const refusing = async (code: string, message: string): Promise<SetUp> => {
    const { origin } = await httpServer((_request, response) => {
      response.writeHead(400, { "content-type": "text/xml" });
      response.end(
        `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    });
    return { flags: flags(), env: { AWS_ENDPOINT_URL_STS: origin } };
  };
  const failing: [code: string, setUp: () => SetUp | Promise<SetUp>][] = [
    ["ASSUME_ROLE_DENIED", () => ({ flags: flags(secondRoles.unknown) })],
    ["ASSUME_ROLE_DENIED", () => ({ flags: flags(secondRoles.usual, "theirs") })],
    ["ASSUME_ROLE_SOURCE_IDENTITY", () => ({ flags: flags(secondRoles.withoutIdentity) })],
    ["ASSUME_ROLE_TAG_SESSION", () => refusing("AccessDenied", "not authorized to perform: sts:TagSession")],
    ["ASSUME_ROLE_EXPLICIT_DENY", () => refusing("AccessDenied", "with an explicit deny in a policy")],
    ["ASSUME_ROLE_DURATION", () => refusing("ValidationError", "exceeds the MaxSessionDuration set")],
    ["ASSUME_ROLE_VALIDATION", () => refusing("ValidationError", "1 validation error detected")],
    ["ASSUME_ROLE_TAGS_TOO_LARGE", () => refusing("PackedPolicyTooLarge", "too large")],
    ["ASSUME_ROLE_REGION_DISABLED", () => refusing("RegionDisabledException", "not activated")],
    ["ASSUME_ROLE_SESSION_EXPIRED", () => refusing("ExpiredToken", "expired")],
    ["ASSUME_ROLE_SESSION_UNKNOWN", () => refusing("InvalidClientTokenId", "invalid")],
    ["ASSUME_ROLE_SIGNATURE", () => refusing("SignatureDoesNotMatch", "does not match")],
    ["ASSUME_ROLE_THROTTLED", () => refusing("Throttling", "Rate exceeded")],
    ["ASSUME_ROLE_REFUSED", () => refusing("Other", "unheard of")],
  ];

  it("that STS grants has a hop of its own, and is the identity of the token", async () => {
    const { way, report, leaks } = await debugging.look({ cluster: "second", flags: flags() });
    expect({ way, leaks }).toEqual({ way: ways.accepted, leaks: [] });
    expect(report.identity).toMatchObject({ account: "444455556666", canonicalArn: secondRoles.usual });
    expect(report.hops.find(({ name }) => name === "assume-role")?.facts).toContainEqual({
      label: "external ID",
      value: "given",
    });
  });

  it.each(failing)("that STS refuses fails there alone, with the reason: %s", async (code, setUp) => {
    const { way, failed, leaks, json } = await debugging.look(await setUp());
    expect({ way, leaks, exit: json.code }).toEqual({
      way: ways.refused,
      leaks: [],
      exit: exitCodes.refused,
    });
    expect(failed).toMatchObject([{ name: "assume-role", code }]);
    expect(failed[0]?.hint).not.toBe("");
  });
});

describe("token debug", () => {
  it("prints the identity and the user that it becomes", async () => {
    const { report } = await debugging.look({ args: admin });
    expect(report.identity).toMatchObject({ account: accountId, canonicalArn: iam("eks-read-only") });
    expect(report.mapping).toMatchObject({
      by: "mapRoles",
      place: matching(/^mapRoles, entry 1/),
      username: "viewer",
      groups: ["eks-x509:viewers", "system:authenticated"],
    });
    expect(report.token).toMatchObject({ region, account: accountId, clusterHeaderSigned: true });
  });

  it("asks nobody under --offline", async () => {
    const nobody = `https://127.0.0.1:${refusingPort}`;
    const services = ["ROLESANYWHERE", "STS", "EKS"];
    const env = Object.fromEntries(services.map((name) => [`AWS_ENDPOINT_URL_${name}`, nobody]));
    const walked = await debugging.look({ args: ["--offline"], env, server: { server: nobody } });
    expect([walked.way, walked.json.code, walked.report.verdict]).toEqual(["✓✓✓✓✓––––––––––", 0, "unknown"]);
    const given = await debugging.look({ args: ["--offline", "-"], stdin: await token(), env });
    expect([given.way, given.json.code, given.report.verdict]).toEqual(["––––––––✓––––––", 0, "unknown"]);
    expect([...walked.leaks, ...given.leaks]).toEqual([]);
  });

  it("refuses a given token under another --cluster-name", async () => {
    const text = await token();
    const outcome = await debugging.look({ args: ["-", "--cluster-name", "other"], stdin: text });
    expect(outcome.failed).toMatchObject([{ name: "sts", code: "STS_SIGNATURE_MISMATCH" }]);
    expect(outcome.leaks).toEqual([]);
  });

  it("does not blame the server's name for a 401 behind a tunnel", async () => {
    const server = cloud.server("demo").replace("127.0.0.1", "localhost");
    const outcome = await debugging.look({
      ...role("nobody"),
      server: { server, "tls-server-name": "127.0.0.1" },
    });
    expect(outcome.failed).toMatchObject([{ name: "api-server", code: "API_UNAUTHORIZED" }]);
  });

  it("gives the reason of a refused role from its trust policy", async () => {
    const statement = { Effect: "Allow", Principal: { Service: "rolesanywhere.amazonaws.com" } };
    const Action = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    const policy = { Version: "2012-10-17", Statement: { ...statement, Action } };
    const path = cloud.input("trust.json", JSON.stringify(policy));
    const { failed, leaks } = await debugging.look({
      flags: { "role-arn": iam("distrusting") },
      args: ["--trust-policy", path],
    });
    expect(failed).toMatchObject([{ name: "create-session", code: "REFUSED_ROLE_TRUST_POLICY" }]);
    expect(failed[0]?.hint).toContain("statement 1: it does not allow sts:TagSession");
    expect(leaks).toEqual([]);
  });

  it("says through which context aws-auth cannot be read", async () => {
    const outcome = await debugging.look({
      args: ["--admin-context", "nobody"],
      flags: { "role-arn": iam("nobody") },
    });
    expect(outcome.failed).toMatchObject([
      {
        name: "mapping",
        code: "KUBECONFIG_CONTEXT_NOT_FOUND",
        detail: matching(/^through --admin-context nobody: /),
      },
      { name: "api-server", code: "API_UNAUTHORIZED" },
    ]);
  });

  it.each([
    [
      "an unreadable CA of the cluster",
      { "certificate-authority-data": base64("no PEM") },
      "KUBECONFIG_CA_NOT_PEM",
    ],
    ["a socks proxy, which kubectl knows", { "proxy-url": "socks5://127.0.0.1:1" }, "API_PROXY_SOCKS"],
  ])("stops at the API server with %s", async (_, server, code) => {
    const outcome = await debugging.look({ server });
    expect(outcome.failed).toMatchObject([{ name: "api-server", code }]);
  });

  it("writes no colours where there is no terminal, whatever the environment says", async () => {
    const { stdout } = await debugging.run({ args: ["--offline"], env: { TERM: "xterm-256color" } });
    expect(stdout).not.toContain("\u001b");
  });

  it.skipIf(!existsSync(scriptProgram)).each([
    ["xterm", {}, "\u001b[31m✗ kubeconfig"],
    ["xterm", { NO_COLOR: "1" }, "\u001b[K✗ kubeconfig"],
    ["dumb", {}, "✗ kubeconfig"],
  ])("writes to a terminal of kind %s with %o as that wants it", async (kind, more, start) => {
    const command = `${commandOf(installation.program).join(" ")} token debug`;
    const env = { ...cleanEnvironment(cloud.folder), KUBECONFIG: "/nowhere", TERM: kind, ...more };
    const { stdout } = await run(scriptProgram, ["-qec", command, "/dev/null"], env);
    expect(stdout).toContain(start);
    expect(stdout.includes("\u001b")).toBe(start.includes("\u001b"));
  });

  it("is watched for tokens, session tokens and signatures: a run leaves some to look for", async () => {
    await debugging.look({});
    const kinds = [/^k8s-aws-v1\./, /^IQoJ/, /^[0-9a-f]{64}$/];
    const secrets = [...cloud.secrets];
    expect(kinds.filter((kind) => !secrets.some((secret) => kind.test(secret)))).toEqual([]);
    expect((await debugging.look({ args: ["--offline"], secrets: ["Verdict:"] })).leaks).toEqual(["text"]);
  });
});
