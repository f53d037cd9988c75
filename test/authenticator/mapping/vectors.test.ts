/** What aws-iam-authenticator answered: the same user, or denied with a reason that names the cause. */
import { describe, expect, it } from "vitest";
import type { CallerIdentity } from "../../../src/authenticator/caller-identity.ts";
import { mapIdentity } from "../../../src/authenticator/mapping/mapping.ts";
import { fromJson } from "../../json.ts";
import vectors from "../../vectors/aws-auth.json" with { type: "json" };

interface Row {
  name: string;
  data: Record<string, string>;
  result: Record<string, unknown>;
}

const identities = Object.entries(vectors.identities).map(
  ([name, answer]) => [name, identityOf(answer)] as const,
);
const rows = fromJson<Row[]>(JSON.stringify(vectors.rows));

describe.each(rows)("$name", ({ name, data, result }) => {
  it.each(identities)("%s", (who, identity) => {
    const verdict = mapIdentity(data, identity);
    expect(verdict.kind === "mapped" ? verdict.user : null).toEqual(result[who]);
    if (verdict.kind === "denied")
      expect(verdict.code).toBe(causes[`${name}: ${who}`] ?? causes[name] ?? "MAPPING_NOT_FOUND");
  });
});

/** Of the denials that have a cause of their own. */
const causes: Readonly<Record<string, string>> = {
  "wrong-data-key-case": "MAPPING_LIST_NAME",
  "trailing-space-arn: role": "MAPPING_ARN_WHITE_SPACE",
  "trailing-space-arn: email-session": "MAPPING_ARN_WHITE_SPACE",
  "ec2-private-dns: role": "MAPPING_NEEDS_INSTANCE",
  "ec2-private-dns: email-session": "MAPPING_NEEDS_INSTANCE",
  "tab-indent": "MAPPING_BROKEN_YAML",
  "broken-yaml-but-accounts": "MAPPING_BROKEN_YAML",
};

function identityOf({
  accessKeyId,
  arn,
  userId,
}: {
  accessKeyId: string;
  arn: string;
  userId: string;
}): CallerIdentity {
  const [, partition = "", , , account = "", resource = ""] = arn.split(":");
  const [type, role = "", session = ""] = resource.split("/");
  const assumed = type === "assumed-role";
  return {
    account,
    arn,
    userId,
    canonicalArn: assumed ? `arn:${partition}:iam::${account}:role/${role}` : arn,
    principalId: assumed ? (userId.split(":")[0] ?? "") : userId,
    sessionName: assumed ? session : "",
    accessKeyId,
  };
}
