import { expect, it } from "vitest";
import { parse } from "yaml";
import { maskedText } from "../../../src/kubeconfig/edit/masked.ts";

const masked = (text: string) => maskedText({ name: "config", text }, new Set(["ours"]));

const block = `# my file
x-shared: &t  s3cret1   # shared
users:
- name: a
  user:
    token: 's3cret2' # theirs
    password: |
      s3cret3
    username: alice
- name: b
  user: {token: *t, client-key-data: s3cret4}
- name: c
  user:
    auth-provider:
      name: oidc
      config: {id-token: s3cret5, refresh-token: "s3cret6"}
- name: d
  user:
    exec:
      command: tool
      args: [--password, s3cret7]
      env:
      - name: KEY
        value: s3cret8
- name: ours
  user:
    exec:
      command: eks-x509
      args: [get-token, --role-arn=arn]
      env: [{name: HTTPS_PROXY, value: "http://u:s3cret9@p"}]
clusters:
- name: c
  cluster: {server: "https://u:s3cret10@x", proxy-url: "http://p:1"}
`;

it.each([
  ["block style", block],
  ["JSON", JSON.stringify({ ...parse(block), "x-shared": "" }, null, 2)],
])("shows no credential, and all the rest: %s", (_name, text) => {
  const { text: shown, count } = masked(text);
  expect(shown).not.toContain("s3cret");
  expect(count).toBeGreaterThanOrEqual(10);
  for (const kept of ["alice", "oidc", "KEY", "tool", "--role-arn=arn", "get-token", "http://p:1"])
    expect(shown).toContain(kept);
  expect(parse(shown)).toMatchObject({
    users: [{ user: { token: "REDACTED" } }, {}, {}, {}, { name: "ours" }],
  });
});

it("keeps layout and comments", () => {
  expect(masked(block).text).toContain("x-shared: &t  REDACTED   # shared\n");
  expect(masked(block).text).toContain("token: 'REDACTED' # theirs\n    password: REDACTED\n    username");
  expect(masked("a: 1 # b\n")).toEqual({ text: "a: 1 # b\n", count: 0 });
});
