/** The captured tokens, through the sandbox's authenticator and the sandbox's own STS. */
import { expect, it } from "vitest";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };
import { createSts } from "../../../../src/sandbox/aws/sts/sts.ts";
import { createSessions } from "../../../../src/sandbox/aws/sessions.ts";
import {
  createAuthenticator,
  type Decision,
} from "../../../../src/sandbox/cluster/authenticator/authenticator.ts";
import { capturedSession } from "../../aws/session.ts";
import { requestOfUrl } from "../../wire-request.ts";

/** Whoever STS knows is let in, under the ARN. */
function decide(token: string, clusterName: string, now: Date): Promise<Decision> {
  const sessions = createSessions();
  sessions.add(capturedSession);
  const onEvent = (): undefined => undefined;
  const sts = createSts({ sessions, now: () => now, onEvent });
  return createAuthenticator({
    partition: "aws",
    region: "us-west-2",
    clusterName,
    ask: ({ host, target }, cluster) => {
      const headers = { "x-k8s-aws-id": cluster, accept: "application/json" };
      return sts(requestOfUrl(`https://${host}${target}`, headers));
    },
    awsAuth: () => ({ mapAccounts: '- "029608264753"' }),
    now: () => now,
    onEvent,
  }).decide(token);
}

it.each(vectors.rows.filter(({ note }) => note === undefined))(
  "$name: $accepted",
  async ({ token, clusterName, verifiedAt, accepted, identity }) => {
    const { user } = await decide(token, clusterName, new Date(verifiedAt));
    expect(user !== null).toBe(accepted);
    if (user)
      expect([user.uid, user.extra]).toEqual([
        `aws-iam-authenticator:${identity?.AccountID ?? ""}:${identity?.UserID ?? ""}`,
        expect.objectContaining({
          arn: [identity?.ARN],
          canonicalArn: [identity?.CanonicalARN],
          sessionName: [identity?.SessionName],
          accessKeyId: [identity?.AccessKeyID],
        }),
      ]);
  },
);
