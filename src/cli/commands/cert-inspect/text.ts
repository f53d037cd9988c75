/** `cert inspect` for people, at 80 columns: the certificate's fields, the resulting session, and a verdict. */
import type { EksX509Error } from "../../../foundation/errors.ts";
import { type Inspection, certificateFacts, chainFacts, sessionFacts } from "../../../identity/inspection.ts";
import type { Warning } from "../../../identity/fitness/warnings.ts";
import { hanging } from "../../text/terminal.ts";

const columns = 80;
const indent = "  ";

type Fact = readonly [label: string, value: string];

export function certificateText(inspection: Inspection): string {
  const { view, session, problems, warnings } = inspection;
  const lines = [
    ...section("Certificate", certificateFacts(view)),
    ...section("Chain", chainFacts(inspection)),
    ...section("The session of Roles Anywhere", sessionFacts(session)),
    ...problems.flatMap((problem) => finding("✗", problem)),
    ...warnings.flatMap((warning) => finding("!", warning)),
    problems.length === 0
      ? "✓ fit for Roles Anywhere (the trust anchor and the profile are not checked)"
      : "✗ not fit for Roles Anywhere",
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, facts: readonly Fact[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.flatMap(([label, value]) => hanging(indent + label.padEnd(width), value, columns));
  return [title, ...lines, ""];
}

/** The mark, the problem with its code, and the hint below it. */
function finding(sign: string, { code, message, hint }: Warning | EksX509Error): string[] {
  return [...hanging(`${sign} `, `${message} (${code})`, columns), ...hanging(`${indent}→ `, hint, columns)];
}
