/** What is signed, judged by the sandbox's own reading of SigV4. */
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eksApi, type EksApi } from "../../../src/aws/eks/api.ts";
import { describeCluster } from "../../../src/aws/eks/describe-cluster.ts";
import { describeAccessEntry } from "../../../src/aws/eks/access-entry.ts";
import { listClusters } from "../../../src/aws/eks/list-clusters.ts";
import { httpClient, type Http } from "../../../src/http/client.ts";
import { identityOf } from "../../identity/given.ts";
import { createSession } from "../../../src/rolesanywhere/create-session.ts";
import { startSandbox, type Sandbox } from "../../../src/sandbox/sandbox.ts";
import { parseRoleArn, parseRolesAnywhereArn, ArnProblem } from "../../../src/aws/arn.ts";
import { readFileSync } from "node:fs";
import { rejectionOf } from "../../failure.ts";
import { region } from "./eks-sessions.ts";

let sandbox: Sandbox;
let http: Http;

beforeAll(async () => {
  sandbox = await startSandbox({
    temporaryFolder: tmpdir(),
    authenticationMode: "API",
    now: () => new Date(),
    onEvent: () => undefined,
  });
  const ca = readFileSync(sandbox.caFile, "utf8");
  http = httpClient({
    env: {},
    trustStore: () => Promise.resolve([ca]),
    maxAttempts: 1,
    onAttempt: () => undefined,
  });
});
afterAll(() => sandbox.close());

async function eks(changes: { region?: string; secretAccessKey?: string } = {}): Promise<EksApi> {
  const endpoint = new URL(sandbox.awsEndpoint);
  const named = (path: string) => ({ name: path, bytes: readFileSync(path) });
  const identity = identityOf(
    {
      certificate: named(sandbox.certificateFile),
      privateKey: named(sandbox.privateKeyFile),
      intermediates: undefined,
    },
    new Date(),
  );
  const parameters = {
    trustAnchor: parsed(parseRolesAnywhereArn(sandbox.trustAnchorArn, "trust-anchor")),
    profile: parsed(parseRolesAnywhereArn(sandbox.profileArn, "profile")),
    role: parsed(parseRoleArn(sandbox.roleArns[0])),
    durationSeconds: 900,
    roleSessionName: undefined,
  };
  const session = await createSession(parameters, () => Promise.resolve(identity), endpoint, {
    http,
    clock: () => new Date(),
  });
  const { secretAccessKey = session.credentials.secretAccessKey } = changes;
  return eksApi(
    {
      session: { ...session, credentials: { ...session.credentials, secretAccessKey } },
      region: region(changes.region),
      endpoint,
    },
    { http, clock: () => new Date() },
  );
}

function parsed<Value>(value: Value | ArnProblem): Value {
  return value instanceof ArnProblem ? expect.fail(value.why) : value;
}

describe("a signed request to EKS", () => {
  it("is accepted: DescribeCluster, and ListClusters with its query", async () => {
    expect(await describeCluster(await eks(), "demo")).toMatchObject({
      arn: sandbox.clusterArn,
      endpoint: sandbox.kubernetesEndpoint,
      authenticationMode: "API",
    });
    expect(await listClusters(await eks())).toEqual(["demo"]);
  });

  it("is accepted with an ARN in its path", async () => {
    const [roleArn] = sandbox.roleArns;
    expect(await describeAccessEntry(await eks(), "demo", roleArn)).toMatchObject({
      principalArn: roleArn,
      kubernetesGroups: ["eks-x509:viewers"],
    });
    const arn = "arn:aws:iam::111122223333:role/a~b/(c)*'!/eks-read-only";
    expect(await describeAccessEntry(await eks(), "demo", arn)).toBeUndefined();
  });

  it("is refused with another secret key", async () => {
    const error = await rejectionOf(describeCluster(await eks({ secretAccessKey: "another" }), "demo"));
    expect(error.code).toBe("EKS_SIGNATURE");
  });

  it("finds no cluster of another region", async () => {
    const error = await rejectionOf(describeCluster(await eks({ region: "eu-central-1" }), "demo"));
    expect(error.code).toBe("EKS_CLUSTER_NOT_FOUND");
    expect(error.hint).toContain("eu-central-1");
  });
});
