/** What is odd about the username and the groups that an entry gives, whatever kind of entry it is. */
import type { CallerIdentity } from "../caller-identity.ts";
import { quoted } from "./place.ts";
import { nodeNameTemplate, unknownTemplates } from "./template.ts";
import type { MappingWarning, Reason } from "./verdict.ts";

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

/** A serial number as Roles Anywhere makes a session name of it: hexadecimal digits alone. */
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
