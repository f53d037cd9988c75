/**
 * The command line of a credential_process. botocore splits it as Python's shlex does, without a shell; the other SDKs give it to `sh -c`.
 * So a word is quoted in single quotes, which mean the same to both.
 */

/** What neither of them interprets. */
const plain = /^[\w@%+=:,./-]+$/;

/** Undefined for a word that a line of the file cannot contain. */
export function commandLine(words: readonly string[]): string | undefined {
  const line = words.map(quoted).join(" ");
  // Some SDKs read a comment after white space inside a value, even between quotes.
  return /\p{Cc}|\s[#;]/u.test(line) ? undefined : line;
}

function quoted(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** As Python's shlex.split(). Undefined for a quote or a backslash without an end. */
export function commandWords(line: string): string[] | undefined {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== "") {
    const [word = ""] = /^(?:[^\s"'\\]+|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+/.exec(rest) ?? [];
    if (word === "") return undefined;
    words.push(unquoted(word));
    const behind = rest.slice(word.length);
    if (/^[^\s]/.test(behind)) return undefined;
    rest = behind.trimStart();
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/g,
    (_, single?: string, double?: string, one?: string) => {
      if (single !== undefined) return single;
      // Between double quotes a backslash quotes itself and the quote only.
      return one ?? (double ?? "").replace(/\\(["\\])/g, "$1");
    },
  );
}
