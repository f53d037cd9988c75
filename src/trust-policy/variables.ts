/** Policy variables. IAM user guide, "IAM policy elements: Variables and tags". */
import { literal, withWildcards, type Pattern } from "./pattern.ts";
import type { Given, RequestContext } from "./request.ts";

export type Resolved =
  | { kind: "resolved"; pattern: Pattern }
  /** The request has no value for a variable, which makes the statement invalid. */
  | { kind: "invalid"; why: string }
  | { kind: "unknown"; why: string };

interface How {
  /** Variables exist since version 2012-10-17. In an older policy they are characters. */
  inVersion: boolean;
  inOperator: boolean;
  hasWildcards: boolean;
}

const variable = /\$\{([^}]*)\}/g;

export function resolved(text: string, how: How, context: RequestContext): Resolved {
  const fixed = how.hasWildcards ? withWildcards : literal;
  if (!how.inVersion || !text.includes("${")) return { kind: "resolved", pattern: fixed(text) };
  if (!how.inOperator) return unknown("the operator accepts no variables");
  let pattern: Pattern = [];
  let end = 0;
  for (const match of text.matchAll(variable)) {
    const [written, content = ""] = match;
    const value = valueOf(content, how, context);
    if (typeof value !== "string") return value;
    pattern = [...pattern, ...fixed(text.slice(end, match.index)), ...literal(value)];
    end = match.index + written.length;
  }
  const rest = text.slice(end);
  if (rest.includes("${")) return unknown("a variable is not closed");
  return { kind: "resolved", pattern: [...pattern, ...fixed(rest)] };
}

function valueOf(content: string, how: How, context: RequestContext): string | Resolved {
  if (/^[*?$]$/.test(content)) return content;
  const [, key, byDefault] = /^([^\s,']+)(?:, '([^']*)')?$/.exec(content) ?? [];
  if (key === undefined) return unknown(`\${${content}} is not a variable`);
  const given = context(key);
  if (given.kind === "unknown") return given;
  if (given.kind === "values") return soleValue(key, given, how);
  if (byDefault === undefined) return { kind: "invalid", why: `\${${key}} has no value: ${given.why}` };
  return withoutWildcards(byDefault, `the default of \${${key}}`, how);
}

function soleValue(
  key: string,
  { values: [value = ""], form, isList }: Extract<Given, { kind: "values" }>,
  how: How,
): string | Resolved {
  if (isList === true) return unknown(`\${${key}} has several values`);
  if (form !== "text") return unknown(`the text of \${${key}} is not documented`);
  return withoutWildcards(value, `the value of \${${key}}`, how);
}

/** Whether the wildcard of a value is one for the policy is not documented. */
function withoutWildcards(value: string, what: string, { hasWildcards }: How): string | Resolved {
  return hasWildcards && /[*?]/.test(value) ? unknown(`${what} has a wildcard`) : value;
}

function unknown(why: string): { kind: "unknown"; why: string } {
  return { kind: "unknown", why };
}
