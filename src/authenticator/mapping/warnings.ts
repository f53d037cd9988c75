/** The oddities of an entry that maps, and of the rest of aws-auth. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { EntryList } from "./aws-auth.ts";
import { brokenList, type AwsAuth } from "./denial.ts";
import { fieldsNamed, type Entry, placeOf } from "./entry.ts";
import { quoted, type MappingWarning, type Reason } from "./verdict.ts";
import { namesNode, nodeNameTemplate, type Pattern, unknownTemplates } from "./user.ts";

interface Found {
  entry: Entry;
  /** Earlier entries for the same ARN. */
  overridden: readonly Entry[];
  read: AwsAuth;
  identity: CallerIdentity;
}

export function entryWarnings(found: Found): MappingWarning[] {
  const { entry, identity, read } = found;
  return [
    ...[overriddenEntries, username, groups].flatMap((rule) => rule(found)),
    ...patternWarnings(entry, identity, placeOf(entry)),
    ...brokenLists(read),
  ];
}

function overriddenEntries({ entry, overridden }: Found): MappingWarning[] {
  return overridden.map((earlier) => {
    const atRandom = entry.list === "mapUsers" && earlier.arn !== entry.arn;
    return {
      code: atRandom ? "MAPPING_AMBIGUOUS" : "MAPPING_OVERRIDDEN",
      why: atRandom
        ? "two entries of mapUsers differ only in the case of their ARNs, and the authenticator chooses one of them at random"
        : `an earlier entry for the same ARN has no effect, because the last one wins`,
      hint: `Remove one of the two: ${placeOf(earlier)}, or ${placeOf(entry)}.`,
      place: placeOf(earlier),
    };
  });
}

function username({ entry }: Found): MappingWarning[] {
  if (entry.username !== "") return [];
  const written = fieldsNamed(entry.fields, "username").at(-1)?.value;
  const lost = written && "source" in written && written.source !== "";
  return [
    {
      code: "MAPPING_NO_USERNAME",
      why: lost
        ? `the username ${quoted(written.source)} is not text in YAML, so the user has an empty name`
        : "the entry has no username, so the user has an empty name",
      hint: lost ? "Put quotes around it." : "Add a username to the entry.",
      place: placeOf(entry),
    },
  ];
}

function groups({ entry }: Found): MappingWarning[] {
  const place = placeOf(entry);
  const written = fieldsNamed(entry.fields, "groups").at(-1)?.value;
  if (written && written.kind !== "list" && written.kind !== "null")
    return [
      {
        code: "MAPPING_GROUPS_NOT_A_LIST",
        why: "groups is not a list, so the user is in no group",
        hint: 'Write groups: ["view"], or one line with a hyphen for each group.',
        place,
      },
    ];
  if (entry.groups.includes(""))
    return [
      {
        code: "MAPPING_GROUP_NOT_TEXT",
        why: "a group is empty or is not text in YAML, so the user gets a group without a name instead",
        hint: "Put quotes around each group.",
        place,
      },
    ];
  if (entry.groups.length > 0 || written?.kind === "list") return [];
  return [
    {
      code: "MAPPING_NO_GROUPS",
      why: "the entry has no groups, so the user has only the permissions that are bound to the username",
      hint: "Add groups to the entry, or write groups: [] if this is intended.",
      place,
    },
  ];
}

export function brokenLists({ roles, users, accounts }: AwsAuth): MappingWarning[] {
  const lists = [roles, users].filter((list): list is EntryList => list !== undefined);
  const reasons = lists.flatMap((list) => brokenList(list) ?? []);
  if (accounts?.problem) reasons.push(brokenAccounts(accounts.problem.line));
  return reasons;
}

function brokenAccounts(line: number): MappingWarning {
  return {
    code: "MAPPING_BROKEN_YAML",
    why: `mapAccounts is not YAML at its line ${line}`,
    hint: "Correct that line.",
  };
}

// The oddities of the username and the groups of an entry, for both kinds of entries.

export function patternWarnings(pattern: Pattern, identity: CallerIdentity, place: string): MappingWarning[] {
  return [
    ...unknown(pattern),
    ...nodeName(pattern),
    ...changingUsername(pattern, identity),
    ...masters(pattern),
  ].map((reason) => ({ ...reason, place }));
}

function unknown({ username, groups }: Pattern): Reason[] {
  return [username, ...groups].flatMap(unknownTemplates).map((template) => ({
    code: "MAPPING_UNKNOWN_TEMPLATE",
    why: `${quoted(template)} is not a known template and stays as text`,
    hint: "The templates are {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}} and {{EC2PrivateDNSName}}, without spaces.",
  }));
}

function nodeName(pattern: Pattern): Reason[] {
  if (!namesNode(pattern)) return [];
  return [
    {
      code: "MAPPING_NODE_NAME",
      why: `the cluster replaces ${nodeNameTemplate} with the value from EC2, which is not known here`,
      hint: "",
    },
  ];
}

/** A session name that Roles Anywhere derives from a serial number: only hexadecimal digits. */
const serialNumber = /^[\da-f]{16,}$/i;

function changingUsername({ username }: Pattern, { sessionName }: CallerIdentity): Reason[] {
  const hint = "Bind roles to groups instead of this username, or set a role session name.";
  const code = "MAPPING_CHANGING_USERNAME";
  if (username.includes("{{AccessKeyID}}"))
    return [{ code, why: "the username contains the access key id, which changes with each session", hint }];
  if (!/\{\{SessionName(?:Raw)?\}\}/.test(username) || !serialNumber.test(sessionName)) return [];
  return [
    {
      code,
      why: "the username contains the session name, which is the certificate's serial number and changes with each renewal",
      hint,
    },
  ];
}

function masters({ groups }: Pattern): Reason[] {
  if (!groups.includes("system:masters")) return [];
  return [
    {
      code: "MAPPING_SYSTEM_MASTERS",
      why: "the entry grants system:masters, which RBAC cannot limit or revoke",
      hint: "If full rights are intended, bind a group of your own to the ClusterRole cluster-admin.",
    },
  ];
}
