/** The findings of `token debug`: for people, readable at 80 columns, and for programs, as docs/token-debug.md describes. */
import type { HopReport, Report } from "../../../debug/report/report.ts";
import { jsonText } from "../../../foundation/json.ts";
import { printable } from "../../../foundation/shown.ts";
import { colour, hanging, wrapped, type Paint } from "../../text/terminal.ts";

const marks: Readonly<Record<HopReport["status"], string>> = {
  ok: "✓",
  failed: "✗",
  warning: "!",
  "not-reached": "–",
};
const colours = { ok: "green", failed: "red", warning: "yellow", "not-reached": "dim" } as const;
const verdictColours = { accepted: "green", refused: "red", unknown: "yellow" } as const;
/** The details begin after a mark, a space, the longest name and a space. */
const margin = 17;

export function debugText(report: Report, columns: number, hasColour: boolean): string {
  const paint = colour(hasColour);
  const lines = report.hops.flatMap((hop) => hopLines(hop, columns, paint));
  return `${[...lines, "", ...verdictLines(report, columns, paint)].join("\n")}\n`;
}

function hopLines(hop: HopReport, columns: number, paint: Paint): string[] {
  const { name, status, code, detail, hint, facts } = hop;
  const head = `${marks[status]} ${name.padEnd(margin - 3)} `;
  const text = (detail || "not reached") + (code === null ? "" : ` (${code})`);
  const [first = "", ...rest] = hanging(head, text, columns);
  const hints = hintLines(hint, columns - margin).map(indented);
  const below = [...rest, ...factLines(facts, columns - margin), ...hints];
  if (status === "not-reached") return [first, ...below].map((line) => paint("dim", line));
  return [paint(colours[status], head) + first.slice(head.length), ...below];
}

function indented(line: string): string {
  return " ".repeat(margin) + line;
}

function factLines(facts: HopReport["facts"], columns: number): string[] {
  const width = Math.min(18, Math.max(0, ...facts.map(([label]) => label.length)) + 2);
  return facts.flatMap(([label, value]) => {
    const head = `${printable(label).padEnd(width - 2)}  `;
    return label === toBeCopied ? verbatim(head, value) : hanging(head, value, columns).map(indented);
  });
}

/** Only this fact keeps its lines: those of a server's text could look like lines of the report. */
const toBeCopied = "entry to add";

/** Text to copy keeps its lines, and has almost the whole width. */
function verbatim(head: string, text: string): string[] {
  return [indented(`${head.trimEnd()}:`), ...text.split("\n").map((line) => `    ${printable(line)}`)];
}

function hintLines(hint: string, columns: number): string[] {
  return hint === "" ? [] : hanging("→ ", hint, columns);
}

const words: Readonly<Record<Report["verdict"], (report: Report) => string>> = {
  accepted: () => "accepted",
  refused: (report) => `refused, at ${failing(report)}`,
  unknown: (report) =>
    report.exitCode === 0
      ? "unknown: the form is correct, and no service was asked"
      : `unknown, because of ${failing(report)}`,
};

function verdictLines(report: Report, columns: number, paint: Paint): string[] {
  const { verdict } = report;
  const lines = wrapped(`Verdict: ${words[verdict](report)}`, columns);
  return [
    ...lines.map((line) => paint(verdictColours[verdict], line)),
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
    ...{ name, status, code, detail, hint },
    facts: facts.map(([label, value]) => ({ label, value })),
  }));
  return jsonText({ verdict, hops: all, token, identity, mapping });
}
