/**
 * Clocks that jump, with the kernel's keyring as cache. The client's machine and AWS moved together are a laptop that has slept, or
 * simply time that goes by; moved apart, a clock that is wrong.
 */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { executable, fullProgram } from "../program-under-test.ts";
import { day, hour, minute, MovedClock, noFaketime } from "./clock.ts";
import { KeyringSession } from "./keyring-session.ts";
import { Client, informerCommand, kubeconfigFor, pluginOf, sessionsOf } from "./long-lived.ts";
import { accessKeyOf, install, tokenOf, type Installation } from "./plugin.ts";
import {
  assets,
  emptyHome,
  kubectls,
  run,
  startSandboxProcess,
  type Outcome,
  type RunningSandbox,
} from "./sandbox-process.ts";
import { Switch } from "./switch.ts";

const noClock = noFaketime() ?? noKernelKeyring();
const kubectl = kubectls(["1.33"]).findLast(({ path }) => path !== undefined)?.path;
const noOpenWatch =
  assets === undefined
    ? "KUBEBUILDER_ASSETS is not set, and the embedded API ends a watch with the first change"
    : kubectl === undefined
      ? "there is no kubectl"
      : undefined;

describe.skipIf(noClock)(named("clocks that jump", noClock), () => {
  const folder = emptyHome();
  const laptop = new MovedClock(join(folder, "laptop"));
  const aws = new MovedClock(join(folder, "aws"));
  let installation: Installation;
  let sandbox: RunningSandbox;
  let rolesAnywhere: Switch;
  let env: NodeJS.ProcessEnv;
  let keyring: KeyringSession;

  beforeAll(async () => {
    installation = install(executable && fullProgram(executable));
    sandbox = await startSandboxProcess([], installation.program, aws.env);
    const users = { hours: "demo", night: "demo", astray: "demo", admin: "demo-admin" } as const;
    rolesAnywhere = await Switch.before(sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
    const KUBECONFIG = kubeconfigFor(sandbox.env, users, rolesAnywhere.endpoint);
    env = { ...sandbox.env, KUBECONFIG, EKS_X509_CACHE: "keyutils", ...laptop.env };
  });
  afterAll(async () => {
    rolesAnywhere.close();
    await sandbox.stop();
    installation.remove();
  });
  beforeEach(async () => {
    keyring = await KeyringSession.open();
  });
  afterEach(() => {
    keyring.close();
    goOnTo(0);
    rolesAnywhere.turn("on");
  });

  /** Seconds from now, for everybody. */
  const goOnTo = (seconds: number): void => {
    aws.set(seconds);
    laptop.set(seconds);
  };
  const sessions = (client: string): number => sessionsOf(env, client).length;
  const open = async (context: string): Promise<Client> => {
    const client = new Client(keyring.within(informerCommand(context)), env);
    await client.says(/"added":"kube-system"/);
    return client;
  };

  it("an hour of requests costs one session, for which Roles Anywhere may be away; a sleep of an hour or a day, one more", async () => {
    const client = await open("hours");
    const counted: [number, number][] = [];
    for (const at of [13, 15, 30, 50, 59.5, 120, 1560]) {
      goOnTo(at * minute);
      rolesAnywhere.turn(at < 59 ? "off" : "on");
      expect(await client.asks("list", /"(refused|listed)":.*/)).toContain("listed");
      counted.push([at, sessions("hours")]);
    }
    await client.close();
    expect(counted).toEqual([
      [13, 1],
      // The token's 14 minutes are over: another one of the same session.
      [15, 1],
      [30, 1],
      // This token ends a minute before the session does.
      [50, 1],
      [59.5, 2],
      [120, 3],
      [1560, 4],
    ]);
  });

  it.skipIf(noOpenWatch)(named("a watch that is open goes on after a day's sleep", noOpenWatch), async () => {
    const client = await open("night");
    goOnTo(day);
    const create = await run(kubectl ?? "", ["--context=admin", "create", "ns", "next-morning"], env);
    expect(create).toMatchObject({ code: 0, stderr: "" });
    await client.says(/"added":"next-morning"/);
    expect(sessions("night")).toBe(1);
    await client.close();
  });

  const plugin = (): Promise<Outcome> => {
    const { command, env: own } = pluginOf(env["KUBECONFIG"] ?? "", "astray");
    const [file = "", ...args] = keyring.within(command);
    return run(file, args, { ...env, ...own });
  };

  const sessionIn = (outcome: Outcome): string => accessKeyOf(tokenOf({ ...outcome, signal: null }));

  it.each([
    ["an hour ahead", hour],
    ["a day behind", -day],
  ])(
    "a clock that is %s is reported; when it is right again, the cached entry is used",
    async (_how, wrong) => {
      const session = sessionIn(await plugin());
      const before = sessions("astray");
      laptop.set(wrong);
      const refused = await plugin();
      expect(refused).toMatchObject({ code: 5, stdout: "" });
      expect(refused.stderr).toMatch(/clock is .* (ahead of|behind) AWS's/);
      expect(refused.stderr).toContain("(REFUSED_CLOCK_SKEW)");
      laptop.set(0);
      // Another token perhaps: who asks twice for one that is good may have been refused with it.
      expect(sessionIn(await plugin())).toBe(session);
      expect(sessions("astray")).toBe(before);
    },
  );
});
