import { describe, expect, it } from "vitest";
import { progressOn } from "../../../src/cli/text/terminal.ts";

function screen() {
  const seen = { text: "" };
  return { seen, write: (text: string) => Promise.resolve(void (seen.text += text)) };
}

describe("what is being waited for", () => {
  it("stands on one line of a terminal, and is gone at the end", async () => {
    const { seen, write } = screen();
    const progress = progressOn(write, true);
    progress.show("sts …");
    progress.show("mapping …");
    await progress.clear();
    expect(seen.text).toBe("\r\u001b[Ksts …\r\u001b[Kmapping …\r\u001b[K");
  });

  it("is not shown where no person looks", async () => {
    const { seen, write } = screen();
    const progress = progressOn(write, false);
    progress.show("sts …");
    await progress.clear();
    expect(seen.text).toBe("");
  });

  it("is nothing to fail for", async () => {
    const progress = progressOn(() => Promise.reject(new Error("EPIPE")), true);
    progress.show("sts …");
    await expect(progress.clear()).resolves.toBeUndefined();
  });
});
