import { describe, expect, it } from "vitest";
import { Flags } from "../../src/cli/command.ts";
import { codeOf } from "../failure.ts";

describe("flags as yargs parses them", () => {
  it("a text is the last of several, and nothing that is no text", () => {
    const flags = new Flags({ a: "x", b: ["x", "y"], c: true, d: [], e: undefined, f: ["x", 1] });
    expect(["a", "b", "c", "d", "e", "f", "g"].map((name) => flags.text(name))).toEqual([
      "x",
      "y",
      undefined,
      undefined,
      undefined,
      "x",
      undefined,
    ]);
    expect(flags.list("b")).toEqual(["x", "y"]);
    expect(flags.list("g")).toEqual([]);
  });

  it("a switch is on, off, or not given; the last counts", () => {
    const flags = new Flags({ a: true, b: [true, false], c: "true", d: [] });
    expect(["a", "b", "c", "d", "e"].map((name) => flags.isOn(name))).toEqual([
      true,
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("get-token's options are distinguished from the command's own", () => {
    const flags = new Flags({
      region: "us-west-2",
      verbose: true,
      context: "x",
      offline: true,
      _: [],
      $0: "eks-x509",
    });
    expect([...flags.settings()]).toEqual([
      ["region", "us-west-2"],
      ["verbose", "true"],
    ]);
  });

  it("an empty value is a mistake, and not a default", () => {
    expect(codeOf(() => new Flags({ region: "" }).settings())).toBe("FLAG_EMPTY");
  });

  it("what follows -- is another command's", () => {
    expect(new Flags({}).command).toEqual([]);
    expect(new Flags({}, ["kubectl", "get"]).command).toEqual(["kubectl", "get"]);
  });
});
