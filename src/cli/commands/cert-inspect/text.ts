/** `cert inspect` for people: what the certificate says, what Roles Anywhere makes of it, and a verdict, at 80 columns. */
import type { EksX509Error } from "../../../foundation/errors.ts";
import { certificateFacts, chainFacts, sessionFacts } from "../../../identity/inspection.ts";
import type { Inspection } from "../../../identity/inspection.ts";
import type { Warning } from "../../../identity/fitness/warnings.ts";
import { printable } from "../../../foundation/printable.ts";
import { wrapped } from "../../text/wrapped.ts";

const columns = 80;
const indent = "  ";

type Fact = readonly [label: string, value: string];

export function certificateText(inspection: Inspection): string {
  const { view, session, problems, warnings } = inspection;
  const lines = [
    ...section("Certificate", certificateFacts(view)),
    ...section("Chain", chainFacts(inspection)),
    ...section("What Roles Anywhere makes of it", sessionFacts(session)),
    ...problems.flatMap((problem) => finding("✗", problem)),
    ...warnings.flatMap((warning) => finding("!", warning)),
    problems.length === 0 ? "✓ fit for Roles Anywhere" : "✗ Roles Anywhere will refuse this certificate",
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, facts: readonly Fact[]): string[] {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.flatMap(([label, value]) => hanging(indent + label.padEnd(width), value));
  return [title, ...lines, ""];
}

/** The sign, what is wrong with its code, and below it what to do. */
function finding(sign: string, { code, message, hint }: Warning | EksX509Error): string[] {
  return [...hanging(`${sign} `, `${message} (${code})`), ...hanging(`${indent}→ `, hint)];
}

/** The first line begins with the head, the others as far in. */
function hanging(head: string, text: string): string[] {
  const [first = "", ...rest] = wrapped(printable(text), columns - head.length);
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)];
}
