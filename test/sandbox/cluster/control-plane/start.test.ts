/** A control plane that does not come up, with stand-ins for its programs: the report, and that nothing is left. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSandbox, type Sandbox } from "../../../../src/sandbox/sandbox.ts";
import { rejectionOf } from "../../../failure.ts";
import { leftOf, pids } from "./processes.ts";
import { standIns, stays } from "./stand-ins.ts";
import { until } from "../../../until.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "start-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function start(assets: string, parent: string, signal?: AbortSignal): Promise<Sandbox> {
  return startSandbox({
    temporaryFolder: parent,
    controlPlane: { assets },
    signal,
    now: () => new Date(),
    onEvent: () => undefined,
  });
}

describe("KUBEBUILDER_ASSETS", () => {
  it.each([
    ["kube-apiserver", { etcd: stays }],
    ["etcd", { "kube-apiserver": stays }],
  ])("without %s is refused: the embedded API does not take its place unasked", async (name, scripts) => {
    const parent = temporaryFolder();
    const error = await rejectionOf(start(standIns(scripts), parent));
    expect(error).toMatchObject({ code: "SANDBOX_CONTROL_PLANE_MISSING", hop: "sandbox", category: "usage" });
    expect(error.message).toContain(`no program ${name}`);
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("a program that ends before it is ready", () => {
  it.each([
    ["etcd", { etcd: "echo out of luck >&2; exit 3", "kube-apiserver": stays }],
    ["kube-apiserver", { etcd: stays, "kube-apiserver": "echo out of luck; exit 3" }],
  ])("is named, with its exit code and last lines: %s", async (name, scripts) => {
    const parent = temporaryFolder();
    const error = await rejectionOf(start(standIns(scripts), parent));
    expect(error).toMatchObject({
      code: "SANDBOX_CONTROL_PLANE_FAILED",
      message: `${name} ended with code 3 before it was ready`,
    });
    expect(error.hint).toContain("out of luck");
    expect(readdirSync(parent)).toEqual([]);
  });

  it("has its last lines bounded", async () => {
    const endless = `printf '%05000d\\n' 1 2 3 4 5 6 7; exit 1`;
    const error = await rejectionOf(
      start(standIns({ etcd: endless, "kube-apiserver": stays }), temporaryFolder()),
    );
    expect(error.hint.length).toBeLessThan(1500);
  });

  it("is given a few ports, and no more", async () => {
    const parent = temporaryFolder();
    const taken = `echo "$2" >>"\${0%/*}/ports"; echo 'listen tcp: bind: address already in use'; exit 1`;
    const folder = standIns({ etcd: stays, "kube-apiserver": taken });
    const error = await rejectionOf(start(folder, parent));
    expect(error.code).toBe("SANDBOX_CONTROL_PLANE_FAILED");
    expect(error.hint).toContain("address already in use");
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe("a start that is cancelled", () => {
  it("ends, and leaves nothing", async () => {
    const parent = temporaryFolder();
    const reported = new AbortController();
    const ended = start(standIns({ etcd: stays, "kube-apiserver": stays }), parent, reported.signal);
    const folder = await until(() => {
      const [name = ""] = readdirSync(parent);
      expect(Object.keys(pids(join(parent, name)))).toEqual(["etcd", "kube-apiserver"]);
      return join(parent, name);
    });
    const programs = pids(folder);
    reported.abort();
    await expect(ended).rejects.toThrow();
    expect(leftOf(programs, folder)).toEqual([]);
    expect(readdirSync(parent)).toEqual([]);
  });
});
