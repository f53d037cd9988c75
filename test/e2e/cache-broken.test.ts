/** Whatever is wrong with keychain and lock, get-token prints a token, ends with 0 and says nothing, unless it is asked to. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { executable } from "../program-under-test.ts";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { intermediate, leaf, root } from "../certificates.ts";
import { accessKeyOf, tokenOf, World, type Run } from "./plugin.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => {
  await world.close();
});

async function expectToken(run: Run): Promise<string> {
  const quiet = await world.run(run);
  expect({ code: quiet.code, stderr: quiet.stderr }).toEqual({ code: 0, stderr: "" });
  expect(tokenOf(quiet)).toMatch(/^k8s-aws-v1\./);
  const { code, stderr } = await world.run({ ...run, flags: ["--verbose"] });
  expect(code).toBe(0);
  return stderr;
}

const nowhere = "/proc/self/nowhere";

describe("there is a token", () => {
  it("without D-Bus", async () => {
    const env = { EKS_X509_CACHE: "keychain", DBUS_SESSION_BUS_ADDRESS: undefined, XDG_RUNTIME_DIR: nowhere };
    expect(await expectToken({ env })).toMatch(/^eks-x509: cache: session\/\S+ was not stored: \S/m);
  });

  it("with a D-Bus that nobody answers at", async () => {
    const env = { EKS_X509_CACHE: "keychain", DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" };
    expect(await expectToken({ env })).toMatch(/^eks-x509: cache: session\/\S+ was not stored: \S/m);
  });

  // The front reads the kernel's keyring itself, so it hits without the native code.
  it.skipIf(executable !== undefined)("without the native code", async () => {
    const { nativeCode: native } = world.installation;
    spawnSync("mv", [native, `${native}.away`]);
    const stderr = await expectToken({ env: { EKS_X509_CACHE: "keyutils" } });
    spawnSync("mv", [`${native}.away`, native]);
    expect(stderr).toMatch(/missed: @napi-rs\/keyring is not (installed|beside the executable)$/m);
  });

  it.each([
    ["none", undefined],
    ["one that does not exist", nowhere],
    ["a file", "/etc/passwd"],
    ["one that is not absolute", "."],
    ["one too long for a socket", `/tmp/${"x".repeat(90)}`],
  ])("when the runtime folder is %s", async (_, folder) => {
    await expectToken({ env: { EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: folder } });
  });

  it("without any folder for locks, which is logged", async () => {
    const env = { EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: nowhere, TMPDIR: nowhere };
    expect(await expectToken({ env })).toMatch(/^eks-x509: cache: no lock there: \S/m);
  });

  it("when others may enter the runtime folder: another one is taken", async () => {
    const open = join(world.sandbox.home, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    const stderr = await expectToken({ env: { EKS_X509_CACHE: "none", XDG_RUNTIME_DIR: open } });
    expect(stderr).toMatch(/^eks-x509: cache: no lock there: \S+ is open to other users/m);
  });
});

const noKeyring = noKernelKeyring();
describe.skipIf(noKeyring)(named("there is a token", noKeyring), () => {
  const spoilt =
    (command: string) =>
    (program: readonly string[]): string[] => [
      "keyctl",
      "session",
      "-",
      "sh",
      "-c",
      `${command} && exec "$@"`,
      "sh",
      ...program,
    ];

  it.each([
    ["may not be searched", "keyctl setperm @s 0x01010000 >/dev/null"],
    ["may not be written to", "keyctl setperm @s 0x3b3b0000 >/dev/null"],
    ["has been revoked", "keyctl revoke @s"],
  ])("when the session's keyring %s", async (_, command) => {
    for (const mode of ["auto", "keyutils"])
      await expectToken({ env: { EKS_X509_CACHE: mode }, within: spoilt(command) });
  });
});

const runs = (...command: [string, ...string[]]): boolean =>
  spawnSync(command[0], command.slice(1)).status === 0;
const another = 54_321;
const noQuota =
  noKeyring ??
  (process.getuid?.() === 0 ? undefined : "only root can become an ordinary user, who has a quota") ??
  (runs("setpriv", "--reuid", String(another), "--clear-groups", "true") ? undefined : "no setpriv");

describe.skipIf(noQuota)(named("a user whose kernel keyring is full", noQuota), () => {
  let folder: string;
  let users: World;
  const authority = root();
  const issuer = intermediate(authority);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "eks-x509-quota-"));
    chmodSync(folder, 0o755);
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      chownSync(join(folder, name), another, another);
      return join(folder, name);
    };
    const alice = leaf(issuer);
    users = await World.open({}, [
      `--certificate=${file("alice.pem", alice.pem + issuer.pem)}`,
      `--private-key=${file("alice.key", alice.keyPem)}`,
      `--trust-anchor=${file("root.pem", authority.pem)}`,
    ]);
    const ca = users.sandbox.env["AWS_CA_BUNDLE"] ?? "";
    copyFileSync(ca, join(folder, "ca.pem"));
    spawnSync("chmod", ["-R", "go+rX", users.installation.folder, folder]);
  });
  afterAll(async () => {
    await users.close();
    rmSync(`/tmp/eks-x509-${another}`, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  /** One login of that user: several runs in one session. */
  function login(script: string): Run {
    const user = ["setpriv", "--reuid", String(another), "--regid", String(another), "--clear-groups"];
    return {
      // The sandbox's folder is root's alone.
      env: {
        EKS_X509_CACHE: "keyutils",
        AWS_CA_BUNDLE: join(folder, "ca.pem"),
        ...{ HOME: folder, XDG_CONFIG_HOME: folder, XDG_RUNTIME_DIR: undefined, TMPDIR: "/tmp" },
      },
      within: (command) => [...user, ...["keyctl", "session", "-", "sh", "-c", script, "sh", ...command]],
    };
  }
  const cleanUp = `for id in $(keyctl rlist @s) ; do keyctl invalidate $id 2>/dev/null; done; true`;

  it("of many clusters' tokens has the latest ones, and one session for all of them", async () => {
    const script = `for i in $(seq 20); do "$@" --cluster-name=c$i || exit 1; done; "$@" --cluster-name=c20; ${cleanUp}`;
    const before = users.requests();
    const { code, stdout } = await users.run(login(script));
    const tokens = stdout
      .trimEnd()
      .split("\n")
      .map((line) => tokenOf({ code, signal: null, stdout: line, stderr: "" }));
    expect(tokens).toHaveLength(21);
    expect(new Set(tokens.map(accessKeyOf)).size).toBe(1);
    expect(tokens[20]).toBe(tokens[19]);
    expect(users.requests() - before).toBe(1);
  });

  it("of other programs' keys has a token all the same, and its log says why nothing is kept", async () => {
    const fill = `i=0; while head -c 900 /dev/zero | keyctl padd user filler$i @s >/dev/null 2>&1; do i=$((i+1)); done
      i=0; while keyctl add user small$i x @s >/dev/null 2>&1; do i=$((i+1)); done`;
    const { code, stderr } = await users.run({
      ...login(`${fill}; "$@"; code=$?; ${cleanUp}; exit $code`),
      flags: ["--verbose"],
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^eks-x509: cache: session\/\S+ was not stored: \S/m);
  });
});
