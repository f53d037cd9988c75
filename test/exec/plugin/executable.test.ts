import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findExecutable,
  isForeignBinary,
  type Executable,
  type Wanted,
} from "../../../src/exec/plugin/executable.ts";
import { rejectionOf } from "../../failure.ts";
import { programsIn, shell } from "./programs.ts";

const empty = shell("exit 0");

function find(
  command: string,
  PATH = "",
  more: Partial<Wanted & { program: string }> = {},
): Promise<Executable> {
  const { installHint = "", program = "/usr/bin/nothing" } = more;
  return findExecutable({ command, installHint }, { env: { PATH }, platform: "linux", program });
}

describe("an exec entry's command is found", () => {
  it("on PATH, in the first folder that has it and may run it", async () => {
    const folder = programsIn({ "b/tool": empty, "c/tool": empty });
    programsIn({});
    mkdirSync(join(folder, "a/tool"), { recursive: true });
    const PATH = ["a", "none", "b", "c"].map((name) => join(folder, name)).join(":");
    expect(await find("tool", PATH)).toEqual({
      path: join(folder, "b/tool"),
      foundBy: "PATH",
      relation: "another program",
    });
  });

  it("by its path, whatever PATH is", async () => {
    const folder = programsIn({ tool: empty });
    expect(await find(join(folder, "tool"))).toMatchObject({ path: join(folder, "tool"), foundBy: "path" });
  });

  it("and distinguished: this program, another installation of ours, another program", async () => {
    const folder = programsIn({ "ours/eks-x509": empty, "old/eks-x509": empty, "b/aws": empty });
    const program = join(folder, "ours/eks-x509");
    symlinkSync(program, join(folder, "b/eks-login"));
    symlinkSync(join(folder, "old/eks-x509"), join(folder, "b/kubectl-eks_x509"));
    const relation = async (name: string) => (await find(name, join(folder, "b"), { program })).relation;
    expect(await relation("eks-login")).toBe("this program");
    expect(await relation("kubectl-eks_x509")).toBe("another eks-x509");
    expect(await relation("aws")).toBe("another program");
  });

  it("on Windows with one of PATHEXT's endings", async () => {
    // Its paths follow its own rules; the files are those of this system.
    const folder = programsIn({ "tool.cmd": empty, "full.exe": empty });
    const env = { Path: "", PATHEXT: ".COM;.EXE;.CMD" };
    const on = (command: string) =>
      findExecutable({ command, installHint: "" }, { env, platform: "win32", program: "" });
    expect((await on(join(folder, "tool"))).path).toBe(join(folder, "tool.cmd"));
    expect((await on(join(folder, "full.exe"))).path).toBe(join(folder, "full.exe"));
    expect((await rejectionOf(on("tool"))).code).toBe("PLUGIN_NOT_FOUND");
  });
});

describe("or not, and why", () => {
  it("not on PATH: the folders are named, many are counted, the install hint is repeated", async () => {
    const failure = await rejectionOf(find("tool", "/a:/b", { installHint: "Get it\n at example.com" }));
    expect(failure).toMatchObject({
      code: "PLUGIN_NOT_FOUND",
      hop: "plugin",
      category: "usage",
      message: "the exec entry's command tool is not on PATH (/a, /b)",
    });
    expect(failure.hint).toMatch(/The kubeconfig says: Get it at example\.com$/);
    const many = Array.from({ length: 20 }, (_, index) => `/${index}`).join(":");
    expect((await rejectionOf(find("tool", many))).message).toContain("(20 folders)");
    expect((await rejectionOf(find("tool"))).message).toContain("(no folder)");
  });

  it.each([
    ["missing", "PLUGIN_PATH_MISSING"],
    ["folder", "PLUGIN_IS_FOLDER"],
    ["forbidden", "PLUGIN_NOT_EXECUTABLE"],
    ["script", "PLUGIN_NO_SHEBANG"],
    ["loop", "PLUGIN_PATH_MISSING", "leads back to itself"],
    ["missing/tool", "PLUGIN_PATH_MISSING", "does not exist"],
    ["forbidden/tool", "PLUGIN_PATH_MISSING", "does not exist"],
  ])("by its path: %s", async (name, code, why = "") => {
    const folder = programsIn({ forbidden: empty, script: "echo hello\n" });
    mkdirSync(join(folder, "folder"));
    chmodSync(join(folder, "forbidden"), 0o644);
    symlinkSync("loop", join(folder, "loop"));
    const failure = await rejectionOf(find(join(folder, name)));
    expect(failure).toMatchObject({ code, hop: "plugin" });
    expect(failure.message).toContain(why);
  });

  it.each(["/opt/tool\0", "tool\0", "\0"])("%j, which has a NUL", async (command) => {
    const failure = await rejectionOf(find(command, "/usr/bin:/bin"));
    expect(failure).toMatchObject({ code: "PLUGIN_CANNOT_START", hop: "plugin" });
    expect(failure.message).toContain("has a NUL character");
  });

  it.each([
    ["an empty #! line", "#!\necho hello\n"],
    ["a #! line of spaces", "#!  \t\necho hello\n"],
    ["an interpreter whose name is too long for the kernel", `#!/${"x".repeat(300)}\n`],
    ["a byte order mark before #!", "\ufeff#!/bin/sh\n"],
  ])("a script with %s", async (_what, text) => {
    const folder = programsIn({ script: text });
    expect((await rejectionOf(find(join(folder, "script")))).code).toBe("PLUGIN_NO_SHEBANG");
  });

  it.each(["#!/bin/sh", "#! /bin/sh\n", `#!/bin/sh ${"x".repeat(300)}`])(
    "a script with %.20s is found",
    async (text) => {
      const folder = programsIn({ script: text });
      expect((await find(join(folder, "script"))).path).toBe(join(folder, "script"));
    },
  );

  it.skipIf(process.platform === "win32")("a pipe, whose writer is not awaited", async () => {
    const folder = programsIn({});
    execFileSync("mkfifo", ["-m", "755", join(folder, "pipe")]);
    expect((await rejectionOf(find(join(folder, "pipe")))).code).toBe("PLUGIN_NOT_EXECUTABLE");
    expect(await isForeignBinary(join(folder, "pipe"))).toBe(false);
  });

  it.skipIf(process.platform !== "linux")(
    "a binary of another processor, or damaged, is foreign",
    async () => {
      const own = readFileSync(process.execPath).subarray(0, 4096);
      const other = Buffer.from(own);
      other.writeUInt16LE(0x1234, 18);
      const folder = programsIn({ script: "#!/bin/sh\n", text: "text" });
      const files = {
        own,
        other,
        damaged: own.subarray(0, 40),
        macos: Buffer.from("cffaedfe0c000001", "hex"),
      };
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
      const foreign = await Promise.all(
        ["own", "other", "damaged", "macos", "script", "text"].map((name) =>
          isForeignBinary(join(folder, name)),
        ),
      );
      expect(foreign).toEqual([false, true, true, true, false, false]);
    },
  );

  it("on PATH, but only where it may not be run, or without #!", async () => {
    const folder = programsIn({ "a/tool": empty, "b/script": "echo" });
    chmodSync(join(folder, "a/tool"), 0o644);
    const PATH = `${join(folder, "a")}:${join(folder, "b")}`;
    expect(await rejectionOf(find("tool", PATH))).toMatchObject({
      code: "PLUGIN_NOT_EXECUTABLE",
      message: `the exec entry's command is not executable for this user: ${join(folder, "a/tool")}`,
    });
    expect((await rejectionOf(find("script", PATH))).code).toBe("PLUGIN_NO_SHEBANG");
  });

  it("by a relative folder of PATH, from which kubectl runs nothing", async () => {
    expect(await rejectionOf(find("eks-x509", "bin:/usr/bin"))).toMatchObject({
      code: "PLUGIN_IN_RELATIVE_FOLDER",
      message: `the exec entry's command eks-x509 is only in PATH's relative folder "bin"`,
    });
  });
});
