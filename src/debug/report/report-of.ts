/** Turns what was found into the report: the verdict, and no secret. */
import { Confidential } from "../../foundation/confidential.ts";
import type { Secrets } from "../../foundation/secrets.ts";
import type { Findings } from "./findings.ts";
import { exitCodeOf, verdictOf, type Fact, type Report } from "./report.ts";

/** @param secrets the report contains nothing of them, even if a server or a plugin repeated it */
export function reportOf(findings: Findings, isOffline: boolean, secrets: Secrets): Report {
  const { failure } = findings;
  const outcome = {
    category: failure?.category,
    code: failure?.code,
    isAccepted: findings.isAccepted && !failure,
    isOffline,
  };
  return {
    verdict: verdictOf(outcome),
    ...withoutSecrets(findings, secrets),
    token: findings.token,
    exitCode: exitCodeOf(outcome),
  };
}

type Foreign = Pick<Report, "hops" | "identity" | "mapping">;

/** Cleans all texts as one: a server may repeat what it was sent, and spread it over a list or over several answers. */
function withoutSecrets(foreign: Foreign, secrets: Secrets): Foreign {
  const texts: string[] = [];
  eachText(foreign, (text) => {
    texts.push(brief(text));
    return text;
  });
  const clean = new Confidential(secrets).texts(texts).values();
  return eachText(foreign, () => clean.next().value ?? "");
}

/** In the order in which JSON has them. Statuses and codes are this program's own. */
function eachText({ hops, identity, mapping }: Foreign, change: (text: string) => string): Foreign {
  return {
    hops: hops.map((hop) => ({
      ...hop,
      detail: change(hop.detail),
      hint: change(hop.hint),
      facts: hop.facts.map(([label, value]): Fact => [label, change(value)]),
    })),
    identity: identity && {
      ...identity,
      arn: change(identity.arn),
      userId: change(identity.userId),
      canonicalArn: change(identity.canonicalArn),
      principalId: change(identity.principalId),
      sessionName: change(identity.sessionName),
    },
    mapping: mapping && {
      ...mapping,
      place: mapping.place && change(mapping.place),
      username: change(mapping.username),
      groups: mapping.groups.map(change),
      uid: change(mapping.uid),
      extra: Object.fromEntries(
        Object.entries(mapping.extra).map(([name, values]) => [change(name), values.map(change)]),
      ),
    },
  };
}

/** Longer than anything that people read; a server or a file may send far more. */
const longestText = 4096;

function brief(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
