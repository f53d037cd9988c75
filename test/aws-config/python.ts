/** Python's own configparser and shlex, with which botocore reads the files. */
import { execFileSync, spawnSync } from "node:child_process";
import { fromJson } from "../json.ts";

export const noPython =
  spawnSync("python3", ["-c", "import configparser, shlex"]).status === 0 ? undefined : "there is no python3";

export const noBotocore =
  spawnSync("python3", ["-c", "from botocore.compat import _windows_shell_split"]).status === 0
    ? undefined
    : "there is no botocore";

const script = `
import configparser, json, shlex, sys
def ini(text):
    parser = configparser.RawConfigParser(default_section=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()}
def words(line):
    try:
        return shlex.split(line)
    except ValueError:
        return None
def windows(line):
    from botocore.compat import _windows_shell_split
    try:
        return _windows_shell_split(line)
    except ValueError:
        return None
print(json.dumps([{"ini": ini, "words": words, "windows": windows}[sys.argv[1]](text) for text in json.load(sys.stdin)]))
`;

/** One process for all texts. */
export function python<Result>(
  what: "ini" | "words" | "windows",
  texts: readonly string[],
): (Result | null)[] {
  return fromJson(
    execFileSync("python3", ["-c", script, what], { input: JSON.stringify(texts), encoding: "utf8" }),
  );
}
