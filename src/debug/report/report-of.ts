/** Turns what was found into the report: the verdict, and no secret. */
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import type { Findings } from "./findings.ts";
import { exitCodeOf, verdictOf, type Fact, type MappingReport, type Report } from "./report.ts";
import { tokenReport, type JudgedToken } from "../hops/token.ts";
import { Confidential } from "../../foundation/confidential.ts";
import type { Secrets } from "../../foundation/secrets.ts";

export interface Found {
  token?: JudgedToken | undefined;
  identity?: CallerIdentity | undefined;
  mapping?: MappingReport | null;
  /** Whether the deciding side was asked and accepted. */
  isAccepted: boolean;
  isOffline: boolean;
  /** The report contains nothing of them, even if a server or a plugin repeated it. */
  secrets: Secrets;
}

export function reportOf(findings: Findings, found: Found): Report {
  const outcome = {
    category: findings.category,
    code: findings.code,
    isAccepted: found.isAccepted && !findings.hasFailed,
    isOffline: found.isOffline,
  };
  return {
    verdict: verdictOf(outcome),
    ...withoutSecrets(findings.hops, found),
    token: found.token ? tokenReport(found.token) : null,
    exitCode: exitCodeOf(outcome),
  };
}

type Foreign = Pick<Report, "hops" | "identity" | "mapping">;

/** Cleans all texts as one: a server may repeat what it was sent, and spread it over a list or over several answers. */
function withoutSecrets(hops: Report["hops"], { identity, mapping, secrets }: Found): Foreign {
  const foreign = { hops, identity: identity ?? null, mapping: mapping ?? null };
  const texts: string[] = [];
  eachText(foreign, (text) => {
    texts.push(brief(text));
    return text;
  });
  const clean = new Confidential(secrets).texts(texts).values();
  return eachText(foreign, () => clean.next().value ?? "");
}

type Change = (text: string) => string;

/** In the order in which JSON has them. Statuses and codes are this program's own. */
function eachText({ hops, identity, mapping }: Foreign, change: Change): Foreign {
  return {
    hops: hops.map((hop) => ({
      ...hop,
      detail: change(hop.detail),
      hint: change(hop.hint),
      facts: hop.facts.map(([label, value]): Fact => [label, change(value)]),
    })),
    identity: identity && eachOfIdentity(identity, change),
    mapping: mapping && eachOfMapping(mapping, change),
  };
}

/** Longer than anything that people read; a server or a file may send far more. */
const longestText = 4096;

function brief(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function eachOfIdentity(identity: CallerIdentity, change: Change): CallerIdentity {
  const { account, arn, userId, canonicalArn, principalId, sessionName, accessKeyId } = identity;
  return {
    account,
    arn: change(arn),
    userId: change(userId),
    canonicalArn: change(canonicalArn),
    principalId: change(principalId),
    sessionName: change(sessionName),
    accessKeyId,
  };
}

function eachOfMapping(
  { by, place, username, groups, uid, extra }: MappingReport,
  change: Change,
): MappingReport {
  return {
    by,
    place: place === null ? null : change(place),
    username: change(username),
    groups: groups.map(change),
    uid: change(uid),
    extra: Object.fromEntries(
      Object.entries(extra).map(([name, values]) => [change(name), values.map(change)] as const),
    ),
  };
}
