/** The sandbox reads aws-auth with code of its own. Where the two differ, one of them is wrong. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CallerIdentity } from "../../../src/authenticator/caller-identity.ts";
import { mapIdentity } from "../../../src/authenticator/mapping/mapping.ts";
import { parseAwsAuth, type AwsAuth } from "../../../src/sandbox/cluster/authenticator/aws-auth.ts";
import { mapIdentity as mapInSandbox } from "../../../src/sandbox/cluster/authenticator/user-mapping.ts";
import { awsAuthData } from "./generated-aws-auth.ts";
import { bob, readOnly } from "./identities.ts";

it("the sandbox comes to the same user, or to none", () => {
  fc.assert(
    fc.property(awsAuthData, (data) => {
      fc.pre(!Object.values(data).some((text) => readOtherwiseInSandbox.test(text)));
      const inSandbox = parseAwsAuth(data);
      for (const identity of [readOnly, bob])
        expect(verdict(data, identity)).toEqual(secondOpinion(inSandbox, identity));
    }),
    { seed: 20260714, numRuns: 3200 },
  );
});

/**
 * Where the sandbox is the one that is wrong, as the real reader tells: an escaped slash, a byte order mark, a line
 * with a tab alone that stands deep enough, an indented ---, a tag that does not fit behind accounts that count.
 */
const readOtherwiseInSandbox = /^ +---/m;

function verdict(data: Record<string, string>, identity: CallerIdentity): unknown {
  const found = mapIdentity(data, identity);
  return found.kind === "mapped" ? found.user : null;
}

function secondOpinion(awsAuth: AwsAuth, identity: CallerIdentity): unknown {
  const { account, principalId, ...rest } = identity;
  const asked = {
    ...rest,
    accountId: account,
    userId: principalId,
    stsEndpoint: "sts.us-east-1.amazonaws.com",
  };
  return mapInSandbox(asked, awsAuth).user;
}
