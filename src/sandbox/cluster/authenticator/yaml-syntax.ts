/**
 * YAML's syntax as the Go library takes it, which is milder than YAML 1.2 in two ways that people meet: what
 * is in brackets may be indented as one likes, and what follows the first document is not read. And it is
 * stricter in one: a tab may not stand where indentation could, not even on a line of its own.
 */
import {
  type Document,
  EVENT_ID,
  type Event,
  FAILSAFE_SCHEMA,
  SCALAR_STYLE,
  YAMLException,
  eventsToAst,
  parseEvents,
} from "js-yaml";
import { YamlProblem } from "./yaml-problem.ts";

/** Each line may need mending once; a ConfigMap that needs more than this is no aws-auth. */
const mostRepairs = 1000;

/**
 * Undefined for an empty text.
 * @throws {YamlProblem} for a syntax error.
 */
export function parseFirstDocument(text: string): Document | undefined {
  let source = firstDocument(text.replace(/^\ufeff/, ""));
  for (let repairs = 0; repairs < mostRepairs; repairs += 1) {
    try {
      const events = parseEvents(source, {});
      checkTabs(source, events);
      checkEscapes(source, events);
      return eventsToAst(events, { source, schema: FAILSAFE_SCHEMA })[0];
    } catch (error) {
      if (error instanceof YamlProblem) throw error;
      source = repaired(source, error);
    }
  }
  throw new YamlProblem("too many lines that are not indented");
}

function checkTabs(source: string, events: readonly Event[]): void {
  for (const { index } of source.matchAll(/(?<=^ *)\t(?=[ \t]*\r?$)|(?<=^ *-[- ]*)\t/gm)) {
    const isText = events.some(
      (event) => event.type === EVENT_ID.SCALAR && event.valueStart <= index && index < event.valueEnd,
    );
    if (!isText && !continuesText(source, events, index))
      throw new YamlProblem("found a tab character where an indentation space is expected");
  }
}

/** Blank lines behind a plain scalar may hold tabs, as long as they stand deeper than what the scalar belongs to. */
function continuesText(source: string, events: readonly Event[], index: number): boolean {
  const text = events.findLast(
    (event) => event.type === EVENT_ID.SCALAR && event.valueEnd > event.valueStart && event.valueEnd <= index,
  );
  if (text?.type !== EVENT_ID.SCALAR || text.style !== SCALAR_STYLE.PLAIN) return false;
  if (source.slice(text.valueEnd, index).trim() !== "") return false;
  const before = source.slice(source.lastIndexOf("\n", text.valueStart - 1) + 1, text.valueStart);
  const indent = /^ *(?:[-?:] +)*/.exec(before)?.[0].length ?? 0;
  const parent = indent < before.length ? indent : Math.max(before.lastIndexOf("-"), 0);
  return index - (source.lastIndexOf("\n", index - 1) + 1) > parent;
}

/** YAML 1.1 does not know the escaped slash, which 1.2 took from JSON. */
function checkEscapes(source: string, events: readonly Event[]): void {
  const escaped = events.some(
    (event) =>
      event.type === EVENT_ID.SCALAR &&
      event.style === SCALAR_STYLE.DOUBLE_QUOTED &&
      /^(?:[^\\]|\\[^/])*\\\//.test(source.slice(event.valueStart, event.valueEnd)),
  );
  if (escaped) throw new YamlProblem("found unknown escape character");
}

/** Up to the first marker after content: `---` opens the next document, `...` closes this one. */
function firstDocument(text: string): string {
  const opening = /^(?:(?:[%#][^\n]*|[^\S\n]*)\n)*(?:---(?=\s|$)[^\n]*\n)?/;
  const beforeContent = opening.exec(text)?.[0] ?? "";
  const content = text.slice(beforeContent.length);
  const end = content.search(/^(?:---|\.\.\.)(?=\s|$)/m);
  return end < 0 ? text : beforeContent + content.slice(0, end);
}

function repaired(source: string, error: unknown): string {
  const { reason, mark } = error instanceof YAMLException ? error : { reason: "not YAML", mark: undefined };
  const at = mark?.position ?? 0;
  if (reason === "deficient indentation" && !source.endsWith(indentation, at)) {
    return source.slice(0, at) + indentation + source.slice(at);
  }
  if (reason.startsWith("end of the stream") && endsEarly(source, mark?.column ?? 0))
    return source.slice(0, at);
  throw new YamlProblem(reason);
}

/** Deeper than any parent. */
const indentation = " ".repeat(80);

/** A root in brackets ends with them; a root that is indented ends before what is less indented. */
function endsEarly(source: string, column: number): boolean {
  const root = /^( *)([^\s#%])(?!--)/m.exec(source);
  return root !== null && (/[[{]/.test(root[2] ?? "") || column < (root[1] ?? "").length);
}
