import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EksX509Error } from "../../src/foundation/errors.ts";
import { readFile, readOptional } from "../../src/foundation/files/files.ts";
import { authorizationToken } from "../../src/serve/token-file.ts";
import { emptyHome } from "../e2e/sandbox-process.ts";
import { rejectionOf } from "../failure.ts";

const read = (text: string, mode = 0o600) => {
  const content = { name: "token", bytes: Buffer.from(text), mode };
  return authorizationToken(
    { path: "/run/token", source: "--token-file" },
    {
      createFile: () => Promise.resolve(),
      readFile: () => Promise.resolve(content),
      readOptional: () => Promise.resolve(content),
    },
  );
};

describe("the token file", () => {
  it.each([
    [0o600, false],
    [0o400, false],
    // Of a group of trusted processes, as the hint says, and as systemd gives a credential to the user of a service.
    [0o640, false],
    [0o440, false],
    [0o644, true],
    [0o604, true],
    [0o602, true],
  ])("of mode %o is open to other users: %s", async (mode, isExposed) => {
    expect(await read("token", mode)).toEqual({ text: "token", isExposed });
  });

  it.each(["", "token\n", "token\r\n", " token", "token ", "a\nb", "a\0b", "t\u00f6ken"])(
    "that holds %j is refused",
    async (text) => {
      await expect(read(text)).rejects.toMatchObject({ code: "TOKEN_FILE_INVALID" });
    },
  );

  it("that is empty is refused, with a hint that fits a token", async () => {
    const path = join(emptyHome(), "token");
    writeFileSync(path, "");
    const ports = { createFile: () => Promise.resolve(), readFile, readOptional };
    await expect(authorizationToken({ path, source: "--token-file" }, ports)).rejects.toMatchObject({
      code: "TOKEN_FILE_INVALID",
      message: `${path} (--token-file) is empty`,
    });
  });

  it("is not to be removed: its path can be that of the key", async () => {
    const error: unknown = await rejectionOf(read("-----BEGIN PRIVATE KEY-----\n"));
    expect(error instanceof EksX509Error && error.hint).not.toMatch(/remove/i);
  });

  it("is refused where it is longer than a header", async () => {
    expect((await read("a".repeat(4_096))).text).toHaveLength(4_096);
    await expect(read("a".repeat(4_097))).rejects.toMatchObject({ code: "TOKEN_FILE_INVALID" });
  });
});
