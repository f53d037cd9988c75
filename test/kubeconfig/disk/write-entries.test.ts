import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeEntries } from "../../../src/kubeconfig/disk/update-file.ts";
import { entriesOf, withFolder } from "../../cache/flight/crowd.ts";
import { entriesFor } from "../edit/entries-in-text.ts";
import { testPorts } from "./ports.ts";

describe("entries", () => {
  it("are written once, and returned as they were before", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      const ports = testPorts();
      const first = await writeEntries(path, [entriesFor("demo")], ports);
      expect([...first.before.clusters.keys(), ...first.after.clusters.keys()]).toEqual(["demo"]);
      const second = await writeEntries(path, [entriesFor("demo")], ports);
      expect(second.before).toEqual(second.after);
      expect(ports.logged).toEqual([]);
    });
  });

  it("are written again when a kubectl that had read the file before takes them out, even if it is just at it", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      const meanwhile = [
        () => {
          writeFileSync(`${path}.lock`, "");
          writeFileSync(path, "kind: Config\nclusters: [");
        },
        () => {
          writeFileSync(path, "kind: Config\nclusters: []\ncurrent-context: theirs\n");
          rmSync(`${path}.lock`);
        },
      ];
      const ports = testPorts({}, () => meanwhile.shift()?.());
      const { before, after } = await writeEntries(path, [entriesFor("demo")], ports);
      expect([...before.clusters.keys(), ...after.clusters.keys()]).toEqual(["demo"]);
      expect(readFileSync(path, "utf8")).toContain("current-context: demo");
      expect(ports.logged).toEqual([
        `another program removed the entries from ${path}; writing them again`,
        `waiting for ${path}.lock`,
      ]);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });

  it("stay when somebody else has chosen another context meanwhile", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      const ports = testPorts({}, () => {
        writeFileSync(
          path,
          readFileSync(path, "utf8").replace("current-context: demo", "current-context: other"),
        );
      });
      await writeEntries(path, [entriesFor("demo")], ports);
      expect(readFileSync(path, "utf8")).toContain("current-context: other");
    });
  });
});
