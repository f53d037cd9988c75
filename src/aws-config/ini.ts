/**
 * AWS's config and credentials files, as botocore reads them with Python's configparser; the other SDKs read less. Each line keeps its
 * place, so that an edit changes nothing else.
 * https://docs.python.org/3/library/configparser.html, "Supported INI File Structure"; AWS SDKs and Tools reference, "Shared config and
 * credentials files".
 */

export interface Property {
  /** In lower case, as botocore compares it. */
  key: string;
  /** With the lines that continue it, joined by line breaks. */
  value: string;
  /** Numbers of its lines, from 0: the first, and those that continue it. Comments between them are not its own. */
  lines: readonly [number, ...number[]];
  /** The white space before it. */
  indent: string;
}

export interface Section {
  /** The text between the brackets. */
  header: string;
  /** Number of its line. */
  line: number;
  properties: readonly Property[];
}

export interface IniFile {
  /** With their line ends. */
  lines: readonly string[];
  sections: readonly Section[];
}

/** A line that botocore cannot read, which makes it refuse the whole file. */
export class IniProblem {
  /** From 1. */
  readonly line: number;
  readonly why: string;
  constructor(line: number, why: string) {
    this.line = line + 1;
    this.why = why;
  }
}

interface State {
  sections: (Omit<Section, "properties"> & { properties: Mutable[] })[];
  open: Mutable | undefined;
  indent: number;
}

type Mutable = Omit<Property, "lines" | "value"> & { lines: [number, ...number[]]; values: string[] };

export function readIni(text: string): IniFile | IniProblem {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const state: State = { sections: [], open: undefined, indent: 0 };
  for (const [number, line] of lines.entries()) {
    const problem = readLine(state, line, number);
    if (problem !== undefined) return new IniProblem(number, problem);
  }
  const sections = state.sections.map((section) => ({
    ...section,
    properties: section.properties.map(({ values, ...property }) => ({
      ...property,
      value: values.join("\n").trimEnd(),
    })),
  }));
  return { lines, sections };
}

/** @returns why the line cannot be read */
function readLine(state: State, line: string, number: number): string | undefined {
  // trim() removes it, and Python's strip() does not.
  if (/^\s*\ufeff/.test(line)) return "it begins with a byte order mark (BOM), which only some SDKs skip";
  const content = line.trim();
  if (/\r(?!\n)/.test(line)) return "it has a carriage return without a line feed";
  if (/^[#;]/.test(content)) return undefined;
  if (content === "") {
    state.open?.values.push("");
    return undefined;
  }
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  if (state.open && indent.length > state.indent) {
    state.open.values.push(content);
    state.open.lines.push(number);
    return undefined;
  }
  state.indent = indent.length;
  const [, header] = /^\[(.+)\]/.exec(content) ?? [];
  return header === undefined
    ? readProperty(state, content, indent, number)
    : readHeader(state, header, number);
}

function readHeader(state: State, header: string, line: number): string | undefined {
  state.open = undefined;
  if (state.sections.some((section) => section.header === header))
    return `the section [${header}] is there twice`;
  state.sections.push({ header, line, properties: [] });
  return undefined;
}

function readProperty(state: State, content: string, indent: string, number: number): string | undefined {
  const section = state.sections.at(-1);
  if (!section) return "a setting stands before the first section";
  const [, name = "", value = ""] = /^([^=:]*?)\s*[=:]\s*(.*)$/s.exec(content) ?? [];
  const key = name.toLowerCase();
  if (key === "") return "it is neither a section, a setting nor a comment";
  if (section.properties.some((property) => property.key === key))
    return `the setting is there twice in its section`;
  state.open = { key, indent, lines: [number], values: [value.trim()] };
  section.properties.push(state.open);
  return undefined;
}
