/** ConfigMaps as people write them, with the mistakes that people make. */
import fc from "fast-check";
import { edited, edits } from "../token-form/mutated-token.ts";

const indent = "  ";

/** A text that is used most of the time, and others now and then. */
function mostly(usual: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );
}

const role = "arn:aws:iam::029608264753:role/eks-read-only";

const arn = mostly(
  role,
  `"${role}"`,
  `'${role}'`,
  `${role} `,
  `"${role} "`,
  `${role} # read only`,
  "arn:aws:iam::029608264753:role/team/eks-read-only",
  "arn:aws:sts::029608264753:assumed-role/eks-read-only/4e8708af",
  "ARN:aws:iam::029608264753:role/EKS-read-only",
  "arn:aws:iam::111122223333:role/eks-read-only",
  "arn:aws:iam::029608264753:user/team/Bob",
  "arn:aws:iam::029608264753:role/*",
  "arn:aws:iam::*:role/eks-read-only",
  "arn:aws-cn:iam::029608264753:role/eks-read-only",
  "arn:aws-us-gov:iam::029608264753:role/eks-read-only",
  "arn:aws:iam::029608264753:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_read_0123456789abcdef",
  "arn:aws:iam::029608264753:role/AWSReservedSSO_read_0123456789abcdef",
  "arn:aws:iam::029608264753:role/awsreservedsso_READ_0123456789ABCDEF",
  "arn:aws:iam::029608264753:role//eks-read-only",
  "arn:aws:iam::029608264753:role/eks-read-only/",
  "arn:aws:iam::029608264753:user/Bob",
  "ARN:AWS:IAM::029608264753:USER/TEAM/BOB",
  "arn:aws:iam::029608264753:root",
  "arn:aws:iam::029608264753:role/e\u212as-read-only",
  "arn:aws:iam::029608264753:role/eks-read-\u017fonly",
  `[${role}]`,
  `>-\n    ${role}`,
  `|\n    ${role}`,
  "&role " + role,
  "*role",
  "!!str " + role,
  "",
  "~",
  "123",
);

const username = mostly(
  "viewer",
  '"{{SessionName}}"',
  "{{SessionName}}",
  "u:{{SessionName}}",
  "'{{AccountID}}:{{SessionNameRaw}}'",
  "{{ SessionName }}",
  "'{{SessionName}}{{AccessKeyID}}{{SessionNameRaw}}{{AccountID}}'",
  "'{{{SessionName}}}'",
  "'{{sessionName}}'",
  "'{{Session{{AccountID}}Name}}'",
  "'{{EC2PrivateDNSName}}{{SessionName}}'",
  "'$&{{SessionName}}$1'",
  "system:node:{{EC2PrivateDNSName}}",
  "alice@example.com",
  "@alice",
  "yes",
  "No",
  "0123",
  "0x1F",
  "1_000",
  "1e3",
  "12:30",
  "2024-01-31",
  ".5",
  ".inf",
  "~",
  "null",
  "",
  "a: b",
  "a # b",
  "a#b",
  "- a",
  "*a",
  "%a",
  "`a`",
  "'it''s'",
  '"\\u0041"',
  '"\\/"',
  '"a',
  "a b\n      c",
  "|-\n      a",
  "!!int 5",
  "!!int a",
  "!!binary YWI=",
);

const groups = mostly(
  "[view]",
  "[]",
  "",
  "view",
  "[view, system:masters]",
  "\n  - view",
  "\n    - view\n    - edit",
  "\n    - view # c\n    # d\n    - edit",
  "\n    - view\n   - edit",
  "[\n    view\n  ]",
  "[\n  view,\n  edit\n  ]",
  "[view,]",
  "[view,,edit]",
  "[view edit]",
  "[view",
  "view]",
  "[1, yes, ~, view]",
  "{view: edit}",
  "\n    -view",
  "\n    - {{AccountID}}",
  "[\"{{AccountID}}\", 'a']",
  "|\n    - view",
  "\n\t- view",
  "\n    -\tview",
  "- view",
);

const arnKey = mostly(
  "rolearn",
  "roleARN",
  "RoleArn",
  "role_arn",
  "userarn",
  "roleArn ",
  '"rolearn"',
  "rolearn:",
);
const usernameKey = mostly("username", "userName", "user", "? username\n  ");
const groupsKey = mostly("groups", "Groups", "group");

const extra = mostly(
  "",
  "sso: {}",
  "sso: {permissionSetName: read, accountID: '029608264753'}",
  "sso: {permissionsetname: read, AccountId: 029608264753}",
  "sso:",
  "userid: AROA",
  "# a comment",
  "username: other",
  "groups: [other, 1]",
  "<<: *entry",
  "<<: {username: merged}",
  ": x",
  "1: x",
  "1.5: x",
  "[a]: x",
);

const lineEnd = mostly(
  "\n",
  "\n\n",
  "\r\n",
  " \n",
  "\t\n",
  "\n\t\n",
  "\n    \t\n",
  "\n# c\n",
  "\n  # c\n",
  "\n---\n",
);

const entry = fc
  .record({
    lines: fc
      .tuple(
        fc.tuple(arnKey, arn),
        fc.tuple(usernameKey, username),
        fc.tuple(groupsKey, groups),
        extra,
        fc.integer({ min: 0, max: 11 }),
      )
      .map(([first, second, third, more, order]) => {
        const fields = [first, second, third].map(([key, value]) => `${key}: ${value}`).concat(more || []);
        if (order === 0) fields.reverse();
        if (order === 1) fields.pop();
        if (order === 2) fields.shift();
        return fields;
      }),
    end: lineEnd,
    start: mostly("- ", "-   ", "-\t", "-", "- &entry\n  ", "-\n  "),
  })
  .map(({ lines, end, start }) => `${start}${lines.join(`${end}${indent}`)}\n`);

const other = fc.constantFrom(
  "- text\n",
  "-\n",
  "- []\n",
  "---\n",
  "...\n",
  "# c\n",
  "\n",
  "text\n",
  "\t\n",
  "x: y\n",
);

const entries = fc
  .array(fc.oneof({ weight: 9, arbitrary: entry }, { weight: 1, arbitrary: other }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((texts) => texts.join(""));

const wrapped = fc
  .tuple(
    entries,
    mostly("", "%YAML 1.2\n---\n", "---\n", "\ufeff", "# c\n", "\n", "{", "["),
    fc.integer({ min: 0, max: 11 }),
  )
  .map(
    ([text, before, shift]) =>
      before + (shift < 2 ? text.replaceAll(/^(?=.)/gm, " ".repeat(shift + 1)) : text),
  );

const accounts = fc
  .array(
    mostly(
      '"029608264753"',
      "029608264753",
      "609629065308",
      "!!int 029608264753",
      "!!int 609629065308",
      "0296-0826-4753",
      "~",
      "yes",
      "[029608264753]",
      "029608264753 # main",
      '"029608264753',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((items) => items.map((item) => `- ${item}\n`).join(""));

/** The data of a ConfigMap aws-auth. */
export const awsAuthData: fc.Arbitrary<Record<string, string>> = fc
  .record({
    list: fc.constantFrom("mapRoles", "mapRoles", "mapRoles", "mapUsers", "maproles"),
    text: wrapped,
    accounts: fc.option(accounts, { freq: 4, nil: undefined }),
  })
  .map(({ list, text, accounts: mapAccounts }) => ({
    [list]: list === "mapUsers" ? text.replaceAll(/role(?=arn)/gi, "user") : text,
    ...(mapAccounts === undefined ? {} : { mapAccounts }),
  }));

const pieces = [
  ...Array.from("-:?#&*!|>'\"%@`[]{}, ~a0=\t\r\n\\\0\x7f\x85\u2028\ufeffé"),
  ...[
    "- ",
    ": ",
    "? ",
    " #",
    "\n  ",
    "\n- ",
    "\n\n",
    "  ",
    "&a ",
    "*a",
    "!!str ",
    "!x ",
    "!<x> ",
    "!a!b ",
    "<<: ",
  ],
  ...["---\n", "...\n", "|-\n", ">+2\n", "%TAG ! x\n", "%YAML 1.1\n", "\\x41", "\\'", "''", "\u{1f600}"],
];

/** Data with characters replaced at random in each list. */
export function editedAwsAuth(
  data: fc.Arbitrary<Readonly<Record<string, string>>>,
): fc.Arbitrary<Record<string, string>> {
  return fc
    .tuple(data, edits(pieces))
    .map(([lists, all]) =>
      Object.fromEntries(Object.entries(lists).map(([name, text]) => [name, edited(text, all)])),
    );
}
