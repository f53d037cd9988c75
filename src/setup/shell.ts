/** Text for a POSIX shell. */

/** A file's content as a here-document. Variables are replaced if the end is not quoted. */
export function hereDocument(path: string, content: string, hasVariables = false): string {
  const end = endFor(content);
  return [`cat >"$work/${path}" <<${hasVariables ? end : `'${end}'`}`, content.replace(/\n$/, ""), end].join(
    "\n",
  );
}

/** Characters that a here-document with variables would interpret. */
export function escaped(text: string): string {
  return text.replace(/[\\$`]/g, String.raw`\$&`);
}

/** The AWS CLI reads a file in the encoding of the locale, and IAM accepts no characters above U+00FF in a policy unless they are escaped. */
export function asciiJson(value: object): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[^\0-\x7f]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function endFor(content: string): string {
  let end = "END";
  while (content.split("\n").includes(end)) end += "_";
  return end;
}
