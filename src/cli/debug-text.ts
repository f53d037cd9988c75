/** The findings of `token debug` for people: a line a hop, its details below, readable at 80 columns. */
import type { HopReport, HopStatus, Report, Verdict } from "../debug/report.ts";
import { colour, type Paint } from "./colour.ts";
import { printable } from "./printable.ts";
import { wrapped } from "./wrapped.ts";

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
    ...rest,
    ...(hint === "" ? [] : hanging("→ ", printable(hint), columns - margin)),
    ...factLines(facts, columns - margin),
  ];
  const body = below.map((line) => " ".repeat(margin) + line);
  if (status === "not-reached")
    return [paint("dim", head + first), ...body.map((line) => paint("dim", line))];
  return [paint(colours[status], head) + first, ...body];
}

function factLines(facts: HopReport["facts"], columns: number): string[] {
  const width = Math.min(18, Math.max(0, ...facts.map(([label]) => label.length)) + 2);
  return facts.flatMap(([label, value]) => {
    const head = printable(label).padEnd(width);
    return value.includes("\n") ? verbatim(head, value) : hanging(head, printable(value), columns);
  });
}

/** What is there to be copied keeps its lines. */
function verbatim(head: string, text: string): string[] {
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? head : " ".repeat(head.length)) + printable(line));
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
  return wrapped(`Verdict: ${words[verdict](report)}`, columns).map((line) => paint(tone, line));
}

function failing({ hops }: Report): string {
  const failed = hops.find(({ status }) => status === "failed");
  return failed ? `${failed.name} (${failed.code ?? ""})` : "an answer";
}
