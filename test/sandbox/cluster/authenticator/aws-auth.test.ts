import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAwsAuth } from "../../../../src/sandbox/cluster/authenticator/aws-auth.ts";
import type { Identity } from "../../../../src/sandbox/cluster/authenticator/identity.ts";
import { mapIdentity } from "../../../../src/sandbox/cluster/authenticator/user-mapping.ts";

// Each row below was answered so by aws-iam-authenticator 81b1dab, in a differential run against this code.

const arn = "arn:aws:iam::029608264753:role/eks-read-only";

const identity: Identity = {
  arn: "arn:aws:sts::029608264753:assumed-role/eks-read-only/alice@example.com",
  canonicalArn: arn,
  accountId: "029608264753",
  userId: "AROAEXAMPLEROLEID0001",
  sessionName: "alice@example.com",
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  stsEndpoint: "sts.us-west-2.amazonaws.com",
};

/** The user name and the groups; null when denied. */
function mapped(data: Readonly<Record<string, string>>, who = identity): [string, readonly string[]] | null {
  const { user } = mapIdentity(who, parseAwsAuth(data));
  return user === null ? null : [user.username, user.groups];
}

/** One entry for the role, with these further lines. */
function entry(...lines: string[]): string {
  return [`- rolearn: ${arn}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

describe("templates", () => {
  it.each([
    ["'{{AccountID}}'", "029608264753"],
    ["'{{SessionName}}'", "alice-example.com"],
    ["'{{SessionNameRaw}}'", "alice@example.com"],
    ["'{{AccessKeyID}}'", "ASIAQNZGKIQY56JQ7WML"],
    ["u:{{SessionName}}:{{SessionName}}", "u:alice-example.com:alice-example.com"],
    ["'{{sessionname}}{{ SessionName }}'", "{{sessionname}}{{ SessionName }}"],
  ])("username: %s", (template, username) => {
    expect(mapped({ mapRoles: entry(`username: ${template}`, "groups: ['g:{{AccountID}}']") })).toEqual([
      username,
      ["g:029608264753"],
    ]);
  });

  it("without quotes are a mapping in YAML, and the whole list is lost", () => {
    expect(mapped({ mapRoles: entry("username: {{SessionName}}"), mapAccounts: "[029608264753]" })).toEqual([
      arn,
      [],
    ]);
  });

  it("for EC2 names deny, and no account rule makes up for it", () => {
    const data = {
      mapRoles: entry("username: u", "groups: ['{{EC2PrivateDNSName}}']"),
      mapAccounts: "[029608264753]",
    };
    expect(mapped(data)).toBeNull();
    expect(mapped(data, { ...identity, sessionName: "i-0123456789abcdef0" })).toBeNull();
  });
});

describe("what is not text is no name", () => {
  it.each([
    ["123", ""],
    ["0123", ""],
    ["0x1F", ""],
    ["1_000", ""],
    ["1e3", ""],
    ["1e999", "1e999"],
    ["08_", ""],
    ["yes", ""],
    ["on", ""],
    ["n", ""],
    ["~", ""],
    ["null", ""],
    ["", ""],
    ["[a]", ""],
    ["{a: b}", ""],
    ["2026-11-22", "2026-11-22"],
    ["12:30:45", "12:30:45"],
    ["'123'", "123"],
    ["!!str 123", "123"],
    ["! 123", "123"],
    ["!!binary aGk=", "hi"],
    ["!unknown x", "x"],
    ["|\n    a\n    b", "a\nb\n"],
    [">-\n    a\n    b", "a b"],
  ])("username: %s", (text, username) => {
    expect(mapped({ mapRoles: entry(`username: ${text}`) })).toEqual([username, []]);
  });

  it.each([
    ".nan",
    ".inf",
    "!!int x",
    "!!int 1.0",
    "!!bool 1",
    "!!binary x",
    "@x",
    "`x",
    "%x",
    "a: b",
    "*unknown",
  ])("username: %s loses the whole list", (text) => {
    expect(mapped({ mapRoles: entry(`username: ${text}`) })).toBeNull();
  });

  it.each<[string, readonly string[]]>([
    ["[1, a]", ["", "a"]],
    ["[yes, ~, a]", ["", "", "a"]],
    ["[[a], {b: c}, d]", ["", "", "d"]],
    ["view", []],
    ["{a: b}", []],
    ["null", []],
    ["[a,]", ["a"]],
    ["[a b]", ["a b"]],
    ["\n  - a\n  - b", ["a", "b"]],
    ["[\n    a,\n    b\n  ]", ["a", "b"]],
    ["[\na,\nb\n]", ["a", "b"]],
    ["&g [a]", ["a"]],
    ["!!seq [a]", ["a"]],
  ])("groups: %s", (text, groups) => {
    expect(mapped({ mapRoles: entry("username: u", `groups: ${text}`) })).toEqual(["u", groups]);
  });
});

describe("keys", () => {
  it.each<[string, string[], [string, readonly string[]]]>([
    ["any case", ["UserName: u", "GROUPS: [g]"], ["u", ["g"]]],
    ["of two that differ in case, the one that sorts last", ["username: low", "Username: high"], ["low", []]],
    ["twice, the last", ["username: first", "username: second"], ["second", []]],
    ["a later null does not undo a name", ["Username: u", "username: null"], ["u", []]],
    ["a later null does undo groups", ["Groups: [g]", "groups: null"], ["", []]],
    ["groups by parts", ["Groups: [a, b]", "groups: [1, c]"], ["", ["a", "c"]]],
    ["long s folds into s", ["username: u", "group\u017f: [g]"], ["u", ["g"]]],
    ["merged ones", ["username: u", "<<: {groups: [g]}"], ["u", ["g"]]],
    ["merged ones override what stands before", ["username: u", "<<: {username: m}"], ["m", []]],
    ["merged ones do not override what follows", ["<<: {username: m}", "username: u"], ["u", []]],
    ["unknown ones, and numbers", ["username: u", "1: x", "yes: x", "extra: [x]"], ["u", []]],
  ])("%s", (_, lines, expected) => {
    expect(mapped({ mapRoles: entry(...lines) })).toEqual(expected);
  });

  it.each([
    ["null", "~: x"],
    ["list", "[a]: x"],
    ["merge of a text", "<<: x"],
  ])("a %s as key loses the whole list", (_, line) => {
    expect(mapped({ mapRoles: entry("username: u", line) })).toBeNull();
  });

  it.each<[string, string, boolean]>([
    ["an SSO matcher beside the ARN spoils the entry", "sso: {accountID: '029608264753'}", false],
    ["of any type", "sso: x", false],
    ["but not null", "sso: null", true],
  ])("%s", (_, line, isMapped) => {
    expect(mapped({ mapRoles: entry("username: u", line) })).toEqual(isMapped ? ["u", []] : null);
  });
});

describe("documents", () => {
  const plain = entry("username: u", "groups: [g]");

  it.each([
    ["Windows line ends", plain.replaceAll("\n", "\r\n")],
    ["a byte-order mark", `\ufeff${plain}`],
    ["a comment before", `# c\n${plain}`],
    ["a document start", `---\n${plain}`],
    ["YAML 1.1", `%YAML 1.1\n---\n${plain}`],
    ["YAML 1.1 with Windows line ends", `%YAML 1.1\n---\n${plain}`.replaceAll("\n", "\r\n")],
    ["a second document", `${plain}---\n- x\n`],
    ["a second document that is broken", `${plain}---\n- [\n`],
    ["something broken after its end", `${plain}...\n- [\n`],
    [
      "an indented list, and less indented lines after it",
      `${plain.replace(/^/gm, "  ").trimEnd()}\n- other\n`,
    ],
    ["JSON", `[{"rolearn":"${arn}","username":"u","groups":["g"]}]`],
    ["an anchor and an alias", `- &a {username: u, groups: [g], rolearn: ${arn}}\n- *a\n`],
    ["entries of other kinds around it", `- text\n- ~\n- [x]\n${plain}- 12\n`],
  ])("%s", (_, text) => {
    expect(mapped({ mapRoles: text })).toEqual(["u", ["g"]]);
  });

  it.each([
    ["YAML 1.2, by name", `%YAML 1.2\n---\n${plain}`],
    ["one entry without its list", `{"rolearn":"${arn}","username":"u"}`],
    ["a list under a name", `x:\n${plain}`],
    ["a line with nothing but a tab", `${plain}\t\n`],
    ["a tab after the dash", plain.replace("- ", "- \t")],
    ["a line at the list's own indentation", `${plain}text\n`],
    ["an alias to itself", `- &a [*a]\n${plain}`],
    ["nothing", ""],
    ["quotes around nothing", '""'],
    ["backquotes around nothing", "``"],
  ])("lost: %s", (_, text) => {
    expect(mapped({ mapRoles: text })).toBeNull();
  });
});

describe("mapAccounts", () => {
  it.each([
    ["- 029608264753\n"],
    ["- '029608264753'\n"],
    ["[609629065308, 029608264753]"],
    ["- !!str 029608264753\n"],
    ["- !!binary MDI5NjA4MjY0NzUz\n"],
    ["- !unknown 029608264753\n"],
    ["- &a 029608264753\n- *a\n"],
    ["- a: b\n- 029608264753\n"],
    ["- ~\n- 029608264753 # ours\n"],
    ["- 029608264753\n---\n- [\n"],
  ])("allows: %j", (mapAccounts) => {
    expect(mapped({ mapAccounts })).toEqual([arn, []]);
  });

  it.each([
    ["029608264753"],
    ["- [029608264753]\n"],
    ["- 029_608_264_753\n"],
    // With a leading zero and an 8 or a 9 it is no integer but a fraction.
    ["- !!int 029608264753\n"],
    ["- !!int x\n- 029608264753\n"],
    ["- !!null 029608264753\n"],
    ["{}"],
  ])("does not allow: %j", (mapAccounts) => {
    expect(mapped({ mapAccounts })).toBeNull();
  });
});

describe("ARNs", () => {
  it.each([
    [
      "role in mapRoles before role in mapUsers",
      { mapRoles: entry("username: r"), mapUsers: `- {userarn: ${arn}, username: u}` },
      "r",
    ],
    [
      "user ARN in mapRoles",
      { mapRoles: "- {rolearn: 'arn:aws:iam::029608264753:user/team/bob', username: b}" },
      null,
    ],
    ["with a path", { mapRoles: entry("username: u").replace("role/", "role/team/") }, null],
    ["of the session", { mapRoles: `- {rolearn: '${identity.arn}', username: u}` }, null],
    ["of another partition", { mapRoles: entry("username: u").replace("arn:aws:", "arn:aws-us-gov:") }, null],
    [
      "after an invalid entry for the same",
      { mapRoles: entry("username: u") + entry("username: v", "sso: x") },
      "u",
    ],
  ])("%s", (_, data, username) => {
    expect(mapped({ ...data })?.[0] ?? null).toBe(username);
  });
});

it("what was passed over is told", () => {
  const { problems } = parseAwsAuth({ mapRoles: "- x\n", mapUsers: "- [" });
  expect(problems).toEqual(["1 entries without a valid rolearn", expect.stringMatching(/^mapUsers: /)]);
});

describe("aliases of aliases", () => {
  const nested = (depth: number): string => {
    const levels = Array.from({ length: depth }, (_, level) => `- &a${level + 1} [*a${level}, *a${level}]\n`);
    return `- &a0 x\n${levels.join("")}${entry("username: u")}`;
  };

  it.each([3, 6])("%i deep are read", (depth) => {
    expect(mapped({ mapRoles: nested(depth) })).toEqual(["u", []]);
  });

  it.each([12, 60])("%i deep are refused, at once", (depth) => {
    expect(mapped({ mapRoles: nested(depth) })).toBeNull();
  });
});

it("whatever is in the lists, it answers", () => {
  const plain = entry("username: u", "groups: [g]");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.nat(plain.length), fc.string())
      .map(([at, piece]) => plain.slice(0, at) + piece + plain.slice(at)),
  );
  fc.assert(
    fc.property(text, text, text, (mapRoles, mapUsers, mapAccounts) => {
      const answer = mapped({ mapRoles, mapUsers, mapAccounts });
      expect(answer === null || typeof answer[0] === "string").toBe(true);
    }),
    { numRuns: 500 },
  );
});
