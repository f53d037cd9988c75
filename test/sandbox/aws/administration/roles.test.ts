import { beforeEach, describe, expect, it } from "vitest";
import { administrator, type Answer } from "./administrator.ts";

const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "rolesanywhere.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
});

let admin: ReturnType<typeof administrator>;
const named = { RoleName: "reader" };

beforeEach(() => {
  admin = administrator();
});

const create = (input = {}) =>
  admin.iam("CreateRole", { ...named, AssumeRolePolicyDocument: document, ...input });

function element({ content }: Answer, name: string): string | undefined {
  return new RegExp(`<${name}>(.*?)</${name}>`).exec(String(content))?.[1];
}

describe("IAM roles", () => {
  const long = document.replace(
    "}]",
    `,"Condition":{"StringEquals":{"aws:SourceAccount":"${"1".repeat(2000)}"}}}]`,
  );

  it("have a trust policy of at most 2048 characters, without white space", async () => {
    const refused = { status: 409, code: "LimitExceeded" };
    expect(await create({ AssumeRolePolicyDocument: long })).toMatchObject(refused);
    expect(await create({ AssumeRolePolicyDocument: document + " ".repeat(4000) })).toMatchObject({
      status: 200,
    });
    expect(await admin.iam("UpdateAssumeRolePolicy", { ...named, PolicyDocument: long })).toMatchObject(
      refused,
    );
  });

  it("have each key of a tag once, in whatever case", async () => {
    const twice = {
      ...{ "Tags.member.1.Key": "a", "Tags.member.1.Value": "b" },
      ...{ "Tags.member.2.Key": "A", "Tags.member.2.Value": "c" },
    };
    expect(await create(twice)).toMatchObject({ status: 400, code: "InvalidInput" });
    await create();
    expect(await admin.iam("TagRole", { ...named, ...twice })).toMatchObject({ code: "InvalidInput" });
  });

  it("are listed in pages", async () => {
    for (const RoleName of ["a", "b", "c"]) await create({ RoleName });
    const first = await admin.iam("ListRoles", { MaxItems: "2" });
    expect(String(first.content).match(/<RoleName>/g)).toHaveLength(2);
    expect(element(first, "IsTruncated")).toBe("true");
    const rest = await admin.iam("ListRoles", { MaxItems: "2", Marker: element(first, "Marker") ?? "" });
    expect(element(rest, "RoleName")).toBe("c");
    expect(element(rest, "IsTruncated")).toBe("false");
    expect(await admin.iam("ListRoles", { Marker: "garbage" })).toMatchObject({ status: 400 });
  });

  it("returns the policy document percent-encoded", async () => {
    await create({
      Path: "/team/",
      MaxSessionDuration: "7200",
      "Tags.member.1.Key": "a",
      "Tags.member.1.Value": "b",
    });
    const answer = await admin.iam("GetRole", named);
    expect(element(answer, "Arn")).toBe("arn:aws:iam::111122223333:role/team/reader");
    expect(decodeURIComponent(element(answer, "AssumeRolePolicyDocument") ?? "")).toBe(document);
    expect(element(answer, "MaxSessionDuration")).toBe("7200");
    expect(String(answer.content)).toContain("<Tags><member><Key>a</Key><Value>b</Value></member></Tags>");
  });

  it("can be assumed by whom the trust policy names, with the external ID", async () => {
    const statement = {
      Effect: "Allow",
      Principal: { AWS: "111122223333" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": "ours" } },
    };
    await create({
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: statement }),
    });
    const assume = (input: Readonly<Record<string, string>>) =>
      admin.sts("AssumeRole", {
        RoleArn: "arn:aws:iam::111122223333:role/reader",
        RoleSessionName: "me",
        ...input,
      });
    const answer = await assume({ ExternalId: "ours" });
    expect(element(answer, "Arn")).toBe("arn:aws:sts::111122223333:assumed-role/reader/me");
    expect(admin.records.at(-1)).toMatchObject({
      eventName: "AssumeRole",
      userIdentity: { type: "IAMUser" },
    });
    expect(await assume({})).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(admin.events.at(-1)?.why).toContain("sts:ExternalId: the request has no known value");
    expect(await assume({ ExternalId: "ours", DurationSeconds: "7200" })).toMatchObject({
      code: "ValidationError",
    });
    await admin.iam("UpdateAssumeRolePolicy", { ...named, PolicyDocument: document });
    expect(await assume({ ExternalId: "ours" })).toMatchObject({ status: 403, code: "AccessDenied" });
  });

  it("gives a role that is created again another id", async () => {
    const first = await create();
    await admin.iam("DeleteRole", named);
    expect(element(await create(), "RoleId")).not.toBe(element(first, "RoleId"));
  });

  it("keeps inline and managed policies, which hold the role", async () => {
    await create();
    const policy = { ...named, PolicyName: "describe", PolicyDocument: document };
    await admin.iam("PutRolePolicy", policy);
    expect(String((await admin.iam("ListRolePolicies", named)).content)).toContain(
      "<member>describe</member>",
    );
    expect(await admin.iam("DeleteRole", named)).toMatchObject({ status: 409, code: "DeleteConflict" });
    await admin.iam("DeleteRolePolicy", policy);
    expect(await admin.iam("GetRolePolicy", policy)).toMatchObject({ status: 404, code: "NoSuchEntity" });
    const attached = { ...named, PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" };
    await admin.iam("AttachRolePolicy", attached);
    expect((await admin.iam("DeleteRole", named)).code).toBe("DeleteConflict");
    await admin.iam("DetachRolePolicy", attached);
    expect((await admin.iam("DeleteRole", named)).status).toBe(200);
  });

  it.each<[string, string, Record<string, string>, number, string]>([
    ["a role that is not there", "GetRole", { RoleName: "other" }, 404, "NoSuchEntity"],
    ["a name of other characters", "GetRole", { RoleName: "a/b" }, 400, "ValidationError"],
    ["no name", "GetRole", {}, 400, "ValidationError"],
    [
      "a role that exists",
      "CreateRole",
      { RoleName: "Reader", AssumeRolePolicyDocument: document },
      409,
      "EntityAlreadyExists",
    ],
    [
      "a document that is no JSON",
      "CreateRole",
      { RoleName: "a", AssumeRolePolicyDocument: "{" },
      400,
      "MalformedPolicyDocument",
    ],
    [
      "a document without statements",
      "CreateRole",
      { RoleName: "a", AssumeRolePolicyDocument: "{}" },
      400,
      "MalformedPolicyDocument",
    ],
    ["a long session", "UpdateRole", { ...named, MaxSessionDuration: "90000" }, 400, "ValidationError"],
    ["an unknown action", "DeleteEverything", {}, 400, "InvalidAction"],
  ])("refuses: %s", async (_, action, input, status, code) => {
    await create();
    expect(await admin.iam(action, input)).toMatchObject({ status, code });
  });
});
