/** What many processes, and those that are killed, leave of a kubeconfig. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { entriesOf, withFolder } from "../../cache/flight/crowd.ts";
import { kubectls } from "../../e2e/sandbox-process.ts";
import { fromJson } from "../../json.ts";
import { isThorough } from "../../thorough.ts";
import { bundleWorker, run, work } from "./workers.ts";

/** Some hundred processes, which have little to do but to start; a machine may have more to do. */
vi.setConfig({ testTimeout: 120_000 });

let scripts = "";
let script = "";
beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), "eks-x509-test-"));
  script = await bundleWorker(scripts);
});
afterAll(() => {
  rmSync(scripts, { recursive: true, force: true });
});

const before = "# mine\nkind: Config\n";
const after = `${before}# more\n`;

/** How many calls of the system a change takes. */
async function steps(): Promise<number> {
  return withFolder(async (folder) => {
    const path = join(folder, "config");
    writeFileSync(path, before);
    const { stdout, stderr } = await work(script, { path });
    expect(stderr).toBe("");
    expect(readFileSync(path, "utf8")).toBe(after);
    return Number(stdout);
  });
}

/** Two at a time: one process for each step. */
async function atEachStep(check: (step: number) => Promise<void>): Promise<void> {
  const count = await steps();
  expect(count).toBeGreaterThan(10);
  for (let step = 1; step <= count; step += 2)
    await Promise.all([step, step + 1].filter((one) => one <= count).map(check));
}

describe("a process that is killed", () => {
  it("at any step leaves the old file or the new one, whole", async () => {
    const found = new Set<string>();
    await atEachStep((at) =>
      withFolder(async (folder) => {
        const path = join(folder, "config");
        writeFileSync(path, before);
        expect(await work(script, { path, at, signal: "SIGKILL" })).toMatchObject({ signal: "SIGKILL" });
        const text = readFileSync(path, "utf8");
        expect([before, after]).toContain(text);
        found.add(text);
        // Whoever finds the lock removes it by hand, and the next change removes the rest.
        rmSync(`${path}.lock`, { force: true });
        expect(await work(script, { path })).toMatchObject({ code: 0, stderr: "" });
        expect(readFileSync(path, "utf8")).toBe(`${text}# more\n`);
        expect(readdirSync(folder)).toEqual(["config"]);
      }),
    );
    expect(found.size).toBe(2);
  });

  it("by Ctrl-C, at any step, ends by it and leaves nothing but the file", async () => {
    await atEachStep((at) =>
      withFolder(async (folder) => {
        const path = join(folder, "config");
        writeFileSync(path, before);
        const exit = await work(script, { path, at, signal: "SIGINT" });
        expect(exit).toMatchObject({ code: null, signal: "SIGINT" });
        expect(readFileSync(path, "utf8")).toBe(after);
        expect(entriesOf(folder)).toEqual(["file config"]);
      }),
    );
  });
});

describe("an edit that takes long", () => {
  it("is ended by a signal at once, without a lock and with the file as it was", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      expect(await work(script, { path, endless: true })).toMatchObject({ signal: "SIGTERM" });
      expect(readFileSync(path, "utf8")).toBe(before);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });
});

interface View {
  contexts: { name: string }[];
  clusters: { name: string }[];
}

function fromYaml(text: string): View {
  return parse(text);
}

describe("many processes", () => {
  const names = Array.from(
    { length: isThorough ? 50 : 12 },
    (_, index) => `cluster-${String(index).padStart(2, "0")}`,
  );
  const [onPath, ...versions] = kubectls();
  const kubectl = versions.at(-1)?.path ?? onPath?.path;

  /** kubectl does not wait for the lock. */
  async function setContext(path: string, name: string): Promise<void> {
    for (;;) {
      const exit = await run(kubectl ?? "", [
        "--kubeconfig",
        path,
        "config",
        "set-context",
        name,
        "--namespace=x",
      ]);
      if (exit.code === 0) return;
      expect(exit.stderr).toContain("config.lock: file exists");
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 50));
    }
  }

  it("for as many clusters all have their contexts", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "new", "config");
      const exits = await Promise.all(names.map((cluster) => work(script, { path, cluster })));
      for (const exit of exits) expect(exit).toMatchObject({ code: 0, stderr: "" });
      const config = fromYaml(readFileSync(path, "utf8"));
      expect(config.contexts.map(({ name }) => name).sort()).toEqual(names);
      expect(config.clusters.map(({ name }) => name).sort()).toEqual(names);
      expect(config).toMatchObject({ users: [{ name: "robot" }] });
      expect(readdirSync(join(folder, "new"))).toEqual(["config"]);
    });
  });

  it.skipIf(kubectl === undefined)(
    "lose nothing that kubectl writes meanwhile, nor it of theirs (kubectl)",
    async () => {
      await withFolder(async (folder) => {
        const path = join(folder, "config");
        const clusters = names.slice(0, 10);
        const theirs = clusters.map((name) => `kubectl-${name}`);
        const exits = await Promise.all([
          ...clusters.map((cluster) => work(script, { path, cluster })),
          (async () => {
            // One after the other: two kubectls lose each other's changes.
            for (const name of theirs) await setContext(path, name);
            return undefined;
          })(),
        ]);
        for (const exit of exits) if (exit) expect(exit).toMatchObject({ code: 0, stderr: "" });
        const { stdout } = await run(kubectl ?? "", ["--kubeconfig", path, "config", "view", "-o", "json"]);
        const config = fromJson<View>(stdout);
        expect(config.contexts.map(({ name }) => name).sort()).toEqual([...clusters, ...theirs].sort());
        expect(config.clusters.map(({ name }) => name).sort()).toEqual(clusters);
        expect(existsSync(`${path}.lock`)).toBe(false);
      });
    },
  );
});
