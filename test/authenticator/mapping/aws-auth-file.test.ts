/** aws-auth from a file, in any of the forms in which people have it. */
import { describe, expect, it } from "vitest";
import { awsAuthIn } from "../../../src/authenticator/mapping/aws-auth-file.ts";
import { failureOf } from "../../failure.ts";

const list = "- rolearn: arn:aws:iam::029608264753:role/x\n";
const manifest = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\ndata:\n  mapRoles: |\n    ${list}`;
const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "aws-auth" },
  data: { mapRoles: list },
};
const secret = "kind: Secret\nmetadata:\n  name: other\n";

describe("the data of aws-auth is found in", () => {
  it.each([
    ["a manifest", manifest],
    ["JSON", JSON.stringify(object)],
    ["JSON indented with tabs", JSON.stringify(object, undefined, "\t")],
    [
      "JSON with escapes that YAML 1.1 lacks",
      `{"a": "\\/ \\ud83d\\ude00", ${JSON.stringify(object).slice(1)}`,
    ],
    ["a document after one that ends with ...", `--- ${JSON.stringify(object)}\n...\n`],
    ["one after a directive", `${secret}...\n%YAML 1.1\n---\n${manifest}`],
    ["a List", JSON.stringify({ kind: "List", items: [{ kind: "Secret" }, object] })],
    ["one document of several", `---\n${secret}---\n${manifest}---\n`],
    ["the bare data", `mapRoles: |\n  ${list}`],
    ["a manifest with CRLF", manifest.replaceAll("\n", "\r\n")],
  ])("%s", (_, text) => {
    expect(awsAuthIn({ name: "f", text })).toEqual({ mapRoles: list });
  });

  it("under any name, so that the mapping can report the misspelt ones", () => {
    expect(awsAuthIn({ name: "f", text: "maproles: |\n  []\n" })).toEqual({ maproles: "[]\n" });
  });

  it("a manifest without data", () => {
    expect(awsAuthIn({ name: "f", text: "kind: ConfigMap\nmetadata: {name: aws-auth}\n" })).toEqual({});
  });
});

describe("refused, with line and column:", () => {
  it.each([
    ["broken YAML", "kind: ConfigMap\n\tdata: [\n", "AWS_AUTH_INVALID", "line 2, column 1"],
    ["a list instead of a text", manifest.replace("|", ""), "AWS_AUTH_NOT_TEXT", "line 7, column 3"],
    ["a bare list instead of a text", `mapRoles:\n${list}`, "AWS_AUTH_NOT_TEXT", "line 1, column 1"],
    [
      "another namespace",
      manifest.replace("kube-system", "default"),
      "AWS_AUTH_OTHER_NAMESPACE",
      "line 3, column 1",
    ],
    ["two of them", `${manifest}---\n${manifest}`, "AWS_AUTH_AMBIGUOUS", "line 12, column 1"],
    ["something else", secret, "AWS_AUTH_ABSENT", "Secret other"],
    ["nothing", "", "AWS_AUTH_ABSENT", "line 1, column 1"],
    ["the list alone", list, "AWS_AUTH_ABSENT", "line 1, column 1"],
  ])("%s", (_, text, code, place) => {
    const failure = failureOf(() => awsAuthIn({ name: "aws-auth.yaml", text }));
    expect(failure).toMatchObject({ code, hop: "mapping", category: "usage" });
    expect(failure.message).toContain("aws-auth.yaml");
    expect(failure.message).toContain(place);
  });
});
