/** Text in lines of a width. */
import { printable } from "../../foundation/shown.ts";

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
