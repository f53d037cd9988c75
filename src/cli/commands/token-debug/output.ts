/** The findings of `token debug`: for people, readable at 80 columns, and for programs, as docs/token-debug.md describes. */
import type { HopReport, HopStatus, Report, Verdict } from "../../../debug/report/report.ts";
import { colour, type Paint } from "../../text/colour.ts";
import { printable } from "../../../foundation/shown.ts";
import { wrapped } from "../../text/wrapped.ts";

export interface Terminal {
  columns: number;
  hasColour: boolean;
}

const marks: Readonly<Record<HopStatus, string>> = { ok: "✓", failed: "✗", warning: "!", "not-reached": "–" };
const colours = { ok: "green", failed: "red", warning: "yellow", "not-reached": "dim" } as const;
/** The details begin after a mark, a space, the longest name and a space. */
const margin = 17;

export function debugText(report: Report, { columns, hasColour }: Terminal): string {
  const paint = colour(hasColour);
  const lines = report.hops.flatMap((hop) => hopLines(hop, columns, paint));
  return `${[...lines, "", ...verdictLines(report, columns, paint)].join("\n")}\n`;
}

function hopLines(hop: HopReport, columns: number, paint: Paint): string[] {
  const { name, status, code, detail, hint, facts } = hop;
  const text = printable(detail || "not reached") + (code === null ? "" : ` (${code})`);
  const [first = "", ...rest] = wrapped(text, columns - margin);
  const head = `${marks[status]} ${name.padEnd(margin - 3)} `;
  const below = [
    ...rest.map(indented),
    ...factLines(facts, columns - margin),
    ...hintLines(hint, columns - margin).map(indented),
  ];
  if (status === "not-reached")
    return [paint("dim", head + first), ...below.map((line) => paint("dim", line))];
  return [paint(colours[status], head) + first, ...below];
}

function indented(line: string): string {
  return " ".repeat(margin) + line;
}

function factLines(facts: HopReport["facts"], columns: number): string[] {
  const width = Math.min(18, Math.max(0, ...facts.map(([label]) => label.length)) + 2);
  return facts.flatMap(([label, value]) => {
    const head = `${printable(label).padEnd(width - 2)}  `;
    return label === toBeCopied
      ? verbatim(head, value)
      : hanging(head, printable(value), columns).map(indented);
  });
}

/** Only this fact keeps its lines: those of a server's text could look like lines of the report. */
const toBeCopied = "entry to add";

/** Text to copy keeps its lines, and has almost the whole width. */
function verbatim(head: string, text: string): string[] {
  return [indented(`${head.trimEnd()}:`), ...text.split("\n").map((line) => `    ${printable(line)}`)];
}

function hintLines(hint: string, columns: number): string[] {
  return hint === "" ? [] : hanging("→ ", printable(hint), columns);
}

/** The first line begins with the head, and the others are indented by its length. */
function hanging(head: string, text: string, columns: number): string[] {
  const [first = "", ...rest] = wrapped(text, columns - head.length);
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)];
}

const words: Readonly<Record<Verdict, (report: Report) => string>> = {
  accepted: () => "accepted",
  refused: (report) => `refused, at ${failing(report)}`,
  unknown: (report) =>
    report.exitCode === 0
      ? "unknown: the form is correct, and no service was asked"
      : `unknown, because of ${failing(report)}`,
};

function verdictLines(report: Report, columns: number, paint: Paint): string[] {
  const { verdict } = report;
  const tone = verdict === "accepted" ? "green" : verdict === "refused" ? "red" : "yellow";
  return [
    ...wrapped(`Verdict: ${words[verdict](report)}`, columns).map((line) => paint(tone, line)),
    // Again at the end, where people look first.
    ...hintLines(failed(report)?.hint ?? "", columns),
  ];
}

function failing(report: Report): string {
  const hop = failed(report);
  return hop ? `${hop.name} (${hop.code ?? ""})` : "a missing answer";
}

function failed({ hops }: Report): HopReport | undefined {
  return hops.find(({ status }) => status === "failed");
}

export function debugJson({ verdict, hops, token, identity, mapping }: Report): string {
  const all = hops.map(({ name, status, code, detail, hint, facts }) => ({
    name,
    status,
    code,
    detail,
    hint,
    facts: facts.map(([label, value]) => ({ label, value })),
  }));
  return `${JSON.stringify({ verdict, hops: all, token, identity, mapping }, undefined, 2)}\n`;
}
