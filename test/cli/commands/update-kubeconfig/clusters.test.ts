/** The use case over ports in memory: who is asked what, and what becomes of failures. */
import { Secrets } from "../../../../src/foundation/secrets.ts";
import { beforeEach, describe, expect, it } from "vitest";
import { ArnProblem, parseRoleArn, parseRolesAnywhereArn } from "../../../../src/aws/arn.ts";
import { cacheOn } from "../../../../src/cache/cache.ts";
import { EksX509Error } from "../../../../src/foundation/errors.ts";
import { getToken } from "../../../../src/sign-in/get-token.ts";
import type { SessionInput } from "../../../../src/sign-in/input.ts";
import type { Answer } from "../../../../src/http/exchange.ts";
import {
  askForClusters,
  type ClusterAnswer,
  type ClusterPorts,
} from "../../../../src/cli/commands/update-kubeconfig/clusters.ts";
import { MemoryKeychain } from "../../../cache/memory-keychain.ts";
import { from, hour, intermediate, leaf, now, root } from "../../../certificates.ts";
import { described, refusal, region } from "../../../aws/eks/eks-sessions.ts";
import { rejectionOf } from "../../../failure.ts";
import { sha256 } from "../../../ports.ts";
import { keyFiles } from "../../../key-files.ts";

const issuer = intermediate(root());
const alice = leaf(issuer);
const files: Readonly<Record<string, string>> = {
  "/alice.pem": alice.pem + issuer.pem,
  "/alice.key": alice.keyPem,
};

let keychain: MemoryKeychain;
let asked: string[];
let logged: string[];
let progress: string[];
/** By path; what is not there is not found. */
let eks: Record<string, object>;

beforeEach(() => {
  keychain = new MemoryKeychain();
  asked = [];
  logged = [];
  progress = [];
  eks = {};
});

const ports: ClusterPorts = {
  clock: () => now,
  secrets: new Secrets(),
  log: (hop, line) => logged.push(`${hop}: ${line}`),
  ...keyFiles((path) =>
    Promise.resolve({ name: path, bytes: Buffer.from(files[path] ?? expect.fail(path)), mode: 0o600 }),
  ),
  entries: {
    read: (account) => cache().read(account),
    write: (account, record) => cache().write(account, record),
  },
  singleFlight: () => Promise.resolve({ run: ({ work }) => work() }),
  http: () =>
    Promise.resolve(async ({ request }) => {
      asked.push((await request()).url.pathname);
      return { status: 201, headers: {}, body: createdSession() };
    }),
  eksHttp: () =>
    Promise.resolve(async ({ request }) => {
      const { pathname } = (await request()).url;
      asked.push(pathname);
      return answer(
        eks[pathname] ?? refusal(404, "ResourceNotFoundException", "No cluster found for name: x."),
      );
    }),
  progress: ({ name }, done, all) => progress.push(`${name} ${done}/${all}`),
};

function cache() {
  return cacheOn({ keychain, clock: () => now, log: () => undefined, sha256 });
}

function answer(given: Partial<Answer> | object): Answer {
  const refused =
    "status" in given && typeof given.status === "number" ? { ...given, status: given.status } : {};
  return { status: 200, headers: {}, body: JSON.stringify(given), ...refused };
}

function createdSession(): string {
  const credentials = {
    accessKeyId: "ASIAQNZGKIQY56JQ7WML",
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: from(hour).toISOString(),
  };
  return JSON.stringify({ credentialSet: [{ credentials, assumedRoleUser: { arn: "arn:aws:sts::x" } }] });
}

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const arn = (kind: "trust-anchor" | "profile") =>
  parsed(parseRolesAnywhereArn(`arn:aws:rolesanywhere:us-west-2:111122223333:${kind}/${uuid}`, kind));

function parsed<Value>(value: Value | ArnProblem): Value {
  return value instanceof ArnProblem ? expect.fail(value.why) : value;
}

const session: SessionInput = {
  files: {
    certificate: { path: "/alice.pem", source: "--certificate" },
    privateKey: { path: "/alice.key", source: "--private-key" },
    intermediates: undefined,
    access: {},
  },
  parameters: {
    trustAnchor: arn("trust-anchor"),
    profile: arn("profile"),
    role: parsed(parseRoleArn("arn:aws:iam::111122223333:role/eks-read-only")),
    durationSeconds: 3600,
    roleSessionName: undefined,
  },
  endpoint: new URL("https://rolesanywhere.us-west-2.amazonaws.com"),
  cache: "auto",
};

function ask(...clusters: string[]): Promise<ClusterAnswer[]> {
  return askForClusters(question(clusters), ports);
}

function question(clusters: readonly string[] | "all") {
  return {
    session,
    region: region(),
    eksEndpoint: new URL("https://eks.us-west-2.amazonaws.com"),
    clusters,
  };
}

const names = (answers: readonly ClusterAnswer[]) =>
  answers.map(
    ({ name, outcome }) => `${name}: ${outcome instanceof EksX509Error ? outcome.code : outcome.arn}`,
  );
const arnOf = (name: string) => `arn:aws:eks:us-west-2:111122223333:cluster/${name}`;

function there(...clusters: string[]): void {
  for (const name of clusters) eks[`/clusters/${name}`] = described({ name, arn: arnOf(name) });
}

describe("asking for clusters", () => {
  it("makes one session, which get-token then finds", async () => {
    there("a", "b");
    await ask("a", "b");
    await ask("a");
    const token = { clusterName: "a", region: region(), variant: { fips: false, dualStack: false } };
    await getToken({ ...session, token }, ports);
    expect(asked.filter((path) => path === "/sessions")).toHaveLength(1);
  });

  it("answers in the order of the names, whichever comes first", async () => {
    const clusters = Array.from({ length: 11 }, (_, index) => `c${index}`);
    there(...clusters);
    expect((await ask(...clusters)).map(({ name }) => name)).toEqual(clusters);
    expect(progress).toHaveLength(11);
    expect(progress.at(-1)).toMatch(/ 11\/11$/);
  });

  it("leaves the others when one fails", async () => {
    there("a", "c");
    eks["/clusters/b"] = described({ status: "CREATING" });
    expect(names(await ask("a", "b", "c"))).toEqual([
      `a: ${arnOf("a")}`,
      "b: EKS_CLUSTER_STATUS",
      `c: ${arnOf("c")}`,
    ]);
  });

  it("asks for all that there are", async () => {
    there("a", "b");
    eks["/clusters"] = { clusters: ["a", "b"] };
    expect(names(await askForClusters(question("all"), ports))).toEqual([
      `a: ${arnOf("a")}`,
      `b: ${arnOf("b")}`,
    ]);
  });

  it("says so when there are none, or when they may not be listed", async () => {
    eks["/clusters"] = { clusters: [] };
    expect((await rejectionOf(askForClusters(question("all"), ports))).code).toBe("EKS_NO_CLUSTERS");
    eks["/clusters"] = refusal(403, "AccessDeniedException", "no");
    const error = await rejectionOf(askForClusters(question("all"), ports));
    expect(error.code).toBe("EKS_ACCESS_DENIED");
    expect(error.hint).toContain("eks:ListClusters");
  });
});

describe("of a cluster that is not there", () => {
  const hintFor = async (name: string) => {
    const [{ outcome } = expect.fail()] = await ask(name);
    return outcome instanceof EksX509Error ? outcome.hint : expect.fail();
  };

  it("the existing ones are listed, the nearest first", async () => {
    eks["/clusters"] = { clusters: ["production", "demo-1", "a", "b", "c", "d"] };
    expect(await hintFor("demo")).toMatch(
      /^EKS lists: demo-1, (\w+, ){3}\w+ …\. Check --region\. The request went to us-west-2/,
    );
  });

  it("or that there are none", async () => {
    eks["/clusters"] = { clusters: [] };
    expect(await hintFor("demo")).toMatch(/^EKS lists no cluster\. Check --region/);
  });

  it("unless the role may not list them", async () => {
    eks["/clusters"] = refusal(403, "AccessDeniedException", "no");
    expect(await hintFor("demo")).toMatch(/^Check --region/);
  });
});
