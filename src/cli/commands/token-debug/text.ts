/** The findings of `token debug` for people: a line a hop, its details below, readable at 80 columns. */
import type { HopReport, HopStatus, Report, Verdict } from "../../../debug/report/report.ts";
import { colour, type Paint } from "../../text/colour.ts";
import { printable } from "../../../foundation/printable.ts";
import { wrapped } from "../../text/wrapped.ts";

export interface Terminal {
  columns: number;
  hasColour: boolean;
}

const marks: Readonly<Record<HopStatus, string>> = { ok: "✓", failed: "✗", warning: "!", "not-reached": "–" };
const colours = { ok: "green", failed: "red", warning: "yellow", "not-reached": "dim" } as const;
/** A mark, a space, the longest name and a space: where the details begin. */
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

/** No other keeps its lines: in a text of somebody else's they could pass for the report's own. */
const toBeCopied = "entry to add";

/** What is there to be copied keeps its lines, and has all but the whole width. */
function verbatim(head: string, text: string): string[] {
  return [indented(`${head.trimEnd()}:`), ...text.split("\n").map((line) => `    ${printable(line)}`)];
}

function hintLines(hint: string, columns: number): string[] {
  return hint === "" ? [] : hanging("→ ", printable(hint), columns);
}

/** The first line begins with the head, the others as far in. */
function hanging(head: string, text: string, columns: number): string[] {
  const [first = "", ...rest] = wrapped(text, columns - head.length);
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)];
}

const words: Readonly<Record<Verdict, (report: Report) => string>> = {
  accepted: () => "accepted",
  refused: (report) => `refused, at ${failing(report)}`,
  unknown: (report) =>
    report.exitCode === 0
      ? "unknown: the form holds, and nobody was asked"
      : `unknown, for want of ${failing(report)}`,
};

function verdictLines(report: Report, columns: number, paint: Paint): string[] {
  const { verdict } = report;
  const tone = verdict === "accepted" ? "green" : verdict === "refused" ? "red" : "yellow";
  return [
    ...wrapped(`Verdict: ${words[verdict](report)}`, columns).map((line) => paint(tone, line)),
    // Once more, where the eye is when the command has ended.
    ...hintLines(failed(report)?.hint ?? "", columns),
  ];
}

function failing(report: Report): string {
  const hop = failed(report);
  return hop ? `${hop.name} (${hop.code ?? ""})` : "an answer";
}

function failed({ hops }: Report): HopReport | undefined {
  return hops.find(({ status }) => status === "failed");
}
