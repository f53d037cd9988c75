import { describe, expect, it } from "vitest";
import { colour, hasColour } from "../../../src/cli/text/terminal.ts";

describe("colour is for a person at a terminal that has it", () => {
  it.each([
    [true, {}, true],
    [true, { TERM: "xterm-256color" }, true],
    [true, { NO_COLOR: "" }, true],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "0" }, false],
    [true, { TERM: "dumb" }, false],
    [false, {}, false],
    [false, { TERM: "xterm-256color" }, false],
  ])("terminal %s, environment %o: %s", (isTerminal, env, expected) => {
    expect(hasColour(isTerminal, env)).toBe(expected);
  });

  it("is ended where the text ends", () => {
    expect(colour(true)("red", "✗")).toBe("\u001b[31m✗\u001b[0m");
    expect(colour(false)("red", "✗")).toBe("✗");
  });
});
