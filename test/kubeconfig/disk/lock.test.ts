import { existsSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { disk } from "../../../src/kubeconfig/disk/disk.ts";
import { updateKubeconfigFile } from "../../../src/kubeconfig/disk/update-file.ts";
import { withFolder } from "../../cache/flight/crowd.ts";
import { rejectionOf } from "../../failure.ts";
import { testPorts } from "./ports.ts";

const addLine = (text = "") => ({ text: `${text}# more\n` });

describe("FILE.lock", () => {
  it("is client-go's: beside the file, empty, of mode 0, and gone afterwards", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      let found = { size: -1, mode: -1 };
      const renameSync: typeof disk.renameSync = (from, to) => {
        found = statSync(`${path}.lock`);
        disk.renameSync(from, to);
      };
      await updateKubeconfigFile(path, addLine, testPorts({ renameSync }));
      expect(found).toMatchObject({ size: 0, mode: 0o100000 });
      expect(existsSync(`${path}.lock`)).toBe(false);
    });
  });

  it("of another is waited for", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(`${path}.lock`, "");
      const ports = testPorts({}, (passed) => {
        if (passed > 5_000) rmSync(`${path}.lock`, { force: true });
      });
      expect(await updateKubeconfigFile(path, addLine, ports)).toMatchObject({ isWritten: true });
      expect(ports.logged).toEqual([`waiting for ${path}.lock`]);
    });
  });

  it.each(["config", "target"])(
    "of the link and of the file that it leads to are both waited for, none held meanwhile: %s",
    async (name) => {
      await withFolder(async (folder) => {
        writeFileSync(join(folder, "target"), "");
        symlinkSync("target", join(folder, "config"));
        writeFileSync(join(folder, `${name}.lock`), "");
        const others: boolean[] = [];
        const ports = testPorts({}, (passed) => {
          others.push(existsSync(join(folder, name === "config" ? "target.lock" : "config.lock")));
          if (passed > 1_000) rmSync(join(folder, `${name}.lock`), { force: true });
        });
        await updateKubeconfigFile(join(folder, "config"), addLine, ports);
        expect(new Set(others)).toEqual(new Set([false]));
        expect(readFileSync(join(folder, "target"), "utf8")).toBe("# more\n");
      });
    },
  );

  it("of one holder is waited for 10 seconds, and never taken away", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(`${path}.lock`, "");
      const failure = await rejectionOf(updateKubeconfigFile(path, addLine, testPorts()));
      expect(failure.code).toBe("KUBECONFIG_LOCKED");
      expect(failure.message).toBe(`${path}.lock has existed for 10 seconds`);
      expect(failure.hint).toContain("If no such program runs, remove that file");
      expect(existsSync(`${path}.lock`)).toBe(true);
      expect(existsSync(path)).toBe(false);
    });
  });

  it.each([
    [90, "90 seconds"],
    [60 * 60, "60 minutes"],
    [3 * 86_400, "72 hours"],
  ])("of a process that was killed %i seconds ago is not waited for", async (age, words) => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(`${path}.lock`, "");
      utimesSync(`${path}.lock`, new Date(), new Date(Date.now() - age * 1000));
      const ports = testPorts({}, () => expect.fail("it waited"));
      const failure = await rejectionOf(updateKubeconfigFile(path, addLine, ports));
      expect(failure.message).toBe(`${path}.lock has existed for ${words}`);
    });
  });

  it("of a clock that is ahead is reported as such, and waited for as long", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(`${path}.lock`, "");
      const ahead = new Date(Date.now() + 86_400_000);
      utimesSync(`${path}.lock`, ahead, ahead);
      const failure = await rejectionOf(updateKubeconfigFile(path, addLine, testPorts()));
      expect(failure.message).toBe(`${path}.lock has existed for 10 seconds, with a time in the future`);
    });
  });

  it("is not held while the change is worked out, even if the file has changed by then", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, "# a\n");
      const edits: [text: string | undefined, isLocked: boolean][] = [];
      let attempts = 0;
      const openSync: typeof disk.openSync = (name, ...how) => {
        if (String(name).endsWith(".lock") && ++attempts === 2) writeFileSync(path, "# b\n");
        return disk.openSync(name, ...how);
      };
      const edit = (text?: string) => {
        edits.push([text, existsSync(`${path}.lock`)]);
        return addLine(text);
      };
      await updateKubeconfigFile(path, edit, testPorts({ openSync }));
      expect(edits).toEqual([["# a\n", false]]);
      await updateKubeconfigFile(path, edit, testPorts({ openSync }));
      expect(edits.slice(1)).toEqual([
        ["# a\n# more\n", false],
        ["# b\n", false],
      ]);
      expect(readFileSync(path, "utf8")).toBe("# b\n# more\n");
    });
  });

  it("of one holder after the other is waited for a minute", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(`${path}.lock`, "");
      let round = 0;
      const ports = testPorts({}, () => {
        round += 1;
        const made = new Date(Date.now() + round * 100);
        utimesSync(`${path}.lock`, made, made);
      });
      expect((await rejectionOf(updateKubeconfigFile(path, addLine, ports))).code).toBe("KUBECONFIG_BUSY");
    });
  });
});
