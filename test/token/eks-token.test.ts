import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRegion, type Region } from "../../src/aws/partition.ts";
import { mintToken } from "../../src/token/eks-token.ts";
import type { Session } from "../../src/rolesanywhere/session.ts";
import { matching } from "../matching.ts";
import { type EndpointVector, endpointVectors, presignedVectors, type PresignedVector } from "../vectors.ts";

const plain = { fips: false, dualStack: false };
const credentials = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE",
};

describe.each(presignedVectors)("the token reproduces $source in $region", (vector) => {
  const minted = mintToken(session(vector.credentials), parameters(vector), signedAt(vector));

  it("the same host, path and parameters, signature included; in any order, as the verifier reads them", async () => {
    const url = decoded((await minted).text);
    const expected = new URL(vector.url);
    expect(url.origin + url.pathname).toBe(expected.origin + expected.pathname);
    expect([...url.searchParams].sort()).toEqual([...expected.searchParams].sort());
  });

  it("the same expirationTimestamp", async () => {
    expect((await minted).expiration.toISOString()).toBe(vector.expirationTimestamp.replace("Z", ".000Z"));
  });
});

describe("the token of each partition and variant of endpoint", () => {
  it.each(endpointVectors)(
    "has the URL of $source: $region, FIPS $fips, dual-stack $dualStack, cluster $clusterName",
    async (vector) => {
      const { clusterName, fips, dualStack } = vector;
      const of = { clusterName, region: region(vector.region), variant: { fips, dualStack } };
      const { text } = await mintToken(session(vector.credentials), of, signedAt(vector));
      expect(parts(decoded(text).href)).toEqual(parts(vector.url));
    },
  );
});

/** Unchanged bytes; only the order of the parameters is free. */
function parts(url: string): string[] {
  return url.split(/[?&]/).sort();
}

describe("the token", () => {
  const now = new Date("2026-11-22T15:58:36.789Z");
  const demo = { clusterName: "demo", region: region("us-west-2"), variant: plain };

  it("is exactly this URL: a parameter more, and every cluster answers 401", async () => {
    const { text } = await mintToken(session(credentials), demo, now);
    expect(decoded(text).href).toBe(
      "https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15" +
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256" +
        "&X-Amz-Credential=ASIAQNZGKIQY56JQ7WML%2F20261122%2Fus-west-2%2Fsts%2Faws4_request" +
        "&X-Amz-Date=20261122T155836Z&X-Amz-Expires=60" +
        "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE" +
        "&X-Amz-Signature=06464b6a6f522e0376b2887d2005dc83f19f1d754160f1b0e1a06423b4e7b11c" +
        "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
    );
  });

  it("has no base64 padding, which the verifier refuses", async () => {
    for (const clusterName of ["d", "de", "dem", "demo"]) {
      expect((await mintToken(session(credentials), { ...demo, clusterName }, now)).text).not.toContain("=");
    }
  });

  it("expires 14 minutes after X-Amz-Date", async () => {
    expect((await mintToken(session(credentials), demo, now)).expiration).toEqual(
      new Date("2026-11-22T16:12:36Z"),
    );
  });

  it("expires a minute before its session, if that comes first", async () => {
    const ending = { ...session(credentials), expiration: new Date("2026-11-22T16:05:00Z") };
    expect((await mintToken(ending, demo, now)).expiration).toEqual(new Date("2026-11-22T16:04:00Z"));
  });

  it("is not made of a session that ends within the minute", async () => {
    const ending = { ...session(credentials), expiration: new Date("2026-11-22T15:59:00Z") };
    await expect(mintToken(ending, demo, now)).rejects.toMatchObject({ code: "SESSION_TOO_SHORT" });
  });

  it.each([
    [2600, "is made"],
    [2700, "TOKEN_TOO_LONG"],
  ])("with a session token of %i characters: %s", async (length, outcome) => {
    const large = session({ ...credentials, sessionToken: "A".repeat(length) });
    const result = await mintToken(large, demo, now).then(
      ({ text }) => (text.length <= 4096 ? "is made" : "too long"),
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );
    expect(result).toBe(outcome);
  });
});

describe("whatever the credentials and the cluster's name, the token", () => {
  const now = new Date("2026-11-22T15:58:36.789Z");

  it("holds these parameters and no other, each as it is, and no character that a URL reads otherwise", async () => {
    const name = fc.stringMatching(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/);
    const visible = fc.stringMatching(/^[!-~]{1,300}$/);
    const accessKey = fc.stringMatching(/^[A-Z0-9]{16,40}$/);
    await fc.assert(
      fc.asyncProperty(
        name,
        accessKey,
        visible,
        visible,
        async (clusterName, accessKeyId, secretAccessKey, sessionToken) => {
          const own = session({ accessKeyId, secretAccessKey, sessionToken });
          const { text, host } = await mintToken(
            own,
            { clusterName, region: region("eu-central-1"), variant: plain },
            now,
          );
          const url = decoded(text);
          expect(text).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
          expect({ host: url.host, path: url.pathname }).toEqual({ host, path: "/" });
          expect(url.search).toMatch(/^\?[A-Za-z0-9._~%=&-]+$/);
          expect(Object.fromEntries(url.searchParams)).toEqual({
            Action: "GetCallerIdentity",
            Version: "2011-06-15",
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": `${accessKeyId}/20261122/eu-central-1/sts/aws4_request`,
            "X-Amz-Date": "20261122T155836Z",
            "X-Amz-Expires": "60",
            "X-Amz-Security-Token": sessionToken,
            "X-Amz-Signature": matching(/^[0-9a-f]{64}$/),
            "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

function session(of: Session["credentials"]): Session {
  return {
    credentials: of,
    expiration: new Date("2026-12-31T00:00:00Z"),
    assumedRoleArn: "",
    sourceIdentity: "",
  };
}

function parameters(vector: PresignedVector) {
  return { clusterName: vector.clusterName, region: region(vector.region), variant: plain };
}

function region(name: string): Region {
  const parsed = parseRegion(name);
  if (!parsed) throw new Error(`no region ${name}`);
  return parsed;
}

/** The date that the URL itself carries. */
function signedAt({ url }: PresignedVector | EndpointVector): Date {
  const text = new URL(url).searchParams.get("X-Amz-Date") ?? "";
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, "$1-$2-$3:$4:"));
}

function decoded(token: string): URL {
  return new URL(Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString());
}
