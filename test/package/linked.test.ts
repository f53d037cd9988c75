/** The notices of what a compiler links into the programs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bunVersion, licenceText, linkedNotice, linkedParts } from "../../scripts/package/linked.js";
import { platforms } from "../../scripts/platforms.js";
import { fromJson } from "../json.ts";

const lgpl = ["GNU LIBRARY GENERAL PUBLIC LICENSE", "GNU LESSER GENERAL PUBLIC LICENSE"];

describe("the notice of linked libraries", () => {
  const unwrapped = (text: string) => text.replace(/\s+/g, " ");

  it.each(platforms.map((platform) => [platform.name, platform] as const))(
    "on %s, has a text and the names of the authors for each part",
    (_, platform) => {
      const parts = linkedParts(platform);
      const notice = linkedNotice(parts);
      for (const { name, license, copyright = [], texts } of parts) {
        expect(notice).toContain(`\n${name}: ${license}`);
        for (const line of copyright) expect(notice, name).toContain(line);
        expect(texts, name).not.toEqual([]);
        for (const text of texts) if (text !== "LICENSE") expect(notice, name).toContain(licenceText(text));
        // The texts of these licences name no authors.
        if (texts.some((text) => /^(MIT|ISC|Zlib|BSD)/.test(text)) && texts.length === 1)
          expect(copyright, name).not.toEqual([]);
      }
      for (const text of lgpl) expect(notice).toContain(text);
      expect(parts.some(({ name }) => name === "musl")).toBe(platform.os === "linux");
    },
  );

  it.each([
    ["MIT", "copies or substantial portions of the Software."],
    ["ISC", "with or without fee is hereby granted"],
    ["Zlib", "This notice may not be removed or altered from any source distribution."],
    ["BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"],
    ["BSD-3-Clause", "used to endorse or promote products"],
    ["LLVM-exception", "LLVM Exceptions to the Apache 2.0 License"],
    ["MPL-2.0", "Mozilla Public License Version 2.0"],
    ["Artistic-2.0", "The Artistic License 2.0"],
    ["ICU", "UNICODE LICENSE V3"],
    ["musl", "musl as a whole is licensed under the following standard MIT license"],
    ["libjpeg-turbo", "Independent JPEG Group"],
    ["libarchive", "Tim Kientzle"],
  ])("has the text of %s", (name, sentence) => {
    expect(unwrapped(licenceText(`${name}.txt`))).toContain(sentence);
  });

  it("is about the version of Bun that the executable contains", () => {
    const lock = readFileSync(new URL("../../scripts/executable/package.json", import.meta.url), "utf8");
    expect(fromJson<{ dependencies: object }>(lock).dependencies).toEqual({ bun: bunVersion });
  });
});
