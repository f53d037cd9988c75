/** The words of every denial and of every warning. */
import type { CodeOf } from "../../foundation/errors.ts";

type MappingCode = CodeOf<"refused" | "warning", "mapping">;

export interface Reason {
  /** `MAPPING_…`: stable; listed with cause and cure in docs/errors.md. */
  code: MappingCode;
  why: string;
  hint: string;
}

export type ReasonCode = keyof typeof words;

/** @param values the texts for the placeholders: `written` for `%written` */
export function reason(code: ReasonCode, values: Readonly<Record<string, string>> = {}): Reason {
  const [why, hint] = words[code];
  const filled = (text: string): string =>
    text.replaceAll(/%(\w+)/g, (_, name: string) => values[name] ?? "");
  return { code, why: filled(why), hint: filled(hint) };
}

/** A foreign text of aws-auth in a sentence: bounded, and with invisible characters made visible. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}…` : text);
}

const words = {
  MAPPING_AWS_AUTH_EMPTY: [
    "the ConfigMap aws-auth does not exist or maps no identity",
    "Add the entry to %list in the ConfigMap aws-auth of kube-system, or create an access entry for the role.",
  ],
  MAPPING_NOT_FOUND: [
    "no entry of aws-auth is for %wanted or similar to it",
    "Add the entry to %list in the ConfigMap aws-auth of kube-system, or create an access entry for it.",
  ],
  MAPPING_NEEDS_INSTANCE: [
    'the matching entry names its user after an EC2 instance ({{EC2PrivateDNSName}}), and the session "%session" is not one',
    "Such entries are for nodes. Map people with another role, or remove the template from this entry.",
  ],

  // Why the ARN of an entry does not match.
  MAPPING_ARN_WHITE_SPACE: [
    "the entry's ARN has white space in it or around it: %written",
    "Write only %wanted between the quotes.",
  ],
  MAPPING_ROLE_PATH: [
    "the entry's rolearn has a path, %written, and aws-auth compares role ARNs without one",
    "Write %wanted. IAM shows the role with its path, but STS returns it to the authenticator without the path.",
  ],
  MAPPING_USER_PATH: [
    "the entry's userarn, %written, and the user have different paths",
    "Write %wanted. The path of a user counts, unlike the path of a role.",
  ],
  MAPPING_STS_ARN: [
    "the entry has the ARN of the session, %written, and the authenticator compares the ARN of the role",
    "Write the role's ARN: %wanted.",
  ],
  MAPPING_WILDCARD: [
    "the entry has a wildcard, %written, and the authenticator compares ARNs letter by letter",
    "Write one entry for each role: %wanted. mapAccounts maps a whole account, without groups.",
  ],
  MAPPING_NOT_AN_ARN: ["the entry has %written instead of a complete ARN", "Write %wanted."],
  MAPPING_ARN_ACCOUNT_FORM: [
    "the entry's ARN, %written, does not contain an account id of 12 digits",
    "Write %wanted. Leading zeros count.",
  ],
  MAPPING_OTHER_KIND: [
    "the entry is for another kind of resource with the same name: %written",
    "Write %wanted.",
  ],
  MAPPING_OTHER_PARTITION: [
    "the entry is for the same name in another partition: %written",
    "The identity is %wanted. Add an entry for it, or correct this one.",
  ],
  MAPPING_OTHER_ACCOUNT: [
    "the entry is for the same name in another account, %account",
    "The identity is %wanted. If it is the right one, add an entry for it. Otherwise sign in with a role of account %account.",
  ],
  MAPPING_NEAR_NAME: [
    "the entry is for another name that is almost the same: %written",
    "The identity is %wanted. Correct the entry if it should map this identity.",
  ],
  MAPPING_NEAR_ARN: [
    "the entry's ARN is almost the right one: %written",
    "Write %wanted. Compare the two letter by letter, including the colons.",
  ],
  MAPPING_ACCOUNT_ROOT: [
    "the entry is for the account's root user, %written, not for every identity of the account",
    "Write one entry for each role: %wanted. mapAccounts maps a whole account, without groups.",
  ],

  // Why the authenticator ignores an entry.
  MAPPING_SSO_ENTRY: [
    "the entry names a permission set under sso, which the authenticator ignores: its feature SSORoleMatch is off",
    "Write the role as rolearn, without the path /aws-reserved/sso.amazonaws.com/.",
  ],
  MAPPING_SSO_BESIDE_ARN: [
    "the entry has both sso and rolearn, so the authenticator ignores it",
    "Remove sso from the entry.",
  ],
  MAPPING_ENTRY_NOT_A_MAPPING: [
    "an entry is %found, not a mapping with rolearn, username and groups",
    "Write it in the form of the entry below.",
  ],
  MAPPING_ARN_NOT_TEXT: [
    "%key is a number, a list or a mapping instead of text",
    "Write one ARN after %key. An entry is for one principal.",
  ],
  MAPPING_WRONG_ARN_KEY: [
    "the entry is in %list and has %otherKey instead of %key, so the authenticator ignores it",
    "Rename %otherKey to %key, or move the entry to %otherList.",
  ],
  MAPPING_ARN_KEY_MISSPELT: [
    "the entry has the key %misspelt instead of %key, so the authenticator ignores it",
    "Rename it to %key. The case of the letters does not matter.",
  ],
  MAPPING_NO_ARN: [
    "an entry has no %key, so the authenticator ignores it",
    "Add a %key to it, or remove it.",
  ],

  // Why the authenticator ignores a list.
  MAPPING_BROKEN_YAML: [
    "%list is not YAML at its line %line, column %column (%problem), so the authenticator ignores the whole list",
    "%cure Until then no entry of %list has an effect. The other lists are not affected.",
  ],
  MAPPING_NOT_A_LIST: [
    "%list is %found, not a list, so the authenticator ignores all of it",
    'Begin each entry of %list with a hyphen ("- rolearn: …"), and begin the text with "%list: |" in the manifest.',
  ],
  MAPPING_LIST_NAME: [
    "aws-auth has %speltAs instead of %meant, and the authenticator ignores a list of that name",
    "Rename it to %meant. The names mapRoles, mapUsers and mapAccounts are case-sensitive.",
  ],
  MAPPING_ACCOUNT_FORM: [
    "mapAccounts contains the account as %written instead of its 12 digits",
    'Write - "%account", with quotes, without hyphens, and with leading zeros. It must not be an ARN.',
  ],
  MAPPING_ACCOUNTS_NOT_A_LIST: [
    "mapAccounts contains the account but is not a list, so the authenticator ignores it",
    'Write it as a list: - "%account".',
  ],

  // Access entries.
  MAPPING_NO_ACCESS_ENTRY: [
    "no access entry of the cluster is for %wanted",
    "Create one with aws eks create-access-entry and the role's ARN from IAM, with its path. A role that was deleted and created again needs a new access entry.",
  ],
  MAPPING_NEAR_ACCESS_ENTRY: [
    "no access entry is for %wanted; the nearest is for %written",
    "Create one with aws eks create-access-entry and the role's ARN from IAM, with its path. A role that was deleted and created again needs a new access entry.",
  ],
  MAPPING_ACCESS_ENTRY_FOR_NODES: [
    "the access entry, of type %type, names its user after an EC2 instance, and the session is not one",
    "Sign in with a role that is not for nodes, and create an access entry of type STANDARD for it.",
  ],
  MAPPING_CONFIG_MAP_NOT_READ: [
    "aws-auth maps the identity, but the cluster does not read it: its authenticationMode is API",
    "Create an access entry for the role. The mode cannot be changed back.",
  ],

  // Warnings.
  MAPPING_ACCESS_ENTRY_WINS: [
    "aws-auth maps the identity too, but the access entry wins",
    "Remove the entry from aws-auth, because a change of it has no effect.",
  ],
  MAPPING_AMBIGUOUS: [
    "two entries of mapUsers differ only in the case of their ARNs, and the authenticator chooses one of them at random",
    "Remove one of the two: %earlier, or %last.",
  ],
  MAPPING_OVERRIDDEN: [
    "an earlier entry for the same ARN has no effect, because the last one wins",
    "Remove one of the two: %earlier, or %last.",
  ],
  MAPPING_NO_USERNAME: ["%username, so the user has an empty name", "%cure"],
  MAPPING_GROUPS_NOT_A_LIST: [
    "groups is not a list, so the user is in no group",
    'Write groups: ["view"], or one line with a hyphen for each group.',
  ],
  MAPPING_GROUP_NOT_TEXT: [
    "a group is empty or is not text in YAML, so the user gets a group without a name instead",
    "Put quotes around each group.",
  ],
  MAPPING_NO_GROUPS: [
    "the entry has no groups, so the user has only the permissions that are bound to the username",
    "Add groups to the entry, or write groups: [] if this is intended.",
  ],
  MAPPING_UNKNOWN_TEMPLATE: [
    "%template is not a known template and stays as text",
    "The templates are {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}} and {{EC2PrivateDNSName}}, without spaces.",
  ],
  MAPPING_NODE_NAME: [
    "the cluster replaces {{EC2PrivateDNSName}} with the value from EC2, which is not known here",
    "",
  ],
  MAPPING_CHANGING_USERNAME: [
    "the username contains %part",
    "Bind roles to groups instead of this username, or set a role session name.",
  ],
  MAPPING_SYSTEM_MASTERS: [
    "the entry grants system:masters, which RBAC cannot limit or revoke",
    "If full rights are intended, bind a group of your own to the ClusterRole cluster-admin.",
  ],
} as const satisfies Partial<Record<MappingCode, readonly [why: string, hint: string]>>;
