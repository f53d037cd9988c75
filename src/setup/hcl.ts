/** Values in HashiCorp's configuration language, in the form of `terraform fmt`: equal signs of neighbours stand in one column. */

/** An expression, written as it is. */
export class Expression {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A block in a block: `source { … }`. */
export class Block {
  readonly body: Readonly<Record<string, unknown>>;
  constructor(body: Readonly<Record<string, unknown>>) {
    this.body = body;
  }
}

export function block(head: string, body: Readonly<Record<string, unknown>>): string {
  return `${head} {\n${lines(body, 1).join("\n")}\n}\n`;
}

interface Line {
  key: string;
  /** One line, or several. */
  value: string;
  isBlock: boolean;
}

function lines(body: Readonly<Record<string, unknown>>, depth: number): string[] {
  const all = Object.entries(body).map(([key, each]) => line(key, each, depth));
  return all.flatMap(({ key, value, isBlock }, at) => {
    const indent = "  ".repeat(depth);
    if (isBlock) return [...(at > 0 ? [""] : []), `${indent}${key} ${value}`];
    const width = value.includes("\n")
      ? key.length
      : Math.max(...neighbours(all, at).map((each) => each.key.length));
    return [`${indent}${key.padEnd(width)} = ${value}`];
  });
}

function line(key: string, each: unknown, depth: number): Line {
  if (!(each instanceof Block)) return { key: keyText(key), value: valueText(each, depth), isBlock: false };
  const body = lines(each.body, depth + 1).join("\n");
  return { key, value: `{\n${body}\n${"  ".repeat(depth)}}`, isBlock: true };
}

/** The lines of one value each, around this one. */
function neighbours(all: readonly Line[], at: number): readonly Line[] {
  const isEnd = ({ value, isBlock }: Line): boolean => isBlock || value.includes("\n");
  const before = all.slice(0, at).findLastIndex(isEnd) + 1;
  const after = all.slice(at).findIndex(isEnd);
  return all.slice(before, after === -1 ? undefined : at + after);
}

/** An object that begins with the word `for` is an expression. */
function keyText(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) && key !== "for" ? key : quoted(key);
}

function valueText(value: unknown, depth: number): string {
  if (value instanceof Expression) return value.text;
  if (typeof value === "string") return value.includes("\n") ? hereDocument(value) : quoted(value);
  if (Array.isArray(value)) return list(value, depth);
  if (typeof value === "object" && value !== null) return object(value, depth);
  return String(value);
}

function list(values: readonly unknown[], depth: number): string {
  const texts = values.map((each) => valueText(each, depth + 1));
  if (texts.every((text) => !text.includes("\n"))) return `[${texts.join(", ")}]`;
  const indent = "  ".repeat(depth + 1);
  return `[\n${texts.map((text) => `${indent}${text},\n`).join("")}${"  ".repeat(depth)}]`;
}

function object(value: object, depth: number): string {
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return `{\n${lines(Object.fromEntries(entries), depth + 1).join("\n")}\n${"  ".repeat(depth)}}`;
}

function hereDocument(text: string): string {
  return `<<EOT\n${template(text)}EOT`;
}

function quoted(text: string): string {
  return template(JSON.stringify(text));
}

/** `${` and `%{` begin an expression. */
function template(text: string): string {
  return text.replaceAll("${", "$${").replaceAll("%{", "%%{");
}
