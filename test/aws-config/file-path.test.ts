import { expect, it } from "vitest";
import { isInOtherHome, withVariables } from "../../src/aws-config/file-path.ts";

const env = { HOME: "/home/a", A: "$HOME/x", "B C": "d", EMPTY: "" };

// The right side is what os.path.expandvars() of Python 3.11 returns, with posixpath and ntpath.
it.each([
  ["linux", "$HOME/c", "/home/a/c"],
  ["linux", "${HOME}c", "/home/ac"],
  ["linux", "$A", "$HOME/x"],
  ["linux", "${B C}/$NONE/${NONE}/$/${}/$EMPTY.", "d/$NONE/${NONE}/$/${}/."],
  ["linux", "%HOME%", "%HOME%"],
  ["win32", "%HOME%\\${B C}\\%NONE%", "/home/a\\d\\%NONE%"],
] as const)("on %s, %s is %s", (platform, path, expanded) => {
  expect(withVariables(path, env, platform)).toBe(expanded);
});

it.each([
  ["~root/x", true],
  ["~root", true],
  ["~/x", false],
  ["~\\x", false],
  ["/~a/x", false],
  ["", false],
])("%s is in the home of a user by name: %s", (path, is) => {
  expect(isInOtherHome(path)).toBe(is);
});
