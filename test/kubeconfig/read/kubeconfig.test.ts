import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kubeconfigPaths, parseKubeconfig } from "../../../src/kubeconfig/read/kubeconfig.ts";
import { codeOf, failureOf, rejectionOf } from "../../failure.ts";
import { filesIn, kubeconfigText, load, parse, target } from "./kubeconfig-files.ts";

it("a file may be larger than another of 1 MiB, up to 4 MiB", async () => {
  const loadOf = (bytes: number) =>
    load(filesIn({ config: `${kubeconfigText()}\n# `.padEnd(bytes, "x") }), { flag: "config" });
  expect((await loadOf(1.5 * 1024 * 1024)).contexts.size).toBe(1);
  expect((await rejectionOf(loadOf(4 * 1024 * 1024 + 1))).code).toBe("KUBECONFIG_TOO_LARGE");
});

describe("kubectl's files are", () => {
  const around = { home: "/home/alice", platform: "linux" } as const;

  it("--kubeconfig, and no other", () => {
    expect(kubeconfigPaths("a:b", { KUBECONFIG: "c" }, around)).toEqual({
      source: "--kubeconfig",
      paths: ["a:b"],
    });
  });

  it("those of KUBECONFIG, each once, without the empty ones", () => {
    expect(kubeconfigPaths("", { KUBECONFIG: ":a::b:a:" }, around)).toEqual({
      source: "KUBECONFIG",
      paths: ["a", "b"],
    });
    expect(kubeconfigPaths(undefined, { KUBECONFIG: ":" }, around).paths).toEqual([]);
  });

  it.each([{}, { KUBECONFIG: "" }])("~/.kube/config, with %j and HOME", (env) => {
    expect(kubeconfigPaths(undefined, { ...env, HOME: "/home/bob" }, around)).toEqual({
      source: "the default kubeconfig",
      paths: ["/home/bob/.kube/config"],
    });
    expect(failureOf(() => kubeconfigPaths(undefined, env, around)).code).toBe("KUBECONFIG_HOME_UNKNOWN");
  });

  it("on Windows, split by semicolons, with or without quotes", () => {
    const windows = { home: String.raw`C:\Users\alice`, platform: "win32" } as const;
    expect(kubeconfigPaths(undefined, { KUBECONFIG: String.raw`"C:\a b";C:\c` }, windows).paths).toEqual([
      String.raw`C:\a b`,
      String.raw`C:\c`,
    ]);
    expect(kubeconfigPaths(undefined, {}, windows).paths).toEqual([String.raw`C:\Users\alice\.kube\config`]);
  });
});

describe("of several files", () => {
  const file = (fields: object) => JSON.stringify(fields);

  it("the first that has an entry counts, as a whole, and each entry has its file", async () => {
    const one = file({ users: [{ name: "red", user: { token: "t" } }], contexts: [{ name: "a" }] });
    const two = file({
      users: [{ name: "red", user: { username: "n" } }, { name: "blue" }],
      "current-context": "a",
    });
    const folder = filesIn({ one, two, empty: "" });
    const merged = await load(folder, { KUBECONFIG: "one:missing:empty:two" });
    expect(merged.files).toEqual(["one", "empty", "two"].map((name) => join(folder, name)));
    expect(merged.users.get("red")).toMatchObject({ token: "t", username: "", file: join(folder, "one") });
    expect(merged.users.get("blue")).toMatchObject({ file: join(folder, "two") });
    expect(merged.contexts.get("a")).toMatchObject({ file: join(folder, "one"), cluster: "" });
    expect(merged.currentContext).toEqual({ name: "a", file: join(folder, "two") });
  });

  it("the first current-context that is not empty counts", async () => {
    const folder = filesIn({
      one: "current-context: ''",
      two: "current-context: b",
      three: "current-context: c",
    });
    expect((await load(folder, { KUBECONFIG: "one:two:three" })).currentContext?.name).toBe("b");
  });

  it("relative paths start at the folder of the file that holds them", async () => {
    const fields = {
      clusters: [{ name: "c", cluster: { "certificate-authority": "ca.pem" } }],
      users: [
        {
          name: "u",
          user: { exec: { command: "./bin/../tool" }, "client-certificate": "../c.pem", tokenFile: "/t" },
        },
        { name: "v", user: { exec: { command: "tool" } } },
      ],
    };
    const folder = filesIn({ "a/config": file(fields) });
    const { clusters, users } = await load(folder, { KUBECONFIG: "a/config" });
    expect(clusters.get("c")?.certificateAuthority.path).toBe(join(folder, "a/ca.pem"));
    expect(users.get("u")).toMatchObject({
      exec: { command: join(folder, "a/tool") },
      clientCertificate: { path: join(folder, "c.pem") },
      tokenFile: "/t",
    });
    expect(users.get("v")?.exec?.command).toBe("tool");
  });

  it("on Windows by its own rules", () => {
    const text = file({ users: [{ name: "u", user: { exec: { command: String.raw`.\eks-x509.exe` } } }] });
    const { users } = parseKubeconfig({ path: "config", folder: String.raw`C:\k`, text }, "win32");
    expect(users.get("u")?.exec?.command).toBe(String.raw`C:\k\eks-x509.exe`);
  });

  it.each([
    [{ KUBECONFIG: ":" }, "KUBECONFIG_LIST_EMPTY", "KUBECONFIG is set"],
    [{ KUBECONFIG: "no:nor" }, "KUBECONFIG_NONE", "nor (KUBECONFIG) do not exist"],
    [{}, "KUBECONFIG_NONE", ".kube/config (the default kubeconfig) does not exist"],
    [{ flag: "no" }, "KUBECONFIG_NOT_THERE", "no (--kubeconfig) does not exist"],
    [{ KUBECONFIG: "good:folder" }, "FILE_IS_FOLDER", "folder (KUBECONFIG)"],
    [{ KUBECONFIG: "good:broken" }, "KUBECONFIG_INVALID", "broken"],
  ])("and refused: %j", async (given, code, text) => {
    const folder = filesIn({ good: kubeconfigText(), broken: "a: [" });
    mkdirSync(join(folder, "folder"));
    const failure = await rejectionOf(load(folder, given));
    expect(failure).toMatchObject({ code, hop: "kubeconfig", category: "usage" });
    expect(failure.message).toContain(text);
  });
});

describe("a file is refused as kubectl refuses it", () => {
  it.each([
    ["clusters: {}", "KUBECONFIG_FIELD_INVALID", "config: clusters must be a list"],
    ["text", "KUBECONFIG_FIELD_INVALID", "config: the file's content must be a mapping"],
    ["[]", "KUBECONFIG_FIELD_INVALID", "config: the file's content must be a mapping"],
    ["clusters: [a]", "KUBECONFIG_FIELD_INVALID", "clusters[0] must be a mapping"],
    ["clusters: [{name: 1}]", "KUBECONFIG_FIELD_INVALID", "clusters[0].name must be text"],
    ["current-context: 5", "KUBECONFIG_FIELD_INVALID", "current-context must be text"],
    ["preferences: {colors: 1}", "KUBECONFIG_FIELD_INVALID", "preferences.colors must be true or false"],
    [
      "clusters: [{name: a, cluster: {insecure-skip-tls-verify: 'true'}}]",
      "KUBECONFIG_FIELD_INVALID",
      "clusters[0].cluster.insecure-skip-tls-verify must be true or false",
    ],
    [
      "users: [{name: u, user: {exec: {args: [1]}}}]",
      "KUBECONFIG_FIELD_INVALID",
      "users[0].user.exec.args[0] must be text",
    ],
    [
      "users: [{name: u, user: {exec: {env: [{name: A, value: true}]}}}]",
      "KUBECONFIG_FIELD_INVALID",
      "users[0].user.exec.env[0].value must be text",
    ],
    [
      "users: [{name: u, user: {exec: []}}]",
      "KUBECONFIG_FIELD_INVALID",
      "users[0].user.exec must be a mapping",
    ],
    [
      "users: [{name: u, user: {as-user-extra: {a: 1}}}]",
      "KUBECONFIG_FIELD_INVALID",
      "users[0].user.as-user-extra.a must be a list",
    ],
    [
      "users: [{name: u, user: {auth-provider: {config: {a: 1}}}}]",
      "KUBECONFIG_FIELD_INVALID",
      "users[0].user.auth-provider.config.a must be text",
    ],
    ["contexts: [{name: a}, {name: a}]", "KUBECONFIG_NAME_TWICE", 'contexts has two entries named "a"'],
    ["extensions: [{name: a}, {name: a}]", "KUBECONFIG_NAME_TWICE", 'extensions has two entries named "a"'],
    ["kind: Pod", "KUBECONFIG_KIND", 'config contains a "Pod" of apiVersion "v1"'],
    ["apiVersion: v2", "KUBECONFIG_KIND", 'of apiVersion "v2"'],
    ...["%%%%", "YQ", "YQ== ", "YQ=", "a b c"].map((data): [string, string, string] => [
      `clusters: [{name: a, cluster: {certificate-authority-data: "${data}"}}]`,
      "KUBECONFIG_BASE64",
      "clusters[0].cluster.certificate-authority-data is not base64",
    ]),
  ])("%s", (text, code, message) => {
    const failure = failureOf(() => parse(text));
    expect(failure).toMatchObject({ code, hop: "kubeconfig", category: "usage" });
    expect(failure.message).toContain(message);
  });

  it.each(["", "# nothing", "{}", "null", "apiVersion: ''\nkind: null", "clusters: [null]", "foo: [1]"])(
    "and is taken, as kubectl takes it: %j",
    (text) => {
      expect(parse(text).users.size).toBe(0);
    },
  );

  it("base64 may be broken into lines", () => {
    const data = Buffer.from("certificate").toString("base64");
    const cluster = {
      server: "https://a",
      "certificate-authority-data": `${data.slice(0, 5)}\r\n${data.slice(5)}\n`,
    };
    expect(target({ cluster }).cluster.certificateAuthority.data.toString()).toBe("certificate");
  });

  it("whatever its fields hold, is taken or refused with a code", () => {
    const value = fc.oneof({ weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }) }, fc.constant(null));
    const entry = (content: string, names: string[]) =>
      fc.array(
        fc.record({
          name: fc.oneof(fc.constantFrom("a", "b"), value),
          [content]: fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value)),
        }),
        { maxLength: 3 },
      );
    const shape = fc.record(
      {
        clusters: fc.oneof(value, entry("cluster", ["server", "certificate-authority-data", "extensions"])),
        users: fc.oneof(value, entry("user", ["exec", "token", "as-user-extra", "auth-provider"])),
        contexts: fc.oneof(value, entry("context", ["cluster", "user", "extensions"])),
        "current-context": value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shape, (fields) => {
        expect(codeOf(() => parse(JSON.stringify(fields))) ?? "KUBECONFIG_").toMatch(/^KUBECONFIG_/);
      }),
      { seed: 20261123, numRuns: 200 },
    );
  });
});
