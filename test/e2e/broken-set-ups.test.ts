/**
 * Set-ups that an administrator gets wrong, from the trust anchor to RBAC: made with the administrator's calls in an empty account, and told
 * by token debug. In the order of docs/errors.md.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import { day, from, intermediate, leaf, revocationList, root, type Issued } from "../certificates.ts";
import { fromJson } from "../json.ts";
import { callsOf } from "../sandbox/aws/administration/administrator.ts";
import { presigned, signed } from "../sandbox/aws/signature/smithy-signer.ts";
import type { HopJson, ReportJson } from "./debug-run.ts";
import { runHere } from "./in-process.ts";
import { isThorough } from "../thorough.ts";
import { install, type Installation } from "./plugin.ts";

const region = "us-west-2";
const accountId = "111122223333";
const ca = root("Example CA");
const otherCa = root("Other CA");
const issuing = intermediate(ca, "Issuing CA");

let sandbox: Sandbox;
let installation: Installation;
let folder: string;

beforeAll(async () => {
  installation = install();
  folder = mkdtempSync(join(tmpdir(), "eks-x509-set-ups-"));
  sandbox = await startSandbox({
    isEmpty: true,
    temporaryFolder: folder,
    now: () => new Date(),
    onEvent: () => undefined,
  });
});

afterAll(async () => {
  await sandbox.close();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Asking {
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

function send(endpoint: string, { method = "GET", path, headers, body = "" }: Asking): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca: readFileSync(sandbox.caFile), agent: false };
    const outgoing = httpsRequest(new URL(path, endpoint), options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        if ((incoming.statusCode ?? 0) >= 300) reject(new Error(`${method} ${path}: ${text}`));
        else resolve(text.startsWith("{") ? fromJson(text) : text);
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const { rest, iam } = callsOf(async (unsigned) => {
  const { host } = new URL(sandbox.awsEndpoint);
  const request = await signed({ host, at: new Date(), ...unsigned }, sandbox.administratorsKey);
  const { method, body } = unsigned;
  const headers = Object.fromEntries(request.headers);
  return send(sandbox.awsEndpoint, {
    ...(method && { method }),
    path: request.path,
    headers,
    ...(body && { body }),
  });
});

const rolesAnywhere = (method: string, path: string, input?: object) =>
  rest("rolesanywhere", method, path, input);

const accessEntries = "/clusters/demo/access-entries";
const accessEntry = (input: object) => rest("eks", "POST", accessEntries, input);

/** With the token of the cluster's creator. */
async function kubernetes(method: string, path: string, object?: object): Promise<unknown> {
  const host = `sts.${region}.amazonaws.com`;
  const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const url = await presigned(
    { service: "sts", host, query, headers: { "x-k8s-aws-id": "demo" }, at: new Date() },
    sandbox.administratorsKey,
  );
  const token = `k8s-aws-v1.${Buffer.from(`https://${host}/?${url.rawQuery}`).toString("base64url")}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return send(sandbox.kubernetesEndpoint, {
    method,
    path,
    headers,
    body: object ? JSON.stringify(object) : "",
  });
}

function idIn(answer: unknown, member: string): { id: string; arn: string } {
  const { [member]: resource } = fromJson<Record<string, Record<string, string>>>(JSON.stringify(answer));
  return { id: resource?.[`${member}Id`] ?? "", arn: resource?.[`${member}Arn`] ?? "" };
}

/** What one case has, each part right unless the case says otherwise. */
interface Parts {
  anchor: Issued;
  statement: Readonly<Record<string, unknown>>;
  condition: Readonly<Record<string, unknown>>;
  path: string;
  maxSessionDuration: string;
  profile: Readonly<Record<string, unknown>>;
  entry: Readonly<Record<string, unknown>> | undefined;
  mapRoles: ((roleArn: string) => string) | undefined;
  binding: "right" | "none" | "of a role that is not there";
}

interface Made {
  role: string;
  roleArn: string;
  anchor: { id: string; arn: string };
  profile: { id: string; arn: string };
  document: string;
  mapRoles: string | undefined;
}

interface Broken {
  what: string;
  /** What the administrator does. */
  todo: string;
  /** In place of the right parts. */
  parts?: Partial<Parts>;
  /** After everything is set up. */
  then?: (made: Made) => Promise<unknown>;
  certificate?: () => Issued;
  /** Flags of get-token. */
  flags?: (made: Made) => Readonly<Record<string, string>>;
  args?: (made: Made) => readonly string[] | Promise<readonly string[]>;
  hop: string;
  code: string;
  /** A part of the message, of the hint or of the facts: what to do. */
  cure: RegExp;
}

const right: Parts = {
  anchor: ca,
  statement: {},
  condition: {},
  path: "/",
  maxSessionDuration: "3600",
  profile: {},
  entry: {},
  mapRoles: undefined,
  binding: "right",
};

async function setUp(name: string, { parts = {}, then }: Broken): Promise<Made> {
  const wanted = { ...right, ...parts };
  const source = { sourceType: "CERTIFICATE_BUNDLE", sourceData: { x509CertificateData: wanted.anchor.pem } };
  const anchor = idIn(
    await rolesAnywhere("POST", "/trustanchors", { name, enabled: true, source }),
    "trustAnchor",
  );
  const document = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "rolesanywhere.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        Condition: { ArnEquals: { "aws:SourceArn": anchor.arn }, ...wanted.condition },
        ...wanted.statement,
      },
    ],
  });
  await iam("CreateRole", {
    RoleName: name,
    Path: wanted.path,
    MaxSessionDuration: wanted.maxSessionDuration,
    AssumeRolePolicyDocument: document,
  });
  const roleArn = `arn:aws:iam::${accountId}:role${wanted.path}${name}`;
  const input = { name, enabled: true, roleArns: [roleArn], ...wanted.profile };
  const profile = idIn(await rolesAnywhere("POST", "/profiles", input), "profile");
  if (wanted.entry) await accessEntry({ principalArn: roleArn, kubernetesGroups: [name], ...wanted.entry });
  const mapRoles = wanted.mapRoles?.(roleArn);
  if (mapRoles !== undefined) await map(mapRoles);
  if (wanted.binding !== "none") await bind(name, wanted.binding === "right" ? "view" : "viewer");
  const made = { role: name, roleArn, anchor, profile, document, mapRoles };
  await then?.(made);
  return made;
}

async function map(mapRoles: string): Promise<void> {
  const path = "/api/v1/namespaces/kube-system/configmaps";
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "aws-auth" }, data: { mapRoles } };
  await kubernetes("DELETE", `${path}/aws-auth`).catch(() => undefined);
  await kubernetes("POST", path, object);
}

async function bind(group: string, role: string): Promise<void> {
  await kubernetes("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: group },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
  });
}

async function debug(made: Made, broken: Broken): Promise<ReportJson> {
  const own = broken.certificate?.() ?? leaf(ca, { name: "alice" });
  const file = (name: string, content: string): string => {
    const path = join(folder, `${made.role}.${name}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const flags = {
    "cluster-name": "demo",
    region,
    certificate: file("pem", own.pem),
    "private-key": file("key", own.keyPem),
    "trust-anchor-arn": made.anchor.arn,
    "profile-arn": made.profile.arn,
    "role-arn": made.roleArn,
    ...broken.flags?.(made),
  };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: installation.program,
    args: ["get-token", ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
    interactiveMode: "Never",
  };
  const certificateAuthority = readFileSync(sandbox.caFile).toString("base64");
  const cluster = { server: sandbox.kubernetesEndpoint, "certificate-authority-data": certificateAuthority };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "c", user: { exec } }],
  };
  // The users may not read aws-auth: the administrator has it.
  const awsAuth = JSON.stringify({ mapRoles: made.mapRoles });
  const mapping = made.mapRoles === undefined ? [] : ["--aws-auth", file("aws-auth.yaml", awsAuth)];
  const { stdout, stderr } = await runHere({
    args: ["token", "debug", "--output=json", ...mapping, ...((await broken.args?.(made)) ?? [])],
    env: {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      TMPDIR: folder,
      KUBECONFIG: file("kubeconfig", JSON.stringify(kubeconfig)),
      EKS_X509_CACHE: "none",
      AWS_MAX_ATTEMPTS: "1",
      AWS_ENDPOINT_URL_ROLESANYWHERE: sandbox.awsEndpoint,
      AWS_ENDPOINT_URL_STS: sandbox.awsEndpoint,
      AWS_ENDPOINT_URL_EKS: sandbox.awsEndpoint,
      AWS_CA_BUNDLE: sandbox.caFile,
    },
    program: installation.program,
    cwd: folder,
  });
  if (stdout === "") throw new Error(stderr);
  return fromJson<ReportJson>(stdout);
}

const refused = { hop: "create-session", code: "REFUSED_ROLE_TRUST_POLICY" };

/** With the policy at hand, token debug says why. */
const withPolicy = ({ role, document }: Made): string[] => {
  const path = join(folder, `${role}.trust.json`);
  writeFileSync(path, document);
  return ["--trust-policy", path];
};

/** With the profile as the administrator reads it. */
const withProfile = async ({ role, profile }: Made): Promise<string[]> => {
  const path = join(folder, `${role}.profile.json`);
  writeFileSync(path, JSON.stringify(await rolesAnywhere("GET", `/profile/${profile.id}`)));
  return ["--profile", path];
};

const revoked = leaf(ca, { name: "alice", serial: 0x7badn });

const withList = ({ role }: Made): string[] => {
  const path = join(folder, `${role}.crl`);
  writeFileSync(path, revocationList(ca, ["7bad"]));
  return ["--crl", path];
};

const ofPolicy = (what: string, todo: string, parts: Partial<Parts>, cure: RegExp): Broken => ({
  ...{ what, todo, parts, cure },
  ...refused,
  args: withPolicy,
});

const brokenSetUps: Broken[] = [
  {
    what: "a CA that gives certificates without digitalSignature",
    todo: "Issue the certificate with keyUsage digitalSignature.",
    certificate: () => leaf(ca, { keyUsage: ["keyEncipherment"] }),
    hop: "certificate",
    code: "CERTIFICATE_KEY_USAGE",
    cure: /digitalSignature/,
  },
  {
    what: "a certificate past its time",
    todo: "Renew the certificate.",
    certificate: () => leaf(ca, { notBefore: from(-2 * day), notAfter: from(-day) }),
    hop: "certificate",
    code: "CERTIFICATE_EXPIRED",
    cure: /new certificate|[Rr]enew/,
  },
  {
    what: "a trust anchor of another CA",
    todo: "Create the trust anchor from the CA that issued the certificate, or pass the ARN of the right one.",
    parts: { anchor: otherCa },
    hop: "create-session",
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    cure: /trust anchor/,
  },
  {
    what: "users without the intermediate of the company's CA",
    todo: "Add the intermediate to the certificate's file, or pass `--intermediates`.",
    certificate: () => leaf(issuing, { name: "alice" }),
    hop: "create-session",
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    cure: /intermediate/,
  },
  {
    what: "a certificate that the CA revoked",
    todo: "Issue a new certificate. `--crl` reports since when the old one is revoked.",
    certificate: () => revoked,
    then: ({ role, anchor }) =>
      rolesAnywhere("POST", "/crls", {
        ...{ name: role, enabled: true, trustAnchorArn: anchor.arn },
        crlData: Buffer.from(revocationList(ca, ["7bad"])).toString("base64"),
      }),
    args: withList,
    hop: "create-session",
    code: "REFUSED_UNTRUSTED_CERTIFICATE",
    cure: /refuses it: the certificate is revoked since/,
  },
  ofPolicy(
    "a trust policy without sts:TagSession",
    "Add the action to the statement.",
    { statement: { Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] } },
    /sts:TagSession/,
  ),
  ofPolicy(
    "a trust policy without sts:SetSourceIdentity",
    "Add the action to the statement.",
    { statement: { Action: ["sts:AssumeRole", "sts:TagSession"] } },
    /sts:SetSourceIdentity/,
  ),
  ofPolicy(
    "a trust policy for another service",
    'Write the Principal `{"Service": "rolesanywhere.amazonaws.com"}`.',
    { statement: { Principal: { Service: "ec2.amazonaws.com" } } },
    /rolesanywhere\.amazonaws\.com/,
  ),
  ofPolicy(
    "a condition with another value",
    "Correct the condition, or use a certificate with this attribute.",
    { condition: { StringEquals: { "aws:PrincipalTag/x509Subject/CN": "bob" } } },
    /x509Subject\/CN.*alice.*bob|x509Subject\/CN.*bob.*alice/s,
  ),
  ofPolicy(
    "a condition in another case",
    "Write the value in the case of the certificate, or use StringEqualsIgnoreCase.",
    { condition: { StringEquals: { "aws:PrincipalTag/x509Subject/CN": "Alice" } } },
    /Alice/,
  ),
  ofPolicy(
    "a condition on an attribute that the certificate has not",
    "Use an attribute that `cert inspect` prints.",
    { condition: { StringLike: { "aws:PrincipalTag/x509Subject/OU": "*" } } },
    /x509Subject\/OU/,
  ),
  ofPolicy(
    "a trust policy for another trust anchor",
    "Write the ARN of the trust anchor that the users pass.",
    {
      condition: {
        ArnEquals: {
          "aws:SourceArn": `arn:aws:rolesanywhere:${region}:${accountId}:trust-anchor/11111111-1111-1111-1111-111111111111`,
        },
      },
    },
    /aws:SourceArn/,
  ),
  ofPolicy(
    "a trust policy for another account",
    "Write the account of the trust anchor, or omit the condition.",
    { condition: { StringEquals: { "aws:SourceAccount": "999988887777" } } },
    /aws:SourceAccount/,
  ),
  ofPolicy(
    "a trust policy that waits for an external ID",
    "Remove the condition: Roles Anywhere sends no external ID.",
    { condition: { StringEquals: { "sts:ExternalId": "eks" } } },
    /external ID/,
  ),
  ofPolicy(
    "a trust policy that denies",
    "Remove the statement, or limit it by a condition.",
    { statement: { Effect: "Deny" } },
    /[Dd]en/,
  ),
  {
    what: "a role that was deleted",
    todo: "Create the role again, and its access entry.",
    then: ({ role }) => iam("DeleteRole", { RoleName: role }),
    ...refused,
    cure: /trust policy|exist/,
  },
  {
    what: "a profile that waits for longer sessions than the role allows",
    todo: "Pass a shorter `--session-duration`, or raise the role's maximum session duration.",
    parts: { profile: { durationSeconds: 7200 } },
    flags: () => ({ "session-duration": "7200" }),
    hop: "create-session",
    code: "REFUSED_DURATION",
    cure: /--session-duration/,
  },
  {
    what: "a profile that accepts no session names",
    todo: "Omit `--role-session-name`, or set acceptRoleSessionName on the profile.",
    flags: () => ({ "role-session-name": "alice" }),
    hop: "create-session",
    code: "REFUSED_SESSION_NAME",
    args: withProfile,
    cure: /the profile does not accept a session name/,
  },
  {
    what: "a trust anchor that is disabled",
    todo: "Enable it: `aws rolesanywhere enable-trust-anchor`.",
    then: ({ anchor }) => rolesAnywhere("POST", `/trustanchor/${anchor.id}/disable`),
    hop: "create-session",
    code: "REFUSED_TRUST_ANCHOR",
    cure: /disabled/,
  },
  {
    what: "a trust anchor that was deleted",
    todo: "Create it again, and pass its new ARN.",
    then: ({ anchor }) => rolesAnywhere("DELETE", `/trustanchor/${anchor.id}`),
    hop: "create-session",
    code: "REFUSED_TRUST_ANCHOR",
    cure: /does not exist/,
  },
  {
    what: "a profile that is not enabled",
    todo: "Enable it: `aws rolesanywhere enable-profile`.",
    parts: { profile: { enabled: false } },
    hop: "create-session",
    code: "REFUSED_PROFILE",
    args: withProfile,
    cure: /refuses it: the profile is disabled/,
  },
  {
    what: "a profile that was deleted",
    todo: "Create it again, and pass its new ARN.",
    then: ({ profile }) => rolesAnywhere("DELETE", `/profile/${profile.id}`),
    hop: "create-session",
    code: "REFUSED_PROFILE",
    cure: /does not exist|disabled/,
  },
  {
    what: "a profile with another role",
    todo: "Add the role to the profile.",
    parts: { profile: { roleArns: [`arn:aws:iam::${accountId}:role/another`] } },
    hop: "create-session",
    code: "REFUSED_ROLE_NOT_IN_PROFILE",
    args: withProfile,
    cure: /the profile does not list the role/,
  },
  {
    what: "a role ARN without the role's path",
    todo: "Pass the role's ARN as IAM prints it, with the path.",
    parts: { path: "/team/" },
    flags: ({ role }) => ({ "role-arn": `arn:aws:iam::${accountId}:role/${role}` }),
    hop: "create-session",
    code: "REFUSED_ROLE_NOT_IN_PROFILE",
    cure: /profile/,
  },
  {
    what: "a cluster of another region",
    todo: "Pass the region of the cluster.",
    flags: () => ({ region: "eu-central-1" }),
    hop: "cluster",
    code: "EKS_CLUSTER_NOT_FOUND",
    cure: /region/,
  },
  {
    what: "no mapping at all",
    todo: "Create an access entry or an entry of aws-auth for the role.",
    parts: { entry: undefined },
    hop: "api-server",
    code: "API_UNAUTHORIZED",
    cure: /no access entry maps the role/,
  },
  {
    what: "an aws-auth that maps another role",
    todo: "Add the entry that the report prints.",
    parts: {
      entry: undefined,
      mapRoles: () => `- {rolearn: "arn:aws:iam::${accountId}:role/another", username: a, groups: [a]}\n`,
    },
    hop: "mapping",
    code: "MAPPING_NOT_FOUND",
    cure: /rolearn/,
  },
  {
    what: "an aws-auth with the role's path",
    todo: "Write the ARN in aws-auth without the path.",
    parts: {
      path: "/team/",
      entry: undefined,
      mapRoles: (arn) => `- {rolearn: "${arn}", username: a, groups: [a]}\n`,
    },
    hop: "mapping",
    code: "MAPPING_ROLE_PATH",
    cure: /without/,
  },
  {
    what: "an aws-auth with the session's ARN",
    todo: "Write the role's ARN in aws-auth.",
    parts: {
      entry: undefined,
      mapRoles: (arn) =>
        `- {rolearn: "${arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/alice", username: a, groups: [a]}\n`,
    },
    hop: "mapping",
    code: "MAPPING_STS_ARN",
    cure: /role's/,
  },
  {
    what: "an aws-auth that is no YAML",
    todo: "Correct the line that the report names.",
    parts: { entry: undefined, mapRoles: (arn) => `- rolearn: ${arn}\n  username: "a\n  groups: [a]\n` },
    hop: "mapping",
    code: "MAPPING_BROKEN_YAML",
    cure: /line/,
  },
  {
    what: "an access entry of a role that was created again",
    todo: "Delete the access entry and create it again.",
    then: async ({ role, document }) => {
      await iam("DeleteRole", { RoleName: role });
      await iam("CreateRole", { RoleName: role, AssumeRolePolicyDocument: document });
    },
    hop: "api-server",
    code: "API_REFUSED_THOUGH_ENTRY",
    cure: /created again|delete/,
  },
  {
    what: "an access entry without groups",
    todo: "Give the access entry a group that RBAC binds, or an access policy.",
    parts: { entry: { kubernetesGroups: [] } },
    hop: "authorization",
    code: "RBAC_FORBIDDEN",
    cure: /clusterrolebinding/,
  },
  {
    what: "a group that nothing binds",
    todo: "Bind the group: the report prints the command.",
    parts: { binding: "none" },
    hop: "authorization",
    code: "RBAC_FORBIDDEN",
    cure: /clusterrolebinding/,
  },
  {
    what: "a binding to a role that is not there",
    todo: "Create the ClusterRole, or bind one that exists.",
    parts: { binding: "of a role that is not there" },
    hop: "authorization",
    code: "RBAC_FORBIDDEN",
    cure: /clusterrolebinding/,
  },
];

/** A third of them in the ordinary run. */
const taken = brokenSetUps.filter((_, index) => isThorough || index % 3 === 0);

/** A name of its own for each case: roles and groups stay from one to the next. */
const nameOf = (what: string): string => `r${createHash("sha256").update(what).digest("hex").slice(0, 8)}`;

/** `npx vitest run test/e2e/broken-set-ups.test.ts --update` writes the page again. */
it("docs/broken-set-ups.md lists these set-ups", async () => {
  const rows = brokenSetUps.map(
    ({ what, hop, code, todo }) => `| ${what} | ${hop} | \`${code}\` | ${todo} |`,
  );
  const text = `# Set-ups that go wrong

<!-- Generated by test/e2e/broken-set-ups.test.ts, which makes each of these set-ups and checks the report of token debug. -->

What an administrator gets wrong, from the CA to RBAC, and what \`eks-x509 token debug\` reports.
\`--trust-policy\`, \`--profile\` and \`--crl\` give the reason of a refusal by Roles Anywhere, and \`--aws-auth\` or \`--admin-context\`
that of a mapping: see [token-debug.md](token-debug.md). [errors.md](errors.md) lists every code.

| what is wrong | hop | code | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
  const options = await resolveConfig("docs/broken-set-ups.md");
  const page = await format(text, { ...options, parser: "markdown" });
  await expect(page).toMatchFileSnapshot("../../docs/broken-set-ups.md");
});

describe("token debug tells a broken set-up", () => {
  it("and says nothing of a right one", async () => {
    const broken = { what: "nothing", todo: "", hop: "", code: "", cure: /./ };
    const { hops, verdict } = await debug(await setUp(nameOf("nothing"), broken), broken);
    expect(hops.filter(({ status }) => status === "failed")).toEqual([]);
    expect(verdict).toBe("accepted");
  });

  it("nor of an access policy in place of RBAC", async () => {
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    const association = { policyArn, accessScope: { type: "cluster" } };
    const broken: Broken = {
      ...{ what: "a policy", todo: "", hop: "", code: "", cure: /./ },
      parts: { binding: "none" },
      then: ({ roleArn }) =>
        rest("eks", "POST", `${accessEntries}/${encodeURIComponent(roleArn)}/access-policies`, association),
    };
    const { hops } = await debug(await setUp(nameOf("a policy"), broken), broken);
    expect(hops.filter(({ status }) => status === "failed")).toEqual([]);
  });

  it.each(taken)("$what: $code", async (broken) => {
    const made = await setUp(nameOf(broken.what), broken);
    const { hops } = await debug(made, broken);
    const found = hops.find(({ code }) => code === broken.code);
    expect([found?.name, found?.status === "ok"], shown(hops)).toEqual([broken.hop, false]);
    expect(`${found?.detail} ${found?.hint} ${JSON.stringify(found?.facts)}`).toMatch(broken.cure);
  });
});

function shown(hops: readonly HopJson[]): string {
  return hops
    .filter(({ code }) => code !== null)
    .map(({ name, code, detail, hint }) => `${name} ${code}: ${detail} ${hint}`)
    .join("\n");
}
