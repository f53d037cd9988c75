/** The oddities of an entry that maps, and of the rest of aws-auth. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { EntryList } from "./aws-auth.ts";
import { brokenList, type AwsAuth } from "./denial.ts";
import { fieldsNamed, type Entry, placeOf } from "./entry.ts";
import { quoted, type MappingWarning, type Reason } from "./verdict.ts";
import { nodeNameTemplate, unknownTemplates } from "./user.ts";

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

export function accountWarnings(read: AwsAuth): MappingWarning[] {
  return brokenLists(read);
}

function overriddenEntries({ entry, overridden }: Found): MappingWarning[] {
  return overridden.map((earlier) => {
    const atRandom = entry.list === "mapUsers" && earlier.arn !== entry.arn;
    return {
      code: atRandom ? "MAPPING_AMBIGUOUS" : "MAPPING_OVERRIDDEN",
      why: atRandom
        ? "two entries of mapUsers differ in the case of their ARNs alone: which one is taken, is chance"
        : `an earlier entry for the same ARN is without effect: the last one wins`,
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
        ? `the username ${quoted(written.source)} is no text in YAML, so the user has an empty name`
        : "the entry has no username, so the user has an empty name",
      hint: lost ? "Put quotes around it." : "Give the entry a username.",
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
        why: "groups is no list, so the user is in no group",
        hint: 'Write groups: ["view"], or one line with a hyphen for each group.',
        place,
      },
    ];
  if (entry.groups.includes(""))
    return [
      {
        code: "MAPPING_GROUP_NOT_TEXT",
        why: "a group is empty or no text in YAML, so the user gets a group without a name in its place",
        hint: "Put quotes around each group.",
        place,
      },
    ];
  if (entry.groups.length > 0 || written?.kind === "list") return [];
  return [
    {
      code: "MAPPING_NO_GROUPS",
      why: "the entry has no groups, so only what is bound to the username itself is allowed",
      hint: "Add groups to the entry, or write groups: [] where that is meant.",
      place,
    },
  ];
}

function brokenLists({ roles, users, accounts }: AwsAuth): MappingWarning[] {
  const lists = [roles, users].filter((list): list is EntryList => list !== undefined);
  const reasons = lists.flatMap((list) => brokenList(list) ?? []);
  if (accounts?.problem) reasons.push(brokenAccounts(accounts.problem.line));
  return reasons;
}

function brokenAccounts(line: number): MappingWarning {
  return {
    code: "MAPPING_BROKEN_YAML",
    why: `mapAccounts is no YAML at its line ${line}`,
    hint: "Mend that line.",
  };
}

// The oddities of the username and the groups of an entry, for both kinds of entries.

export interface Pattern {
  username: string;
  groups: readonly string[];
}

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
    why: `${quoted(template)} is no template that is known, and stays as text`,
    hint: "Known are {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}} and {{EC2PrivateDNSName}}, without spaces.",
  }));
}

function nodeName({ username, groups }: Pattern): Reason[] {
  if (![username, ...groups].some((text) => text.includes(nodeNameTemplate))) return [];
  return [
    {
      code: "MAPPING_NODE_NAME",
      why: `the cluster fills ${nodeNameTemplate} with what EC2 tells it; it is left as it is here`,
      hint: "",
    },
  ];
}

/** A session name that Roles Anywhere derives from a serial number: only hexadecimal digits. */
const serialNumber = /^[\da-f]{16,}$/i;

function changingUsername({ username }: Pattern, { sessionName }: CallerIdentity): Reason[] {
  const hint = "Bind roles to groups and not to this username, or set a role session name.";
  const code = "MAPPING_CHANGING_USERNAME";
  if (username.includes("{{AccessKeyID}}"))
    return [{ code, why: "the username holds the access key id, which changes with each session", hint }];
  if (!/\{\{SessionName(?:Raw)?\}\}/.test(username) || !serialNumber.test(sessionName)) return [];
  return [
    {
      code,
      why: "the username holds the session name, the certificate's serial number, which changes with each renewal",
      hint,
    },
  ];
}

function masters({ groups }: Pattern): Reason[] {
  if (!groups.includes("system:masters")) return [];
  return [
    {
      code: "MAPPING_SYSTEM_MASTERS",
      why: "the entry grants system:masters: RBAC neither limits that nor takes it away",
      hint: "Bind a group of your own to the ClusterRole cluster-admin where full rights are meant.",
    },
  ];
}
