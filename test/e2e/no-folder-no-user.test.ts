/** Every command but `token debug`, whose test is beside this one: in a folder that is gone, and for a user whom the machine does not know. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { httpServer } from "../http/servers.ts";
import { expectFailure, folder, program, run, type Result, type Run } from "./program.ts";
import { alice, file, getToken, granting, options } from "./world.ts";
import { commandOf } from "../program-under-test.ts";

const isRoot = process.getuid?.() === 0;
/** No entry in the user database, as for runAsUser in a container. */
const unknownUser = 54_322;

let endpoint = "";
const kubeconfigs = mkdtempSync(join(folder, "kubeconfigs-"));
const kubeconfig = join(kubeconfigs, "config");
const authority = file("ca.pem", alice.pem);

beforeAll(async () => {
  endpoint = (await httpServer(granting)).origin;
  for (const path of [folder, options.certificate, options["private-key"], options.intermediates, authority])
    chmodSync(path, 0o755);
  chmodSync(kubeconfigs, 0o777);
});

const updateKubeconfig = (...more: string[]): string[] => [
  "update-kubeconfig",
  "--name=demo",
  `--command=${program}`,
  "--cluster-endpoint=https://127.0.0.1:1",
  `--certificate-authority=${authority}`,
  ...["certificate", "private-key", "trust-anchor-arn", "profile-arn", "role-arn"].map(
    (name) => `--${name}=${new Map(Object.entries(options)).get(name) ?? ""}`,
  ),
  ...more,
];

/** With absolute paths alone. */
const commandsWith = (kubeconfig: string): [name: string, args: () => string[]][] => [
  ["--version", () => ["--version"]],
  ["--help", () => ["--help"]],
  ["get-token", () => getToken({ endpoint })],
  ["get-token with a cache", () => getToken({ endpoint, cache: "auto" })],
  ["cert inspect", () => ["cert", "inspect", options.certificate, `--private-key=${options["private-key"]}`]],
  ["cache list", () => ["cache", "list", "--cache=none"]],
  ["cache clear", () => ["cache", "clear", "--cache=none"]],
  ["completion bash", () => ["completion", "bash"]],
  ["completion zsh", () => ["completion", "zsh"]],
  ["completion fish", () => ["completion", "fish"]],
  ["__complete", () => ["__complete", "token", "debug", `--kubeconfig=${kubeconfig}`, "--context", ""]],
  ["kuberc", () => ["kuberc"]],
  ["update-kubeconfig", () => updateKubeconfig(`--kubeconfig=${kubeconfig}`)],
  ["update-kubeconfig --dry-run", () => updateKubeconfig(`--kubeconfig=${kubeconfig}`, "--dry-run")],
  ["sandbox", () => ["sandbox", "--", "/bin/echo", "hello"]],
];

function expectSuccess({ code, stdout, stderr }: Result): void {
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).not.toBe("");
}

/** The shell would complain that it cannot name its folder, so the folder goes after the shell has started. */
function inGoneFolder(args: readonly string[], more: Run = {}): Promise<Result> {
  const gone = mkdtempSync(join(folder, "gone-"));
  const words = ["-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone, ...commandOf(program)] as const;
  return run(args, { ...more, command: ["/bin/sh", ...words] });
}

describe("in a folder that is gone", () => {
  it.each(commandsWith(kubeconfig))("%s works", async (_name, args) => {
    expectSuccess(await inGoneFolder(args()));
  });

  it("the written entry has the paths that were given", async () => {
    const path = join(kubeconfigs, "absolute");
    expectSuccess(await inGoneFolder(updateKubeconfig(`--kubeconfig=${path}`)));
    expect(readFileSync(path, "utf8")).toContain(`--certificate=${options.certificate}\n`);
  });

  it.each([
    ["get-token", () => getToken({ endpoint, certificate: "alice.pem" }), "identity", "FILE_MISSING"],
    ["cert inspect", () => ["cert", "inspect", "alice.pem"], "identity", "FILE_MISSING"],
    [
      "update-kubeconfig --home-relative",
      () => updateKubeconfig(`--kubeconfig=${kubeconfig}-2`, "--home-relative", "--certificate=alice.pem"),
      "usage",
      "CURRENT_FOLDER_MISSING",
    ],
    [
      "sandbox",
      () => [
        "sandbox",
        "--certificate=alice.pem",
        "--private-key=alice.key",
        `--trust-anchor=${authority}`,
        "--",
        "/bin/echo",
      ],
      "usage",
      "CURRENT_FOLDER_MISSING",
    ],
  ] as const)("%s says what is wrong with a relative path", async (_name, args, category, code) => {
    expectFailure(await inGoneFolder(args()), category, code);
    expect(existsSync(`${kubeconfig}-2`)).toBe(false);
  });
});

describe.runIf(isRoot)("for a user without an entry in the user database", () => {
  async function works(name: string, args: readonly string[], home: Record<string, string>): Promise<void> {
    // An empty variable is like none, for the home too.
    const env = { TMPDIR: "/tmp", XDG_RUNTIME_DIR: "", HOME: "", ...home };
    const { code, stderr } = await run(args, { env, uid: unknownUser });
    const warning =
      name === "update-kubeconfig" ? /^$|^eks-x509: warning: the servers of the clusters/ : /^$/;
    expect([code, stderr]).toEqual([0, expect.stringMatching(warning)]);
  }
  const commands = commandsWith(`${kubeconfig}-of-nobody`);

  it.each(commands)("%s works", async (name, args) => {
    await works(name, args(), {});
  });

  it.each(
    ["/nonexistent", "relative"].flatMap((home) =>
      commands
        .filter(([name]) => ["get-token", "cache list", "update-kubeconfig", "__complete"].includes(name))
        .map(([name, args]) => [name, home, args] as const),
    ),
  )("%s works with HOME=%s", async (name, HOME, args) => {
    await works(name, args(), { HOME });
  });
});

describe("a default config file in a folder that others can change", () => {
  const mounts = spawnSync("unshare", ["-m", "true"]).status === 0;
  // Kubernetes mounts a ConfigMap as a read-only volume, whose folder has mode 777.
  it.skipIf(!mounts).each([
    ["is refused", "true", "CONFIG_FILE_UNTRUSTED"],
    ["is used if nobody can write to the volume", 'mount -o remount,ro "$1"', "OPTION_MISSING"],
  ])("%s (needs the right to mount)", (_what, command, code) => {
    const home = mkdtempSync(join(folder, "home-"));
    const volume = join(home, ".config", "eks-x509");
    mkdirSync(volume, { recursive: true });
    const shell = `mount -t tmpfs -o mode=777 tmpfs "$1" && echo "region: west" >"$1/config.yaml" && ${command} && shift && exec "$@" get-token`;
    const words = ["-m", "sh", "-c", shell, "sh", volume, ...commandOf(program)];
    const { stderr } = spawnSync("unshare", words, { env: { PATH: process.env["PATH"], HOME: home } });
    expect(stderr.toString()).toContain(`(${code})`);
  });
});
