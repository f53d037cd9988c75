/** `token debug --aws-auth` maps an identity as aws-iam-authenticator does, and prints the cause of a denial. */
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/debug/report/report.ts";
import { presignedUrl, signedAt, tokenOf } from "../authenticator/token-form/mutated-token.ts";
import { fromJson } from "../json.ts";
import vectors from "../vectors/aws-auth.json" with { type: "json" };
import { answering, debugged, failures } from "./world.ts";

interface Row {
  name: string;
  data: Record<string, string>;
  result: Record<string, { username: string; groups: string[]; uid: string; extra: object } | null>;
}

interface Answer {
  accessKeyId: string;
  arn: string;
  userId: string;
}

const rows = fromJson<Row[]>(JSON.stringify(vectors.rows));
const identities: [string, Answer][] = Object.entries(vectors.identities);

/** A token that STS takes for this identity's, and the ConfigMap in a file. */
function mapped(data: Record<string, string>, { accessKeyId, arn, userId }: Answer): Promise<Report> {
  const credential = `${accessKeyId}%2F20261122%2Fus-west-2%2Fsts%2Faws4_request`;
  const token = tokenOf(presignedUrl({ parameters: { "X-Amz-Credential": credential } }));
  const result = { Account: arn.split(":")[4], Arn: arn, UserId: userId };
  const { http } = answering(() => ({
    body: JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: result } }),
  }));
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "aws-auth" }, data };
  const files = { "aws-auth.json": JSON.stringify(configMap) };
  const mapping = { awsAuth: "aws-auth.json", adminContext: undefined };
  return debugged(token, { at: signedAt, files, http }, { mapping });
}

describe.each(rows)("$name", ({ name, data, result }) => {
  it.each(identities)("%s", async (who, identity) => {
    const report = await mapped(data, identity);
    const user = result[who];
    if (!user) {
      expect(report).toMatchObject({ verdict: "refused", exitCode: 5, mapping: null });
      const [failure, ...others] = failures(report);
      const [code, cause] = causes[`${name}: ${who}`] ?? causes[name] ?? notFound;
      expect(failure).toMatchObject({ name: "mapping", code });
      expect(failure?.detail).toMatch(cause);
      expect(others).toEqual([]);
      return;
    }
    expect(report).toMatchObject({ verdict: "accepted", exitCode: 0, mapping: user });
    expect(failures(report)).toEqual([]);
  });
});

const notFound = ["MAPPING_NOT_FOUND", /no entry|none|nothing/i] as const;
const whiteSpace = ["MAPPING_ARN_WHITE_SPACE", /white space|blank|space/i] as const;
const instance = ["MAPPING_NEEDS_INSTANCE", /EC2PrivateDNSName/] as const;

/** Of the denials that have a cause of their own. */
const causes: Readonly<Record<string, readonly [code: string, cause: RegExp]>> = {
  "wrong-data-key-case": ["MAPPING_LIST_NAME", /maproles/],
  "trailing-space-arn: role": whiteSpace,
  "trailing-space-arn: email-session": whiteSpace,
  "ec2-private-dns: role": instance,
  "ec2-private-dns: email-session": instance,
  "tab-indent": ["MAPPING_BROKEN_YAML", /mapRoles.*line 2/],
  "broken-yaml-but-accounts": ["MAPPING_BROKEN_YAML", /mapRoles.*line/],
};
