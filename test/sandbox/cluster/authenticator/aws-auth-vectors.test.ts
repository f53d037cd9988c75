import { describe, expect, it } from "vitest";
import vectors from "../../../vectors/aws-auth.json" with { type: "json" };
import { parseAwsAuth } from "../../../../src/sandbox/cluster/authenticator/aws-auth.ts";
import { readIdentity } from "../../../../src/sandbox/cluster/authenticator/identity.ts";
import { mapIdentity } from "../../../../src/sandbox/cluster/authenticator/user-mapping.ts";
import { accountOfAccessKeyId } from "../../../../src/sandbox/aws/access-key-id.ts";

type Name = keyof typeof vectors.identities;
const names = Object.keys(vectors.identities).filter((name): name is Name => name in vectors.identities);

const cases = vectors.rows.flatMap((row) =>
  names.map((name) => ({ ...row, name, title: `${row.name}: ${name}` })),
);

describe("the users that the real authenticator made of identities", () => {
  it.each(cases)("$title", ({ data, name, result }) => {
    const { arn, userId, accessKeyId } = vectors.identities[name];
    const GetCallerIdentityResult = { Account: accountOfAccessKeyId(accessKeyId), Arn: arn, UserId: userId };
    const body = JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult } });
    const form = { url: "", host: "sts.us-west-2.amazonaws.com", region: "us-west-2", accessKeyId };
    const identity = readIdentity({ status: 200, body }, form);
    expect(mapIdentity(identity, parseAwsAuth({ ...data })).user).toEqual(result[name]);
  });
});
