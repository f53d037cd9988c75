/** `npx vitest run test/cli/reference.test.ts --update` writes docs/reference.md anew. */
import { format, resolveConfig } from "prettier";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { reference } from "./reference.ts";

it("docs/reference.md says what the program's table of commands says", async () => {
  const options = await resolveConfig("docs/reference.md");
  const text = await format(reference(), { ...options, parser: "markdown" });
  await expect(text).toMatchFileSnapshot("../../docs/reference.md");
});

it("documents every option: what it means, and its default where there is one", () => {
  for (const { path, options } of commands)
    for (const [name, { describe }] of Object.entries(options)) {
      expect(describe, `${path.join(" ")} --${name}`).toMatch(/^[A-Z].{5,}[^.]$/);
    }
});
