/** From what was found to the report: the verdict, and not a secret in it. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import type { Findings } from "./findings.ts";
import {
  exitCodeOf,
  verdictOf,
  type Fact,
  type HopReport,
  type MappingReport,
  type Report,
} from "./report.ts";
import { tokenReport, type JudgedToken } from "../hops/token.ts";
import { withoutSecrets } from "./without-secrets.ts";

type Clean = (text: string) => string;

export interface Found {
  token?: JudgedToken | undefined;
  identity?: CallerIdentity | undefined;
  mapping?: MappingReport | null;
  /** Whether whoever decides was asked, and said yes. */
  isAccepted: boolean;
  isOffline: boolean;
  /** What must not come out, whoever may have repeated it. */
  secrets: string[];
}

export function reportOf(findings: Findings, found: Found): Report {
  const outcome = {
    category: findings.category,
    code: findings.code,
    isAccepted: found.isAccepted && !findings.hasFailed,
    isOffline: found.isOffline,
  };
  const clean = withoutSecrets(found.secrets);
  return {
    verdict: verdictOf(outcome),
    hops: findings.hops.map((hop) => cleanHop(hop, clean)),
    token: found.token ? tokenReport(found.token) : null,
    identity: found.identity ? cleanIdentity(found.identity, clean) : null,
    mapping: found.mapping ? cleanMapping(found.mapping, clean) : null,
    exitCode: exitCodeOf(outcome),
  };
}

/** Servers may repeat what they were sent, in a message of theirs. */
function cleanHop(hop: HopReport, clean: Clean): HopReport {
  return {
    ...hop,
    detail: clean(brief(hop.detail)),
    hint: clean(brief(hop.hint)),
    facts: hop.facts.map(([label, value]): Fact => [label, clean(brief(value))]),
  };
}

/** Longer than anything that is to be read; a server or a file may say far more. */
const longestText = 4096;

function brief(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function cleanIdentity(identity: CallerIdentity, clean: Clean): CallerIdentity {
  const { account, arn, userId, canonicalArn, principalId, sessionName, accessKeyId } = identity;
  return {
    account,
    arn: clean(arn),
    userId: clean(userId),
    canonicalArn: clean(canonicalArn),
    principalId: clean(principalId),
    sessionName: clean(sessionName),
    accessKeyId,
  };
}

function cleanMapping(
  { by, place, username, groups, uid, extra }: MappingReport,
  clean: Clean,
): MappingReport {
  const extras = Object.entries(extra).map(([name, values]) => [clean(name), values.map(clean)] as const);
  return {
    by,
    place: place === null ? null : clean(place),
    username: clean(username),
    groups: groups.map(clean),
    uid: clean(uid),
    extra: Object.fromEntries(extras),
  };
}
