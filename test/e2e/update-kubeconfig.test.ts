/** From nothing to a kubeconfig that kubectl works with: the built program, the sandbox's EKS, real kubectl. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { KeyringSession } from "./keyring-session.ts";
import { KubeconfigWriter, type Around } from "./kubeconfig-writer.ts";
import { World } from "./plugin.ts";
import { emptyHome, kubectls, run, type Outcome } from "./sandbox-process.ts";

let world: World;
let writer: KubeconfigWriter;
let roles: KubeconfigWriter["roles"];
let file: string;

beforeAll(async () => {
  world = await World.open();
  writer = new KubeconfigWriter(world);
  ({ roles } = writer);
});
afterAll(() => world.close());

beforeEach(() => {
  file = writer.newFile();
});

const updateKubeconfig = (flags: readonly string[], around?: Around): Promise<Outcome> =>
  writer.write(file, flags, around);

describe("update-kubeconfig", () => {
  it("writes a file that only its owner can read, in a folder that it makes", async () => {
    const { code, stdout, stderr } = await updateKubeconfig(["--name=demo", roles.viewer]);
    const context = "eks-read-only@arn:aws:eks:us-west-2:111122223333:cluster/demo";
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `Added new context ${context} to ${file}\n`,
      stderr: "",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    expect((await updateKubeconfig(["--name=demo", roles.viewer])).stdout).toMatch(/^Updated context /);
  });

  it("finds all clusters of the region", async () => {
    const { code, stdout } = await updateKubeconfig(["--all", roles.viewer]);
    expect(code).toBe(0);
    expect(stdout).toContain("cluster/demo to");
  });

  it("names the clusters that there are, when one is not", async () => {
    const { code, stdout, stderr } = await updateKubeconfig(["--name=dmo", roles.viewer]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(
      /^eks-x509: eks: EKS in us-west-2 refused .*\(EKS_CLUSTER_NOT_FOUND\)\n {2}EKS lists: /,
    );
    expect(stderr).toContain("demo");
  });

  it("writes nothing with --dry-run", async () => {
    const { stdout } = await updateKubeconfig(["--name=demo", "--dry-run", roles.viewer]);
    expect(stdout).toContain("current-context: eks-read-only@");
    expect(() => statSync(file)).toThrow("ENOENT");
  });

  it("asks nobody where the cluster's endpoint and CA are given", async () => {
    const ca = world.sandbox.env["AWS_CA_BUNDLE"] ?? "";
    const before = world.sandbox.output();
    const { code } = await updateKubeconfig([
      "--name=demo",
      "--cluster-endpoint=https://127.0.0.1:1",
      `--certificate-authority=${ca}`,
      roles.viewer,
    ]);
    expect(code).toBe(0);
    expect(world.sandbox.output()).toBe(before);
  });
});

describe.each(kubectls())("$name", ({ path }) => {
  const home = emptyHome();
  const kubectl = (...args: string[]): Promise<Outcome> =>
    run(path ?? "", args, { ...world.sandbox.env, HOME: home });
  const test = path === undefined ? it.skip : it;

  test("signs in by an entry that has all in its args, of the older version", async () => {
    const args = [`--kubeconfig=${await inlineEntry()}`, "auth", "can-i", "list", "ns"];
    expect((await kubectl(...args)).stdout).toBe("yes\n");
  });
});

let written: Promise<string> | undefined;

/** Written once. What the others write is used in many-clusters.test.ts. */
function inlineEntry(): Promise<string> {
  written ??= (async () => {
    const path = file;
    await updateKubeconfig(["--name=demo", "--inline-args", "--exec-api-version=v1beta1", roles.viewer]);
    return path;
  })();
  return written;
}

const noKeyring = noKernelKeyring();
const [{ path: anyKubectl } = { path: undefined }] = kubectls();

describe.skipIf(noKeyring ?? (anyKubectl === undefined ? "no kubectl" : undefined))(
  named("with the kernel's keyring", noKeyring),
  () => {
    let keyring: KeyringSession;

    beforeEach(async () => {
      keyring = await KeyringSession.open();
    });
    afterEach(() => {
      keyring.close();
    });

    it("the kubectl that follows uses the session that update-kubeconfig made: one a role", async () => {
      const around = {
        env: { EKS_X509_CACHE: "auto" },
        within: (command: readonly string[]) => keyring.within(command),
      };
      const before = world.requests();
      for (const role of [roles.viewer, roles.admin]) {
        await updateKubeconfig(["--name=demo", role], around);
        const [command = "", ...args] = keyring.within([
          anyKubectl ?? "",
          `--kubeconfig=${file}`,
          "get",
          "ns",
        ]);
        const { code } = await run(command, args, { ...world.sandbox.env, EKS_X509_CACHE: "auto" });
        expect(code).toBe(0);
      }
      expect(world.requests() - before).toBe(2);
    });
  },
);
