import { beforeEach, describe, expect, it } from "vitest";
import { furnishedRole } from "../../../../src/sandbox/aws/account.ts";
import { containing } from "../../../matching.ts";
import { administrator, at, cluster } from "./administrator.ts";

const principalArn = "arn:aws:iam::111122223333:role/team/reader";
const entries = "/clusters/demo/access-entries";
const entry = `${entries}/${encodeURIComponent(principalArn)}`;
const view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

let admin: ReturnType<typeof administrator>;
const call = (method: string, path: string, body?: unknown) => admin.rest("eks", method, path, body);

beforeEach(() => {
  admin = administrator();
  admin.account.clusters.push({ ...cluster, accessEntries: [] });
  admin.account.roles.push(furnishedRole(principalArn, { uniqueId: "AROAEXAMPLEROLEID0001" }));
});

describe("access entries", () => {
  it("are created with EKS's username, changed, and deleted", async () => {
    const created = await call("POST", entries, { principalArn, kubernetesGroups: ["viewers"] });
    expect(at(created, "accessEntry", "username")).toBe(
      "arn:aws:sts::111122223333:assumed-role/reader/{{SessionName}}",
    );
    const changed = await call("POST", entry, { username: "alice", kubernetesGroups: [] });
    expect(at(changed, "accessEntry")).toMatchObject({
      username: "alice",
      kubernetesGroups: [],
      type: "STANDARD",
    });
    expect(await call("POST", entry, { username: "system:masters" })).toMatchObject({ status: 400 });
    expect(at(await call("GET", entry), "accessEntry", "username")).toBe("alice");
    expect((await call("DELETE", entry)).status).toBe(200);
    expect((await call("GET", entry)).status).toBe(404);
  });

  it("are associated with policies", async () => {
    await call("POST", entries, { principalArn });
    const policies = `${entry}/access-policies`;
    const accessScope = { type: "cluster", namespaces: [] };
    await call("POST", policies, { policyArn: view, accessScope });
    expect(at(await call("GET", policies), "associatedAccessPolicies", 0)).toMatchObject({
      policyArn: view,
      accessScope,
    });
    expect((await call("DELETE", `${policies}/${encodeURIComponent(view)}`)).status).toBe(200);
    expect(at(await call("GET", policies), "associatedAccessPolicies")).toEqual([]);
  });

  it("lists the policies that it has", async () => {
    expect(at(await call("GET", "/access-policies"), "accessPolicies", 3)).toEqual({
      name: "AmazonEKSViewPolicy",
      arn: view,
    });
  });

  it("names the call that it does not have", async () => {
    expect(await call("GET", "/clusters/demo/addons")).toMatchObject({
      status: 404,
      code: "UnknownOperationException",
      content: { message: "The sandbox does not implement GET /clusters/demo/addons." },
    });
  });

  it.each<[string, unknown, number, string, string]>([
    [
      "a principal that is not there",
      { principalArn: `${principalArn}2` },
      400,
      "InvalidParameterException",
      "invalid principal",
    ],
    [
      "a reserved group",
      { principalArn, kubernetesGroups: ["system:masters"] },
      400,
      "InvalidParameterException",
      "prefix is reserved",
    ],
    [
      "a reserved username",
      { principalArn, username: "eks:a" },
      400,
      "InvalidParameterException",
      "prefix is reserved",
    ],
    ["no principal", {}, 400, "InvalidParameterException", "Value null at 'principalArn'"],
  ])("refuses: %s", async (_, body, status, code, message) => {
    const answer = await call("POST", entries, body);
    expect(answer).toMatchObject({ status, code, content: { message: containing(message) } });
  });

  it.each([
    ["a policy of another name", view.replace("View", "Secret"), "cluster"],
    ["a namespace, which the sandbox does not authorize", view, "namespace"],
  ])("refuses an association: %s", async (_, policyArn, type) => {
    await call("POST", entries, { principalArn });
    const answer = await call("POST", `${entry}/access-policies`, {
      policyArn,
      accessScope: { type, namespaces: ["a"] },
    });
    expect(answer).toMatchObject({ status: 400, code: "InvalidParameterException" });
  });

  it("refuses a second entry for a principal", async () => {
    await call("POST", entries, { principalArn });
    expect(await call("POST", entries, { principalArn })).toMatchObject({
      status: 409,
      code: "ResourceInUseException",
    });
  });
});
