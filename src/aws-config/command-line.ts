/**
 * The command line of a credential_process. botocore splits it without a shell: as Python's shlex does, and on Windows as the C runtime
 * does (botocore/compat.py). The other SDKs give it to `sh -c`, and on Windows to `cmd.exe /C`. So a word is quoted in the way that means
 * the same to both.
 */

/** What none of them interprets. */
const plain = /^[\w@%+=:,./-]+$/;
const plainOnWindows = /^[\w@+=:,./\\-]+$/;

/** Undefined for a word that a line of the file cannot contain. */
export function commandLine(words: readonly string[], platform: NodeJS.Platform): string | undefined {
  const quoted = words.map((word) => (platform === "win32" ? quotedOnWindows(word) : quotedInShell(word)));
  const line = quoted.join(" ");
  // Some SDKs read a comment after white space inside a value, even between quotes.
  return quoted.includes(undefined) || /\p{Cc}|\s[#;]/u.test(line) ? undefined : line;
}

function quotedInShell(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** Undefined for what cmd.exe interprets between double quotes too: another quote, and the name of a variable. */
function quotedOnWindows(word: string): string | undefined {
  if (plainOnWindows.test(word)) return word;
  return /"|%[a-z_][^%]*%/i.test(word) ? undefined : `"${word.replace(/\\+$/, "$&$&")}"`;
}

/** The words as botocore splits them. Undefined for a quote or a backslash without an end. */
export function commandWords(line: string, platform: NodeJS.Platform): string[] | undefined {
  return platform === "win32" ? windowsWords(line) : shellWords(line);
}

/** Microsoft C++, "Parsing C command-line arguments": a backslash is literal, except before a double quote. */
function windowsWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (const [text, slashes] of line.matchAll(/(\\*)"|[ \t]+|\\+|[^\\" \t]+/g))
    if (slashes !== undefined) {
      word = (word ?? "") + "\\".repeat(slashes.length / 2) + (slashes.length % 2 ? '"' : "");
      isQuoted = isQuoted !== (slashes.length % 2 === 0);
    } else if (isQuoted || !/^[ \t]/.test(text)) word = (word ?? "") + text;
    else {
      if (word !== undefined) words.push(word);
      word = undefined;
    }
  if (word !== undefined) words.push(word);
  return isQuoted ? undefined : words;
}

/** As Python's shlex.split(). Undefined for a quote or a backslash without an end. */
export function shellWords(line: string): string[] | undefined {
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
