import { describe, expect, it } from "vitest";
import { describeAccessEntry } from "../../../src/aws/eks/access-entry.ts";
import { listClusters } from "../../../src/aws/eks/list-clusters.ts";
import { describeCluster } from "../../../src/aws/eks/describe-cluster.ts";
import { day, from } from "../../certificates.ts";
import { rejectionOf } from "../../failure.ts";
import { certificateAuthority, described, fakeEks, fakeEksAt, refusal, session } from "./eks-sessions.ts";

const ask = (...answers: Parameters<typeof fakeEks>) => describeCluster(fakeEks(...answers).eks, "demo");

describe("DescribeCluster", () => {
  it("returns what a kubeconfig needs", async () => {
    expect(await ask(described())).toEqual({
      name: "demo",
      arn: "arn:aws:eks:us-west-2:111122223333:cluster/demo",
      tokenName: "demo",
      status: "ACTIVE",
      endpoint: "https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com",
      certificateAuthority,
      authenticationMode: "API_AND_CONFIG_MAP",
    });
  });

  it("is one signed GET, with the session's token, and nothing of its secret key", async () => {
    const { eks, requests } = fakeEks(described());
    await describeCluster(eks, "demo");
    const [{ method, url, headers } = expect.fail()] = requests;
    expect(`${method} ${url.href}`).toBe("GET https://eks.us-west-2.amazonaws.com/clusters/demo");
    expect(headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=ASIA\w+\/\d{8}\/us-west-2\/eks\/aws4_request, SignedHeaders=accept;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    expect(JSON.stringify(headers)).not.toContain(session.credentials.secretAccessKey);
  });

  it("names a local cluster on Outposts by its id, as its tokens do", async () => {
    const id = "4f3a7c2e-0b1d-4e5f-8a9b-0123456789ab";
    expect(await ask(described({ id, outpostConfig: { outpostArns: [] } }))).toMatchObject({
      name: "demo",
      tokenName: id,
    });
  });

  it.each([undefined, { authenticationMode: "SOMETHING_NEW" }, "text"])(
    "does without an authentication mode that it knows: %o",
    async (accessConfig) => {
      expect((await ask(described({ accessConfig }))).authenticationMode).toBeUndefined();
    },
  );

  it("takes a cluster that is being updated", async () => {
    expect((await ask(described({ status: "UPDATING" }))).status).toBe("UPDATING");
  });

  it.each(["CREATING", "DELETING", "FAILED", "PENDING"])(
    "refuses one that is %s, in the AWS CLI's words",
    async (status) => {
      expect(await rejectionOf(ask(described({ status, endpoint: undefined })))).toMatchObject({
        category: "refused",
        code: "EKS_CLUSTER_STATUS",
        message: `Cluster status is ${status}: demo`,
      });
    },
  );

  it.each([
    ["cluster", {}],
    ["cluster", { cluster: [] }],
    ["cluster.status", described({ status: 7 })],
    ["cluster.name", described({ name: "../demo" })],
    ["cluster.arn", described({ arn: "arn:aws:eks:us-west-2:111122223333:cluster/de\nmo" })],
    ["cluster.endpoint", described({ endpoint: undefined })],
    ["cluster.endpoint", described({ endpoint: "http://EXAMPLE" })],
    ["cluster.endpoint", described({ endpoint: "https://EXAMPLE/path?query" })],
    ["cluster.endpoint", described({ endpoint: "https://[[[:::" })],
    ["cluster.endpoint", described({ endpoint: "https://a:99999999" })],
    ["cluster.endpoint", described({ endpoint: "https://..." })],
    ["cluster.arn", described({ arn: "arn:aws:eks:us-west-2:1111:cluster/demo" })],
    [
      "cluster.arn",
      described({ arn: `arn:aws:eks:us-west-2:111122223333:cluster/${session.credentials.sessionToken}` }),
    ],
    ["cluster.id", described({ id: session.credentials.sessionToken.slice(2, 30), outpostConfig: {} })],
    ["cluster.endpoint", described({ endpoint: `https://${session.credentials.sessionToken.slice(0, 20)}` })],
    ["cluster.certificateAuthority.data", described({ certificateAuthority: null })],
    ["cluster.certificateAuthority.data", described({ certificateAuthority: { data: "AAAA" } })],
  ])("refuses an answer whose %s is wrong", async (field, answer) => {
    expect(await rejectionOf(ask(answer))).toMatchObject({
      category: "network",
      code: "EKS_RESPONSE_MALFORMED",
      message: `EKS's answer to DescribeCluster cannot be used: ${field} is missing or malformed`,
    });
  });
});

describe("an answer about another cluster names what differs:", () => {
  const arn = (place: string, name = "demo"): object => described({ arn: `arn:${place}:cluster/${name}` });

  it.each([
    ["NAME", '"demo"', '"Demo"', described({ name: "Demo" })],
    [
      "NAME",
      '"demo"',
      '"prod"',
      described({ name: "prod", arn: "arn:aws:eks:us-west-2:111122223333:cluster/prod" }),
    ],
    ["NAME", '"demo"', '"prod"', arn("aws:eks:us-west-2:111122223333", "prod")],
    ["REGION", "us-west-2", "us-east-1", arn("aws:eks:us-east-1:111122223333")],
    ["PARTITION", "aws", "aws-cn", arn("aws-cn:eks:us-west-2:111122223333")],
    ["ACCOUNT", "111122223333", "444455556666", arn("aws:eks:us-west-2:444455556666")],
  ])("%s %s, not %s", async (what, wanted, other, answer) => {
    const failure = await rejectionOf(ask(answer));
    expect(failure).toMatchObject({ category: "network", code: `EKS_RESPONSE_OTHER_${what}` });
    expect(failure.message).toContain(`${what.toLowerCase()} ${other}`);
    expect(failure.message).toContain(wanted);
    expect(failure.hint).not.toBe("");
  });
});

describe("ListClusters", () => {
  it("reads all pages, and returns each name once", async () => {
    const { eks, requests } = fakeEks(
      { clusters: ["a", "b"], nextToken: "b+/=& c" },
      { clusters: ["c", "a"], nextToken: null },
    );
    expect(await listClusters(eks)).toEqual(["a", "b", "c"]);
    expect(requests.map(({ url }) => url.searchParams.get("nextToken"))).toEqual([null, "b+/=& c"]);
    expect(requests[0]?.url.searchParams.get("maxResults")).toBe("100");
  });

  it("comes to an end, whatever the server does", async () => {
    let page = 0;
    const { eks, requests } = fakeEks(() => ({ clusters: [], nextToken: `${page++}` }));
    expect((await rejectionOf(listClusters(eks))).code).toBe("EKS_PAGES_ENDLESS");
    expect(requests).toHaveLength(100);
  });

  it.each([
    [2, ["a", "a"]],
    [3, ["a", "b", "a"]],
    [4, ["a", "b", "c", "b"]],
  ])("ends at page %i, where the server repeats a token: %j", async (count, tokens) => {
    const { eks, requests } = fakeEks(...tokens.map((nextToken) => ({ clusters: [], nextToken })));
    expect((await rejectionOf(listClusters(eks))).code).toBe("EKS_PAGES_ENDLESS");
    expect(requests).toHaveLength(count);
  });

  it("ends after a minute, whatever a page takes", async () => {
    let page = 0;
    const slow = () => ({ clusters: [], nextToken: `${page++}` });
    const { eks, requests } = fakeEksAt(() => from(page * 9_000), slow);
    expect((await rejectionOf(listClusters(eks))).code).toBe("EKS_PAGES_ENDLESS");
    expect(requests).toHaveLength(7);
  });

  it.each([
    {},
    { clusters: {} },
    { clusters: [1] },
    { clusters: ["x".repeat(101)] },
    { clusters: ["a", "../b"] },
    { clusters: ["a", ""] },
    { clusters: ["a", "b\nc"] },
    { clusters: ["a", session.credentials.sessionToken.slice(0, 20)] },
    { clusters: [`x-${session.credentials.sessionToken}-${"x".repeat(50)}`] },
  ])("refuses %o", async (answer) => {
    expect((await rejectionOf(listClusters(fakeEks(answer).eks))).code).toBe("EKS_RESPONSE_MALFORMED");
  });
});

describe("access entries", () => {
  const arn = "arn:aws:iam::111122223333:role/team/eks-read-only";

  it("are read one by one; the ARN is one segment of the path", async () => {
    const entry = { principalArn: arn, username: "alice:{{SessionName}}", kubernetesGroups: ["viewers"] };
    const { eks, requests } = fakeEks({ accessEntry: { ...entry, type: "STANDARD" } });
    expect(await describeAccessEntry(eks, "demo", arn)).toEqual({
      principalArn: arn,
      username: "alice:{{SessionName}}",
      kubernetesGroups: ["viewers"],
      type: "STANDARD",
    });
    expect(requests[0]?.url.pathname).toBe(
      "/clusters/demo/access-entries/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fteam%2Feks-read-only",
    );
  });

  it("are undefined where the cluster has none for the principal, and only there", async () => {
    const none = refusal(
      404,
      "ResourceNotFoundException",
      "The specified principalArn could not be found. You can view your available access entries with 'aws eks list-access-entries'.",
    );
    expect(await describeAccessEntry(fakeEks(none).eks, "demo", arn)).toBeUndefined();
    const noCluster = refusal(404, "ResourceNotFoundException", "No cluster found for name: demo.");
    const { code } = await rejectionOf(describeAccessEntry(fakeEks(noCluster).eks, "demo", arn));
    expect(code).toBe("EKS_CLUSTER_NOT_FOUND");
  });

  it("are not known to a cluster of mode CONFIG_MAP", async () => {
    const answer = refusal(
      400,
      "InvalidRequestException",
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
    );
    const { code } = await rejectionOf(describeAccessEntry(fakeEks(answer).eks, "demo", arn));
    expect(code).toBe("EKS_NO_ACCESS_ENTRIES");
  });

  it.each([
    {},
    { accessEntry: { principalArn: 1 } },
    { accessEntry: { principalArn: arn, kubernetesGroups: "x" } },
  ])("refuse %o", async (answer) => {
    const { code } = await rejectionOf(describeAccessEntry(fakeEks(answer).eks, "demo", arn));
    expect(code).toBe("EKS_RESPONSE_MALFORMED");
  });
});

describe("a refusal", () => {
  it.each([
    [
      404,
      "ResourceNotFoundException",
      "No cluster found for name: demo.",
      "EKS_CLUSTER_NOT_FOUND",
      /request went to us-west-2/,
    ],
    [
      403,
      "AccessDeniedException",
      "User: … is not authorized",
      "EKS_ACCESS_DENIED",
      /eks:DescribeCluster.*--cluster-endpoint/,
    ],
    [
      403,
      "ExpiredTokenException",
      "The security token included in the request is expired",
      "EKS_SESSION_EXPIRED",
      /cache clear/,
    ],
    [
      403,
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
      "EKS_SESSION_UNKNOWN",
      /enabled/,
    ],
    [
      403,
      "InvalidSignatureException",
      "The request signature we calculated does not match",
      "EKS_SIGNATURE",
      /proxy/,
    ],
    [429, "TooManyRequestsException", "Too many", "EKS_THROTTLED", /Wait/],
    [429, "", "", "EKS_THROTTLED", /Wait/],
    [429, "", "Slow down", "EKS_THROTTLED", /Wait/],
    [400, "InvalidParameterException", "The parameter is wrong", "EKS_REFUSED", /us-west-2/],
  ])("%i %s %s: %s", async (status, type, message, code, hint) => {
    const error = await rejectionOf(
      ask(refusal(status, type, message, { "x-amzn-requestid": "6f2f1e0e-1111-4222-8333-444455556666" })),
    );
    expect(error).toMatchObject({ category: "refused", hop: "eks", code });
    expect(error.hint).toMatch(hint);
    expect(error.hint).toContain("AWS's request id: 6f2f1e0e-1111-4222-8333-444455556666.");
    expect(error.message).toContain("EKS in us-west-2 refused eks:DescribeCluster");
  });

  it("of a signature is explained by the clocks if they differ", async () => {
    const date = from(-day).toUTCString();
    const { code, hint } = await rejectionOf(
      ask(refusal(403, "InvalidSignatureException", "expired", { date })),
    );
    expect(code).toBe("EKS_CLOCK_SKEW");
    expect(hint).toContain("1 day ahead of");
  });

  it("repeats no secret in AWS's request id, nor in the kind of error", async () => {
    const { sessionToken } = session.credentials;
    const headers = { "x-amzn-requestid": sessionToken };
    for (const answer of [
      refusal(403, "AccessDeniedException", "no", headers),
      refusal(403, sessionToken, "no"),
      refusal(400, "ValidationException", `${sessionToken.slice(0, 15)} is wrong`),
      { status: 500, headers },
    ]) {
      const { message, hint } = await rejectionOf(ask(answer));
      expect(message + hint).not.toContain(sessionToken.slice(0, 12));
    }
  });

  it("repeats no signature of the request", async () => {
    const { eks, requests } = fakeEks({ status: 500 });
    await rejectionOf(describeCluster(eks, "demo"));
    const [, signature = ""] = (requests[0]?.headers["authorization"] ?? "").split("Signature=");
    for (const status of [403, 500]) {
      const repeating = refusal(status, "AccessDeniedException", `no: ${signature.slice(0, 40)}`, {
        "x-amzn-requestid": signature.slice(0, 40),
      });
      const { message, hint } = await rejectionOf(ask(repeating));
      expect(message + hint).not.toContain(signature.slice(0, 12));
    }
  });

  it("has AWS's request id otherwise", async () => {
    const headers = { "x-amzn-requestid": "6f2f1e0e-1111-4222-8333-444455556666" };
    for (const answer of [refusal(403, "AccessDeniedException", "no", headers), { status: 500, headers }])
      expect((await rejectionOf(ask(answer))).hint).toContain("6f2f1e0e-1111-4222-8333-444455556666");
  });

  it("repeats nothing of what was signed", async () => {
    const canonical = `The Canonical String should have been x-amz-security-token:${session.credentials.sessionToken}`;
    const { message } = await rejectionOf(ask(refusal(403, "InvalidSignatureException", canonical)));
    expect(message).not.toContain(session.credentials.sessionToken.slice(0, 12));
  });

  it.each([
    [{ status: 500 }, "EKS_SERVER_ERROR"],
    [{ status: 302 }, "EKS_REDIRECTED"],
    [{ status: 403, body: "<html>" }, "EKS_RESPONSE_UNEXPECTED"],
    [{ status: 200, body: "<html>" }, "EKS_RESPONSE_NOT_JSON"],
  ])("is distinguished from an answer that is not of EKS: %o", async (answer, code) => {
    expect(await rejectionOf(ask(answer))).toMatchObject({ category: "network", hop: "eks", code });
  });
});
