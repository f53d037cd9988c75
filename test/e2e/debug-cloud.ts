/**
 * The sandbox's parts, put together so that every piece of it can be wrong: one account with good and bad roles and profiles, AWS endpoints
 * with another clock or another CA, several clusters. It keeps every secret that it gave out or was sent.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuthenticationMode } from "../../src/aws/eks/describe-cluster.ts";
import {
  type AccessEntry,
  type Account,
  type Cluster,
  emptyAccount,
  furnishedProfile,
  furnishedRole,
  furnishedTrustAnchor,
} from "../../src/sandbox/aws/account.ts";
import { trustPolicyIn } from "../../src/sandbox/aws/iam/roles.ts";
import { createAwsEndpoint } from "../../src/sandbox/aws/aws-endpoint.ts";
import { createSessions, type Session, type Sessions } from "../../src/sandbox/aws/sessions.ts";
import { askSts } from "../../src/sandbox/cluster/loopback-client.ts";
import { createAuthenticator } from "../../src/sandbox/cluster/authenticator/authenticator.ts";
import { startEmbedded } from "../../src/sandbox/cluster/sandbox-cluster.ts";
import type { AwsAuthLists } from "../../src/sandbox/cluster/cluster-access.ts";
import { createCertificates, type SandboxCertificates } from "../../src/sandbox/sandbox-certificates.ts";
import { startServer } from "../../src/sandbox/server.ts";
import type { Handler, WireRequest } from "../../src/sandbox/wire.ts";
import { longRoot } from "./long-names.ts";
import { trusting } from "../trust-policy/trusting.ts";

export const accountId = "111122223333";
export const region = "us-west-2";
export const iam = (name: string, account = accountId): string => `arn:aws:iam::${account}:role/${name}`;
export const rolesAnywhere = (resource: string): string =>
  `arn:aws:rolesanywhere:${region}:${accountId}:${resource}`;

export const trustAnchors = {
  own: rolesAnywhere("trust-anchor/11111111-1111-1111-1111-111111111111"),
  unknown: rolesAnywhere("trust-anchor/99999999-9999-9999-9999-999999999999"),
};
export const profiles = {
  usual: rolesAnywhere("profile/22222222-2222-2222-2222-222222222222"),
  unnamed: rolesAnywhere("profile/22222222-2222-2222-2222-222222222223"),
  expired: rolesAnywhere("profile/22222222-2222-2222-2222-222222222224"),
  brief: rolesAnywhere("profile/22222222-2222-2222-2222-222222222225"),
  long: rolesAnywhere("profile/22222222-2222-2222-2222-222222222226"),
  unknown: rolesAnywhere("profile/99999999-9999-9999-9999-999999999999"),
};

/** Roles of another account that trust eks-read-only under the external ID `ours:1`, and one that does not exist. */
export const secondRoles = {
  usual: iam("eks-deploy", "444455556666"),
  withoutIdentity: iam("eks-audit", "444455556666"),
  unknown: iam("nowhere", "444455556666"),
};

/** All in the profiles, and all but the last to be assumed. */
export const roles = [
  "eks-read-only",
  "eks-admin",
  "no-groups",
  "nobody",
  "team/with-path",
  "by-sts-arn",
  "other-account",
  "trailing-space",
  "brief",
  "recreated",
  "distrusting",
] as const;
export type RoleName = (typeof roles)[number];

export interface Cloud {
  folder: string;
  certificates: SandboxCertificates;
  sessions: Sessions;
  /** `https://127.0.0.1:PORT`. */
  aws: string;
  /** The same account, by a clock that is so many milliseconds ahead; answers the endpoint. */
  awsAhead: (milliseconds: number) => Promise<string>;
  /** PEM. */
  ca: string;
  caFile: string;
  server: (cluster: string) => string;
  addCluster: (cluster: NewCluster) => Promise<void>;
  /** A file that a run is given; answers its path. */
  input: (name: string, content: string, mode?: number) => string;
  /** All that was issued or received so far, and must not come out. */
  secrets: Set<string>;
  close: () => Promise<void>;
}

export interface NewCluster {
  name: string;
  awsAuth: AwsAuthLists;
  mode?: AuthenticationMode;
  /** Roles by name, and the id of the role that the entry was made for, where that is not the role's. */
  entries?: readonly { role: RoleName; principalId?: string }[];
  status?: Cluster["status"];
  /** EKS does not know it, as a cluster of another account, or one that somebody runs on machines of their own. */
  isForeign?: boolean;
  /** The endpoint that EKS returns, if it is not the sandbox's API server. */
  endpoint?: string;
}

export async function openCloud(): Promise<Cloud> {
  const now = (): Date => new Date();
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-debug-"));
  const certificates = await createCertificates(now());
  const clusters: Cluster[] = [];
  const servers = new Map<string, string>();
  const secrets = new Set<string>();
  const sessions = remembering(createSessions(), secrets);
  const account = { ...accountWith(certificates), clusters };
  const serve = (handler: Handler, clock = now) =>
    startServer({ handler: listening(handler, secrets), ...certificates.server, now: clock });
  const onEvent = (): void => undefined;
  const endpoint = (clock: () => Date) =>
    serve(withNodes(createAwsEndpoint({ account, sessions, now: clock, onEvent })), clock);
  const aws = await endpoint(now);
  const running = [aws];
  const ca = certificates.tlsAuthority.certificate;

  const addCluster = async ({
    name,
    awsAuth,
    mode = "CONFIG_MAP",
    entries = [],
    status,
    isForeign = false,
    endpoint: endpoint,
  }: NewCluster): Promise<void> => {
    let data: () => Readonly<Record<string, string>> = () => ({});
    const accessEntries = entries.map(accessEntry);
    const authenticator = createAuthenticator({
      authenticationMode: mode,
      accessEntries,
      partition: "aws",
      region,
      clusterName: name,
      ask: askSts({ port: aws.port, certificateAuthority: ca }),
      awsAuth: () => data(),
      now,
      onEvent,
    });
    const side = await startEmbedded({ authenticator, awsAuth, now, onEvent, serve });
    data = side.awsAuth;
    running.push({ ...side, port: 0 });
    servers.set(name, endpoint ?? side.url);
    if (isForeign) return;
    clusters.push({
      name,
      arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
      endpoint: endpoint ?? side.url,
      certificateAuthority: ca,
      status: status ?? "ACTIVE",
      authenticationMode: mode,
      accessEntries,
      createdAt: now(),
      version: side.version,
    });
  };

  const inputs = join(folder, "inputs");
  mkdirSync(inputs);
  const written = new Map<string, string>();
  const input = (name: string, content: string, mode = 0o600): string => {
    const path = join(inputs, name);
    // Not once more: another run may be reading it.
    if (written.get(name) !== content) writeFileSync(path, content, { mode });
    written.set(name, content);
    return path;
  };
  return {
    folder,
    certificates,
    sessions,
    aws: aws.url,
    awsAhead: async (milliseconds) => {
      const ahead = await endpoint(() => new Date(Date.now() + milliseconds));
      running.push(ahead);
      return ahead.url;
    },
    ca,
    caFile: input("ca.pem", ca),
    server: (cluster) => servers.get(cluster) ?? "",
    addCluster,
    input,
    secrets,
    close: async () => {
      await Promise.all(running.map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accountWith({ root }: SandboxCertificates): Account {
  const profile = (arn: string, settings = {}) =>
    furnishedProfile(arn, {
      acceptRoleSessionName: true,
      roleArns: roles.map((name) => iam(name)),
      ...settings,
    });
  return {
    ...emptyAccount(accountId, "aws"),
    trustAnchors: [furnishedTrustAnchor(trustAnchors.own, root.certificate + longRoot.pem)],
    profiles: [
      profile(profiles.usual),
      profile(profiles.unnamed, { acceptRoleSessionName: false }),
      profile(profiles.expired, { durationSeconds: -60 }),
      profile(profiles.brief, { durationSeconds: 40 }),
      profile(profiles.long, { durationSeconds: 43_200 }),
    ],
    otherRoles: [
      secondRole(secondRoles.usual, 0, ["sts:AssumeRole", "sts:SetSourceIdentity"]),
      secondRole(secondRoles.withoutIdentity, 1, ["sts:AssumeRole"]),
    ],
    roles: [...roles, "not-in-profile"].map((name, index) =>
      furnishedRole(iam(name), {
        uniqueId: uniqueId(index),
        maxSessionDuration: name === "brief" ? 3600 : 43_200,
        trustPolicy:
          name === "distrusting" ? trusting(["sts:AssumeRole", "sts:SetSourceIdentity"]) : trusting("sts:*"),
      }),
    ),
  };
}

/** Whom the second roles trust, under the external ID `ours:1`. */
function secondRole(arn: string, index: number, Action: readonly string[]) {
  const statement = {
    Effect: "Allow",
    Principal: { AWS: iam("eks-read-only") },
    Action,
    Condition: { StringEquals: { "sts:ExternalId": "ours:1" } },
  };
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statement });
  return furnishedRole(arn, { uniqueId: uniqueId(100 + index), ...trustPolicyIn(document) });
}

function uniqueId(index: number): string {
  return `AROADEBUGTABLE${String(index).padStart(7, "0")}`;
}

function accessEntry({
  role,
  principalId = uniqueId(roles.indexOf(role)),
}: {
  role: RoleName;
  principalId?: string;
}): AccessEntry {
  return {
    arn: `arn:aws:eks:${region}:${accountId}:access-entry/entries/role/${accountId}/${role}/0`,
    principalArn: iam(role),
    principalId,
    username: "by-entry",
    kubernetesGroups: ["eks-x509:viewers"],
    type: "STANDARD",
    createdAt: new Date(),
    modifiedAt: new Date(),
    tags: {},
    policies: [],
  };
}

/** The sandbox has no entries for nodes: here is one. */
function withNodes(handler: Handler): Handler {
  const node = {
    principalArn: iam("by-sts-arn"),
    type: "EC2_LINUX",
    username: "system:node:{{EC2PrivateDNSName}}",
  };
  return (request) => {
    const [, principal = ""] = /^\/clusters\/entries\/access-entries\/(.+)$/.exec(request.path) ?? [];
    if (decodeURIComponent(principal) !== node.principalArn) return handler(request);
    return Promise.resolve(json(200, { accessEntry: { ...node, kubernetesGroups: ["system:nodes"] } }));
  };
}

function json(status: number, body: object) {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function remembering(sessions: Sessions, secrets: Set<string>): Sessions {
  const note = ({ secretAccessKey, sessionToken }: Session): void => {
    secrets.add(secretAccessKey).add(sessionToken);
  };
  return {
    ...sessions,
    issue: (request) => {
      const session = sessions.issue(request);
      note(session);
      return session;
    },
    add: (session) => {
      sessions.add(session);
      note(session);
    },
  };
}

/** Bearer tokens, and signatures in headers and queries. */
function listening(handler: Handler, secrets: Set<string>): Handler {
  return (request) => {
    for (const secret of secretsIn(request)) secrets.add(secret);
    return handler(request);
  };
}

function secretsIn({ headers, rawQuery }: WireRequest): string[] {
  const authorization = headers.get("authorization") ?? "";
  const [, bearer = ""] = /^Bearer (.+)$/.exec(authorization) ?? [];
  const [, signature = ""] = /Signature=(\w+)/.exec(`${authorization}&${rawQuery}`) ?? [];
  return [bearer, bearer.replace(/^k8s-aws-v1\./, ""), signature].filter(Boolean);
}
