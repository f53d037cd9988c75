import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";
import type { KubeconfigEntries } from "../../../src/kubeconfig/edit/entries.ts";
import { codeOf, failureOf } from "../../failure.ts";
import { entriesFor } from "./entries-in-text.ts";

const demo = entriesFor("demo");
const edit = (text: string, ...entries: KubeconfigEntries[]) =>
  editKubeconfig({ name: "config", text }, entries.length > 0 ? entries : [demo]);
const edited = (text: string, ...entries: KubeconfigEntries[]) => {
  const { text: result } = edit(text, ...entries);
  expect(edit(result, ...entries).text).toBe(result);
  return result;
};
/** Not the current one, for texts that are short. */
const quiet = { ...demo, isCurrent: false };

const clusterLines = `- cluster:
    certificate-authority-data: Q0E=
    extensions:
    - extension:
        cluster-name: demo
      name: client.authentication.k8s.io/exec
    server: https://demo.eks.example
  name: demo
`;
const contextLines = `- context:
    cluster: demo
    user: robot
  name: demo
`;
const userLines = `- name: robot
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - get-token
      - --certificate=/etc/robot.pem
      command: eks-x509
      interactiveMode: Never
      provideClusterInfo: true
`;
const whole = `apiVersion: v1
clusters:
${clusterLines}contexts:
${contextLines}current-context: demo
kind: Config
users:
${userLines}`;
const indented = (lines: string, by: string) => lines.replace(/^(?=.)/gm, by);

describe("a new kubeconfig", () => {
  it.each(["", "# mine\n", "# mine", "\n\n", "---\n", "---", "\uFEFF", "\uFEFF# mine\r\n"])(
    "%j is kept, and followed by what kubectl would write",
    (text) => {
      const eol = text.includes("\r") ? "\r\n" : "\n";
      const start = text === "\uFEFF" ? text : text.replace(/[^\n]$/, "$&\n");
      expect(edited(text)).toBe(start + whole.replaceAll("\n", eol));
    },
  );

  it("has what was added, and had nothing before", () => {
    const { before, after } = edit("");
    const names = ({ clusters, users, contexts, currentContext }: typeof before) => [
      ...clusters.keys(),
      ...users.keys(),
      ...contexts.keys(),
      currentContext?.name,
    ];
    expect(names(before)).toEqual([undefined]);
    expect(names(after)).toEqual(["demo", "robot", "demo", "demo"]);
  });

  it("leaves the current context to be chosen", () => {
    expect(edited("", quiet)).toBe(whole.replace("current-context: demo", 'current-context: ""'));
    expect(edit("", quiet).after.currentContext).toBeUndefined();
  });
});

describe("an entry that is not there yet", () => {
  const others = `# The clusters of team A.
apiVersion:   v1
clusters:
- cluster: {server:   "https://a"}   # by hand
  name: 'a'

- name: b
  cluster:
      server: https://b  # production!
# end of clusters
contexts: null   # none yet
preferences: {}
current-context: ""
kind: Config
users:
    - name: a
      user:
        token: abc
`;

  it("comes last, and nothing else changes by a byte", () => {
    expect(
      edited(others.replace("users:\n    - name: a\n      user:\n        token: abc\n", "users:\n")),
    ).toBe(
      others
        .replace("production!\n", `production!\n${clusterLines}`)
        .replace("contexts: null   # none yet\n", `contexts:   # none yet\n${contextLines}`)
        .replace('current-context: ""', "current-context: demo")
        .replace("users:\n    - name: a\n      user:\n        token: abc\n", `users:\n${userLines}`),
    );
  });

  it("is indented as the others in its list", () => {
    const text = "clusters:\n    - name: a\n      cluster: {}\n";
    expect(edited(text, quiet)).toContain(
      text +
        indented(
          clusterLines.replace(
            "    - extension:\n        cluster-name: demo\n      name",
            "      - extension:\n          cluster-name: demo\n        name",
          ),
          "    ",
        ),
    );
  });

  it.each([
    ["clusters:", "clusters:\n"],
    ["clusters: # none", "clusters: # none\n"],
    ["clusters: ~", "clusters:\n"],
    ["clusters: []", "clusters:\n"],
    ["clusters: [  ] # none", "clusters: # none\n"],
    ["clusters:\n# none\n", "clusters:\n# none\n"],
  ])("makes a list of %j", (list, expected) => {
    const text = edited(`kind: Config\n${list}\npreferences: {}\n`, quiet);
    expect(text).toContain(`kind: Config\n${expected.split("\n")[0] ?? ""}\n`);
    expect(text).toContain(clusterLines);
    expect(text).toContain("preferences: {}\n");
  });

  it("gives a file the lists that it lacks, at its end", () => {
    expect(edited("kind: Config\n# the end\n", quiet)).toBe(
      `kind: Config\nclusters:\n${clusterLines}contexts:\n${contextLines}users:\n${userLines}# the end\n`,
    );
  });

  it("goes before the end of the document", () => {
    expect(edited("---\nkind: Config\n...\n# bye\n", quiet)).toMatch(
      /^---\nkind: Config\nclusters:[^]*true\n\.\.\.\n# bye\n$/,
    );
  });

  it("keeps CRLF, a byte order mark, and a missing end of line", () => {
    const text = "\uFEFFkind: Config\r\nclusters:\r\n- name: a\r\n  cluster: {}";
    const result = edited(text);
    expect(result.startsWith(`${text}\r\n- cluster:\r\n`)).toBe(true);
    expect(result).not.toMatch(/[^\r]\n|\n$/);
  });

  it.each([
    "yes",
    "007",
    "1e3",
    "0x10",
    "null",
    "2020-01-01",
    "1:30",
    "~",
    "on",
    "a: b",
    "#1",
    "- a",
    "*a",
    "{",
    "",
    "ä b",
    "\u2028",
    "'",
    '"',
    "a\\b",
  ])("is quoted where any reader, YAML 1.1's too, would not take it for text: %j", (name) => {
    const text = edited("", { ...demo, context: { name, context: { cluster: name, user: name } } });
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(text, { version })).toMatchObject({
        "current-context": name,
        contexts: [{ name, context: { cluster: name, user: name } }],
      });
  });

  it("is never folded: a CA is one line", () => {
    const data = "QUJD".repeat(600);
    const cluster = { name: "demo", cluster: { "certificate-authority-data": data, server: "https://x" } };
    expect(edited("", { ...demo, cluster })).toContain(`certificate-authority-data: ${data}\n`);
  });

  it("goes with others at once: one users entry serves many clusters", () => {
    const { text, before, after } = edit(others, ...["one", "two", "a"].map((name) => entriesFor(name)));
    expect(parse(text)).toMatchObject({
      clusters: [
        { name: "a", cluster: { server: "https://a.eks.example" } },
        { name: "b" },
        { name: "one" },
        { name: "two" },
      ],
      contexts: [{ name: "one" }, { name: "two" }, { name: "a" }],
      users: [{ name: "a", user: { token: "abc" } }, { name: "robot" }],
      "current-context": "a",
    });
    expect([...before.clusters.keys(), ...before.users.keys()]).toEqual(["a", "b", "a"]);
    expect([...after.clusters.keys(), ...after.users.keys()]).toEqual(["a", "b", "one", "two", "a", "robot"]);
  });
});

describe("JSON", () => {
  const minified =
    '{"kind":"Config","apiVersion":"v1","clusters":[{"name":"a","cluster":{"server":"https://a"}}],"contexts":null,"users":[]}';
  const pretty = `${JSON.stringify(JSON.parse(minified), null, 4)}\n`;
  const tabbed = JSON.stringify(JSON.parse(minified), null, "\t");

  it.each(["{}", minified, pretty, tabbed])("stays JSON (%#)", (text) => {
    const content: unknown = JSON.parse(edited(text));
    expect(content).toMatchObject({
      contexts: [demo.context],
      users: [demo.user],
      "current-context": "demo",
    });
    const again = entriesFor("a");
    expect(JSON.parse(edited(text, again))).toMatchObject({ clusters: [again.cluster] });
  });

  it("keeps the other entries' bytes, and gives a new one a line where they have one", () => {
    const [before = "", after = ""] = edited(pretty).split(
      /,\n {8}\{"certificate|,\n {8}\{"cluster":\{"certificate[^\n]*/,
    );
    expect(pretty.startsWith(before)).toBe(true);
    expect(after).toContain("\n    ],\n");
  });
});

describe("an entry that is there", () => {
  const cluster = (members: object) =>
    parse(edited(JSON.stringify({ clusters: [{ name: "demo", cluster: members }] })));
  const user = (members: object) =>
    parse(edited(JSON.stringify({ users: [{ name: "robot", user: members }] })));

  it("as given, changes nothing at all, however it is written", () => {
    const text = `${JSON.stringify(parse(whole), null, 3)} # once\n`;
    const result = edit(text);
    expect(result.text).toBe(text);
    expect(result.after).toEqual(result.before);
  });

  it("keeps its comments, quotes and order, and what others put there", () => {
    const text = `contexts:
- name: "demo" # its name
  context:
    # mine
    cluster: 'old'   # was
    namespace: "web"  # the shop
- name: other
  context: {cluster:   a}
`;
    expect(
      edited(text, quiet).startsWith(`contexts:
- name: "demo" # its name
  context:
    # mine
    cluster: 'demo'   # was
    namespace: "web"  # the shop
    user: robot
- name: other
  context: {cluster:   a}
`),
    ).toBe(true);
    expect(edit(text, quiet).before.contexts.get("demo")?.cluster).toBe("old");
    expect(edit(text, quiet).after.contexts.get("demo")?.cluster).toBe("demo");
  });

  it("of a cluster keeps the proxy, compression and others' extensions", () => {
    const members = {
      "proxy-url": "http://p",
      "disable-compression": true,
      extensions: [
        { name: "other", extension: 1 },
        { name: "client.authentication.k8s.io/exec", extension: { stale: "x" } },
      ],
    };
    expect(cluster(members)).toMatchObject({
      clusters: [
        {
          name: "demo",
          cluster: {
            "proxy-url": "http://p",
            "disable-compression": true,
            extensions: [
              { name: "other", extension: 1 },
              { name: "client.authentication.k8s.io/exec", extension: { "cluster-name": "demo" } },
            ],
          },
        },
      ],
    });
  });

  it("of a cluster loses what contradicts the new CA, and the name of another server", () => {
    const members = {
      server: "https://elsewhere",
      "tls-server-name": "elsewhere",
      "certificate-authority": "/ca.pem",
      "insecure-skip-tls-verify": true,
    };
    expect(cluster(members)).toEqual(cluster({}));
    expect(cluster({ ...members, server: "https://demo.eks.example" })).toMatchObject({
      clusters: [{ cluster: { "tls-server-name": "elsewhere" } }],
    });
  });

  it("of a user keeps impersonation and variables, and loses settings of an earlier run", () => {
    const env = [{ name: "HTTPS_PROXY", value: "http://p" }];
    const exec = {
      command: "/usr/local/bin/eks-x509",
      args: ["--cluster-name=old"],
      installHint: "?",
      env,
      apiVersion: "v0",
    };
    expect(user({ as: "admin", exec })).toMatchObject({
      users: [{ name: "robot", user: { as: "admin", exec: { ...demo.user.user, env } } }].map(() => ({
        user: { as: "admin", exec: { env, args: ["get-token", "--certificate=/etc/robot.pem"] } },
      })),
    });
    expect(edited(JSON.stringify({ users: [{ name: "robot", user: { exec } }] }))).not.toContain(
      "installHint",
    );
  });

  it("of a user with another program loses all of that program's settings", () => {
    const exec = { command: "aws", args: ["eks", "get-token"], env: [{ name: "AWS_PROFILE", value: "x" }] };
    expect(user({ exec })).toMatchObject({ users: [demo.user] });
  });

  it.each(["token", "client-key-data", "client-certificate", "password", "tokenFile", "auth-provider"])(
    "of a user with %s is not overwritten",
    (member) => {
      const failure = failureOf(() => user({ [member]: "secret" }));
      expect(failure.code).toBe("KUBECONFIG_USER_TAKEN");
      expect(failure.message).toBe(
        `config: the user "robot" signs in with its ${member}, not with an exec plugin`,
      );
    },
  );

  it("in flow style stays so", () => {
    const text = "contexts:\n- {name: demo, context: {cluster: old, namespace: web}} # mine\n";
    expect(edited(text, quiet)).toMatch(
      /^contexts:\n- \{name: demo, context: \{cluster: demo, namespace: web, user: robot\}\} # mine\n/,
    );
  });

  it("is current from now on", () => {
    for (const [before, after] of [
      ["a", "demo"],
      ['"a"', '"demo"'],
      ["'a' # now", "'demo' # now"],
      ["", "demo"],
      ["null", "demo"],
      ['""', "demo"],
    ])
      expect(edited(`current-context: ${before ?? ""}\nkind: Config\n`)).toContain(
        `current-context: ${after ?? ""}\nkind`,
      );
  });
});

describe("what others wrote in unusual ways", () => {
  it("stays, when it is nothing of ours", () => {
    const text = `x-base: &base
  server: https://base
clusters:
- name: a
  cluster: {<<: *base}
- name: b
  cluster: *base
- cluster: {}
users:
-
- name: a
  user: {password: !!str 007}
`;
    const result = edited(text, quiet);
    expect(result.startsWith(text.slice(0, text.indexOf("users:")))).toBe(true);
    expect(result).toContain("- name: a\n  user: {password: !!str 007}\n- name: robot\n");
  });

  it.each([
    ["clusters: &all\n- name: a\n  cluster: {}\nx-all: *all\n", "KUBECONFIG_ALIASED"],
    ["clusters:\n- &x {name: demo, cluster: {}}\n- {name: a, cluster: {}}\nx: *x\n", "KUBECONFIG_ALIASED"],
    ["x: &x {name: demo, cluster: {}}\nclusters:\n- *x\n", "KUBECONFIG_ALIASED"],
    ["x: &x {server: a}\nclusters:\n- name: demo\n  cluster: *x\n", "KUBECONFIG_ALIASED"],
    ["x: &x {server: a}\nclusters:\n- name: demo\n  cluster:\n    <<: *x\n", "KUBECONFIG_ALIASED"],
    ["x: &x []\nclusters: *x\n", "KUBECONFIG_ALIASED"],
    ["clusters: !!null null\n", undefined],
    ["? current-context\n: old\n", "KUBECONFIG_LAYOUT"],
    ["? clusters\n: - name: a\n  - name: b\n", undefined],
  ])("is refused where a change would break it (%#)", (text, code) => {
    expect(codeOf(() => edit(text))).toBe(code);
  });

  it.each([
    ["- a\n", "KUBECONFIG_FIELD_INVALID", "config: the file's content must be a mapping: line 1, column 1"],
    ["text\n", "KUBECONFIG_FIELD_INVALID", "config: the file's content must be a mapping: line 1, column 1"],
    ["clusters: {}\n", "KUBECONFIG_FIELD_INVALID", "config: clusters must be a list: line 1, column 11"],
    ["users: text\n", "KUBECONFIG_FIELD_INVALID", "config: users must be a list: line 1, column 8"],
    [
      "users:\n- name: a\n- text\n",
      "KUBECONFIG_FIELD_INVALID",
      "config: users[1] must be a mapping: line 3, column 3",
    ],
    [
      "users:\n- user: text\n",
      "KUBECONFIG_FIELD_INVALID",
      "config: users[0].user must be a mapping: line 2, column 9",
    ],
    [
      "current-context: 7\n",
      "KUBECONFIG_FIELD_INVALID",
      "config: current-context must be text: put it in quotes: line 1, column 18",
    ],
    [
      "kind: Pod\napiVersion: v1\n",
      "KUBECONFIG_KIND",
      'config contains a "Pod" of apiVersion "v1", not a kubeconfig',
    ],
    [
      "kind: Config\napiVersion: apps/v1\n",
      "KUBECONFIG_KIND",
      'config contains a "Config" of apiVersion "apps/v1", not a kubeconfig',
    ],
    [
      "clusters:\n- name: a\n- name: b\n- name: a\n",
      "KUBECONFIG_NAME_TWICE",
      'config: clusters has two entries named "a"',
    ],
    [
      "users:\n- name: 1\n",
      "KUBECONFIG_FIELD_INVALID",
      "config: users[0].name must be text: put it in quotes: line 2, column 9",
    ],
    [
      "clusters:\n- name: a\n  cluster: {certificate-authority-data: no}\n",
      "KUBECONFIG_FIELD_INVALID",
      "config: clusters[0].cluster.certificate-authority-data must be text: put it in quotes: line 3, column 41",
    ],
    [
      "users:\n- name: a\n  user: {client-key-data: abc}\n",
      "KUBECONFIG_BASE64",
      "config: users[0].user.client-key-data is not base64",
    ],
    [
      "users:\n- name: robot\n- name: robot\n",
      "KUBECONFIG_NAME_TWICE",
      'config: users has two entries named "robot"',
    ],
    ["a: [\n", "KUBECONFIG_INVALID", "config is not YAML: line 2, column 1, indented wrongly"],
  ])("is refused when kubectl could not read it (%#)", (text, code, message) => {
    expect(failureOf(() => edit(text))).toMatchObject({ code, message });
  });
});
