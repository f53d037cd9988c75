/** `token debug` for a user whom the machine does not know, and in a folder that is gone. */
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromJson } from "../json.ts";
import { iam, openCloud, type Cloud } from "./debug-cloud.ts";
import { Debugging, type ReportJson } from "./debug-run.ts";
import { install, type Installation } from "./plugin.ts";
import { outputOf } from "./output-of.ts";
import { commandOf } from "../program-under-test.ts";

const isRoot = process.getuid?.() === 0;
/** No entry in the user database, as for runAsUser in a container. */
const unknownUser = 54_321;

let installation: Installation;
let cloud: Cloud;
let folder: string;
let kubeconfig: string;
/** A kubeconfig whose exec entry runs another command. */
let entryOf: (command: string) => object;

beforeAll(async () => {
  installation = install();
  cloud = await openCloud();
  await cloud.addCluster({
    name: "demo",
    awsAuth: {
      mapRoles: `- rolearn: ${iam("eks-read-only")}\n  username: viewer\n  groups: [eks-x509:viewers]\n`,
    },
  });
  const debugging = new Debugging(cloud, installation.program);
  entryOf = (command) => debugging.kubeconfig({ exec: { command, args: [] } });
  folder = join(cloud.folder, "nobody");
  mkdirSync(folder);
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(debugging.kubeconfig({})));
  for (const path of [cloud.folder, join(cloud.folder, "inputs"), installation.folder])
    chmodSync(path, 0o755);
  for (const path of [debugging.certificate, debugging.privateKey, cloud.caFile, kubeconfig])
    chmodSync(path, 0o644);
});

afterAll(async () => {
  await cloud.close();
  installation.remove();
});

interface Run {
  args?: string[];
  env?: NodeJS.ProcessEnv;
  uid?: number;
  cwd?: string;
  /** Removes the current folder before the program starts. */
  isGone?: boolean;
}

async function debug({ args = [], env = {}, uid, cwd = "/", isGone = false }: Run) {
  const { aws, caFile } = cloud;
  const endpoints = ["ROLESANYWHERE", "STS", "EKS"].map(
    (service) => [`AWS_ENDPOINT_URL_${service}`, aws] as const,
  );
  const command = [...commandOf(installation.program), "token", "debug", "-o", "json", ...args];
  const words = isGone ? ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", ...command] : command;
  const [file = "", ...rest] = words;
  const child = spawn(file, rest, {
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      AWS_CA_BUNDLE: caFile,
      ...Object.fromEntries(endpoints),
      ...env,
    },
  });
  const output = outputOf(child);
  child.stdin.end();
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, ...output };
}

function verdict(stdout: string): string {
  return fromJson<ReportJson>(stdout).verdict;
}

describe.runIf(isRoot)("a user without an entry in the user database", () => {
  it("who cannot enter the folder of the entry's command is not sent to look for it", async () => {
    const command = join(cloud.folder, "closed", "tool");
    mkdirSync(dirname(command), { mode: 0o700 });
    writeFileSync(command, "#!/bin/sh\n", { mode: 0o755 });
    const file = join(folder, "closed.yaml");
    writeFileSync(file, JSON.stringify(entryOf(command)), { mode: 0o644 });
    const { stdout } = await debug({ uid: unknownUser, args: ["--kubeconfig", file] });
    const failed = fromJson<ReportJson>(stdout).hops.find(({ status }) => status === "failed");
    expect(failed).toMatchObject({ name: "plugin", code: "PLUGIN_NOT_EXECUTABLE" });
    expect(failed?.detail).toContain("in a folder that this user cannot enter");
  });

  it.each([{}, { HOME: "" }, { HOME: "/nonexistent" }, { HOME: "relative" }])(
    "and %j is served by KUBECONFIG and by --kubeconfig",
    async (home) => {
      const byList = await debug({ uid: unknownUser, env: { ...home, KUBECONFIG: kubeconfig } });
      expect([byList.code, byList.stderr, byList.stdout && verdict(byList.stdout)]).toEqual([
        0,
        "",
        "accepted",
      ]);
      const byFlag = await debug({ uid: unknownUser, env: home, args: ["--kubeconfig", kubeconfig] });
      expect([byFlag.code, byFlag.stderr]).toEqual([0, ""]);
    },
  );

  it("and without a home reports that the default kubeconfig is unknown", async () => {
    const { code, stdout } = await debug({ uid: unknownUser });
    expect(code).toBe(2);
    expect(fromJson<ReportJson>(stdout).hops[0]).toMatchObject({
      status: "failed",
      code: "KUBECONFIG_HOME_UNKNOWN",
    });
  });
});

describe("a current folder that is gone", () => {
  const gone = (): string => {
    const path = join(folder, "gone");
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    return path;
  };

  it("is no matter where all paths are absolute", async () => {
    const { code, stdout, stderr } = await debug({
      cwd: gone(),
      isGone: true,
      env: { KUBECONFIG: kubeconfig },
    });
    expect([code, stderr, stdout && verdict(stdout)]).toEqual([0, "", "accepted"]);
  });

  it("is named where a path needs it", async () => {
    cpSync(kubeconfig, join(folder, "config"));
    const { code, stdout, stderr } = await debug({
      cwd: gone(),
      isGone: true,
      args: ["--kubeconfig", "config"],
    });
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/KUBECONFIG_NOT_THERE|CURRENT_FOLDER_MISSING/);
  });
});
