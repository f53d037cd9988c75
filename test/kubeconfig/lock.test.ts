import { existsSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { updateKubeconfigFile } from "../../src/kubeconfig/update-file.ts";
import { withFolder } from "../cache/crowd.ts";
import { rejectionOf } from "../failure.ts";
import { testPorts } from "./ports.ts";

const addLine = (text = "") => `${text}# more\n`;

describe("FILE.lock", () => {
  it("is client-go's: beside the file, empty, of mode 0, and gone afterwards", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      let found = { size: -1, mode: -1 };
      await updateKubeconfigFile(
        path,
        (text) => {
          found = statSync(`${path}.lock`);
          return addLine(text);
        },
        testPorts(),
      );
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
      expect(await updateKubeconfigFile(path, addLine, ports)).toBe(true);
      expect(ports.told).toEqual([`waiting for ${path}.lock`]);
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
      expect(failure.message).toBe(`${path}.lock has been there for 10 seconds`);
      expect(failure.hint).toContain("When none runs, remove that file");
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
      expect(failure.message).toBe(`${path}.lock has been there for ${words}`);
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
