/** AWS's config file against Python's configparser, which botocore reads it with; and edits that change one section alone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IniProblem, readIni, type IniFile } from "../../src/aws-config/ini.ts";
import {
  editedSection,
  isAsWanted,
  otherSignIns,
  sectionsOf,
  withSection,
} from "../../src/aws-config/profile.ts";
import { named } from "../cache/keychain/programs.ts";
import { noPython, python } from "./python.ts";

/** Lines of people's files, and of those that only look like one. */
const line = fc.constantFrom(
  "[default]",
  "[profile dev]",
  "[profile dev] # why",
  "\ufeff[profile dev]",
  "[profile prod]",
  '[profile "dev"]',
  "[sso-session x]",
  "  [services s]",
  "[broken",
  "region = us-west-2",
  "region=us-east-1",
  "Output = json",
  "output: text",
  "role_arn = arn:aws:iam::1:role/a",
  "source_profile = default",
  "s3 =",
  "  max_concurrent_requests = 20",
  "  addressing_style = path",
  "\tcontinued",
  "# a comment",
  "  ; indented comment",
  "credential_process = /opt/x --a 'b c'",
  "aws_access_key_id=AKIA # not a comment",
  "nothing",
  "= value",
  "",
  "   ",
);
const file = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, end, isComplete]) => lines.join(end) + (isComplete ? end : ""));

function values(file: IniFile): Record<string, Record<string, string>> {
  return Object.fromEntries(
    file.sections.map(({ header, properties }) => [
      header,
      Object.fromEntries(properties.map(({ key, value }) => [key, value])),
    ]),
  );
}

describe("AWS's config file", () => {
  it.skipIf(noPython)(
    named("is read as Python reads it, and refused where Python refuses it", noPython),
    () => {
      const texts = fc.sample(file, { numRuns: 1_500, seed: 1 });
      const expected = python<Record<string, Record<string, string>>>("ini", texts);
      for (const [index, text] of texts.entries()) {
        const read = readIni(text);
        expect(read instanceof IniProblem ? null : values(read), JSON.stringify(text)).toEqual(
          expected[index],
        );
      }
    },
  );

  it("names the line that cannot be read", () => {
    expect(readIni("[a]\nx = 1\nnothing\n")).toMatchObject({ line: 3 });
    expect(readIni("x = 1\n")).toMatchObject({ line: 1 });
    expect(readIni("[a]\n[a]\n")).toMatchObject({ line: 2 });
    expect(readIni("[a]\nx = 1\rX = 2\n")).toMatchObject({ line: 2 });
  });

  it.each([
    ["[default]", "default", true],
    ["[profile default]", "default", true],
    ["[profile dev]", "dev", true],
    ["[profile  'dev']", "dev", true],
    ["[ profile dev ]", "dev", true],
    ["[dev]", "dev", false],
    ["[profile dev x]", "dev", false],
    ["[sso-session dev]", "dev", false],
  ])("%s is the section of %s: %s", (header, name, isOf) => {
    const read = readIni(`${header}\n`);
    expect(!(read instanceof IniProblem) && sectionsOf(read, name, "config").length === 1).toBe(isOf);
  });

  it("an edit changes the lines of its setting alone, or is refused", () => {
    fc.assert(
      fc.property(file, (text) => {
        const before = readIni(text);
        fc.pre(!(before instanceof IniProblem));
        if (before instanceof IniProblem) return;
        const [section] = sectionsOf(before, "dev", "config");
        const settings = [{ key: "credential_process", value: "/bin/x a" }];
        const removed = section ? otherSignIns(section, () => false) : [];
        const edited = section
          ? editedSection(before, section, settings, removed)
          : withSection(before, "dev", settings);
        const after = readIni(edited);
        const header = section?.header ?? "profile dev";
        if (after instanceof IniProblem || !isAsWanted(before, after, header, { settings, removed })) {
          // Only a section whose settings are indented, or whose other lines are.
          expect(text).toMatch(/^[ \t]+\S/m);
          return;
        }
        const comments = (lines: string): string[] =>
          lines.split(/\r?\n/).filter((one) => /^\s*[#;]/.test(one));
        expect(comments(edited)).toEqual(comments(text));
        const own = section ? removed.flatMap(({ lines }) => lines) : [];
        const others = before.lines.filter((_, number) => !own.includes(number)).map((one) => one.trim());
        const left = edited.split(/\r?\n/).map((one) => one.trim());
        expect(left.filter((one) => one !== "")).toEqual(
          expect.arrayContaining(others.filter((one) => one !== "")),
        );
        // The same edit once more changes nothing.
        const [again] = sectionsOf(after, "dev", "config");
        expect(again && editedSection(after, again, settings, [])).toBe(edited);
      }),
      { numRuns: 1_000 },
    );
  });
});
