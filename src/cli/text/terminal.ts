/** Text for a terminal: lines of a width, colour, and a line of progress. */
import { printable } from "../../foundation/shown.ts";
import type { Environment } from "../../foundation/ports.ts";

/** Wraps a text at a width. A longer word, such as an ARN, stays whole, so that it can be copied. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The first line begins with the head, and the others are indented by its length. */
export function hanging(head: string, text: string, columns: number): string[] {
  const [first = "", ...rest] = wrapped(printable(text), columns - head.length);
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)];
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

export type Paint = (tone: keyof typeof codes, text: string) => string;

export function colour(isOn: boolean): Paint {
  return (tone, text) => (isOn ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text);
}

/** NO_COLOR with any value except an empty one: https://no-color.org */
export function hasColour(isTerminal: boolean, env: Environment): boolean {
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

export interface Progress {
  show: (text: string) => void;
  clear: () => Promise<void>;
}

/** @param isTerminal if false, nothing is printed */
export function progressOn(stderr: (text: string) => Promise<void>, isTerminal: boolean): Progress {
  if (!isTerminal) return { show: () => undefined, clear: () => Promise.resolve() };
  const write = (text: string): Promise<void> => stderr(`\r\u001b[K${text}`).catch(() => undefined);
  return { show: (text) => void write(text), clear: () => write("") };
}
