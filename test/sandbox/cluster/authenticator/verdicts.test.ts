import { describe, expect, it } from "vitest";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };
import { createGetCallerIdentity } from "../../../../src/sandbox/aws/get-caller-identity.ts";
import { createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import {
  type Authenticator,
  createAuthenticator,
} from "../../../../src/sandbox/cluster/authenticator/authenticator.ts";
import { checkTokenForm } from "../../../../src/sandbox/cluster/authenticator/token-form.ts";
import { capturedSession } from "../../aws/session.ts";
import { matching } from "../../../matching.ts";
import { requestOfUrl } from "../../wire-request.ts";

const place = { partition: "aws", region: "us-west-2" };

/** The sandbox's own STS stands where the captured run had a double. */
function authenticator(clusterName: string, now: Date): Authenticator {
  const sessions = createSessions();
  sessions.add(capturedSession);
  const onEvent = (): undefined => undefined;
  const sts = createGetCallerIdentity({ sessions, now: () => now, onEvent });
  return createAuthenticator({
    ...place,
    clusterName,
    ask: (url, cluster) => sts(requestOfUrl(url, { "x-k8s-aws-id": cluster, accept: "application/json" })),
    awsAuth: () => ({}),
    now: () => now,
    onEvent,
  });
}

async function verdict(token: string, clusterName: string, now: Date): Promise<unknown> {
  try {
    return { accepted: true, identity: await authenticator(clusterName, now).verify(token) };
  } catch (error) {
    return { accepted: false, error: error instanceof Error ? error.message : "" };
  }
}

const atSts = vectors.rows.filter(({ stage }) => stage === "sts");
const formOnly = vectors.rows.filter(({ note }) => note === "format accepted; STS not asked");
const malformed = vectors.rows.filter(({ stage, accepted }) => stage === "format" && !accepted);

it("every row is of one kind", () => {
  expect(atSts.length + formOnly.length + malformed.length).toBe(vectors.rows.length);
});

describe("the verdicts of the real authenticator", () => {
  it.each(malformed)("$name: refused before any request", ({ token, verifiedAt, error }) => {
    expect(() => checkTokenForm(token, place, new Date(verifiedAt))).toThrow(
      expect.objectContaining({ message: error }),
    );
  });

  it.each(formOnly)("$name: well formed", ({ token, verifiedAt }) => {
    expect(checkTokenForm(token, place, new Date(verifiedAt)).accessKeyId).toBe(capturedSession.accessKeyId);
  });

  it.each(atSts.filter(({ accepted }) => accepted))("$name: accepted", async (row) => {
    const identity = {
      arn: row.identity?.ARN,
      canonicalArn: row.identity?.CanonicalARN,
      accountId: row.identity?.AccountID,
      userId: row.identity?.UserID,
      sessionName: row.identity?.SessionName,
      accessKeyId: row.identity?.AccessKeyID,
      stsEndpoint: row.identity?.STSEndpoint,
    };
    expect(await verdict(row.token, row.clusterName, new Date(row.verifiedAt))).toEqual({
      accepted: true,
      identity,
    });
  });

  it.each(atSts.filter(({ accepted }) => !accepted))("$name: refused by STS", async (row) => {
    // The rows leave out the endpoint and the body, which the real one adds.
    const opening =
      row.error?.replace(/\)$/, "") ?? "sts getCallerIdentity failed: error from AWS (expected 200, got 40";
    const pattern = new RegExp(`^${opening.replace(/[()]/g, "\\$&")}.*on us-west-2 endpoint. Body: .`);
    const expected = { accepted: false, error: matching(pattern) };
    expect(await verdict(row.token, row.clusterName, new Date(row.verifiedAt))).toEqual(expected);
  });
});
