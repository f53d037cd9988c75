import { describe, expect, it } from "vitest";
import { sandboxAccount } from "../../../src/sandbox/aws/account.ts";
import { rolesAnywhere } from "../../../src/trust-policy/request.ts";

describe("the trust policy that a rehearsal passes", () => {
  const statement = { Effect: "Allow", Principal: { Service: rolesAnywhere }, Action: "sts:AssumeRole" };
  const trustDocument = JSON.stringify({ Version: "2012-10-17", Statement: statement });
  const { account } = sandboxAccount({ trustDocument, maxSessionDuration: 3600 }, "");
  const [role, administrator] = account.roles;

  it("is the first role's, with its longest session", () => {
    expect(role).toMatchObject({ name: "eks-read-only", trustDocument, maxSessionDuration: 3600 });
    expect(role?.trustPolicy.statements).toMatchObject([{ actions: ["sts:AssumeRole"] }]);
  });

  it("is not the administrator's", () => {
    expect(administrator).toMatchObject({ name: "eks-admin", maxSessionDuration: 43_200 });
    expect(administrator?.trustPolicy).toEqual(sandboxAccount({}, "").account.roles[0]?.trustPolicy);
  });
});
