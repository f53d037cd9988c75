/**
 * Clients that stay open for long: kubectl's client-go and an informer, while tokens and sessions end, the certificate is renewed, the
 * API server goes down and Roles Anywhere is away. They go on, and what is asked of Roles Anywhere is what
 * it has to be: one session for each token's life in which a client makes a request. A watch that is open is no request.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named } from "../cache/keychain/programs.ts";
import { keyPair, leaf, root, type Issued } from "../certificates.ts";
import { Client, informerCommand, kubeconfigFor, needless, sessionsOf, tokenEnd } from "./long-lived.ts";
import { World } from "./plugin.ts";
import { assets, emptyHome, kubectls } from "./sandbox-process.ts";
import { Switch } from "./switch.ts";
import { folderOf } from "./trail.ts";
import { until } from "../until.ts";

const kubectl = kubectls(["1.33"]).findLast(({ path }) => path !== undefined)?.path ?? "";
const noKubectl = kubectl === "" ? "there is no kubectl" : undefined;
const noRealServer = assets === undefined ? "KUBEBUILDER_ASSETS is not set" : undefined;
const onRealServer = (name: string, test: () => Promise<void>): void => {
  it.skipIf(noRealServer)(named(name, noRealServer), test);
};

/** Tokens live for so many seconds: as few as let a slow machine use one. */
const tokenLife = assets === undefined ? 4 : 5;

describe.skipIf(noKubectl)(named("clients that stay open", noKubectl), () => {
  const folder = emptyHome();
  const authority = root("Company CA");
  const place = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  };
  const issue = ({ pem, keyPem }: Issued): string[] => [
    ...["--certificate", place("alice.pem", pem), "--private-key", place("alice.key", keyPem)],
  ];

  let world: World;
  let rolesAnywhere: Switch;
  let env: NodeJS.ProcessEnv;
  let proxy: Client;
  let informer: Client;
  let watcher: Client | undefined;
  let url: string;

  beforeAll(async () => {
    world = await World.open({}, [
      ...issue(leaf(authority)),
      ...["--trust-anchor", place("ca.pem", authority.pem)],
      ...["--session-duration", String(60 + tokenLife)],
    ]);
    rolesAnywhere = await Switch.before(world.sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
    const clients = { proxy: "demo-admin", informer: "demo", watcher: "demo" } as const;
    const KUBECONFIG = kubeconfigFor(world.sandbox.env, clients, rolesAnywhere.endpoint);
    env = { ...world.sandbox.env, KUBECONFIG };
  });
  afterAll(async () => {
    for (const client of [proxy, informer, watcher]) await client?.close();
    rolesAnywhere.close();
    await world.close();
  });

  const sessions = (client: string): number => sessionsOf(env, client).length;
  const over = async (client: string): Promise<void> => {
    const last = sessionsOf(env, client).at(-1);
    await delay(Math.max(0, (last ? tokenEnd(last) : 0) - Date.now() + 100));
  };
  /** More than one where a slow machine outlives a token: what counts is that each was needed. */
  const expectNeeded = (before: readonly number[]): void => {
    for (const [index, client] of ["proxy", "informer"].entries()) {
      expect(sessions(client)).toBeGreaterThan(before[index] ?? 0);
      expect(needless(env, client)).toEqual([]);
    }
  };
  const get = async (): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${url}/api/v1/namespaces`);
    return { status: response.status, text: await response.text() };
  };
  const gets = async (count: number): Promise<number[]> =>
    (await Promise.all(Array.from({ length: count }, get))).map(({ status }) => status);
  const create = async (name: string): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/v1/namespaces`, {
      method: "POST",
      headers,
      body: JSON.stringify({ metadata: { name } }),
    });
    expect([201, 409], await response.text()).toContain(response.status);
  };
  const serialOfLast = (client: string): string =>
    new X509Certificate(
      Buffer.from(sessionsOf(env, client).at(-1)?.requestParameters?.cert ?? "", "base64"),
    ).serialNumber.toLowerCase();

  it("each begins with a session, whatever the number of its requests", async () => {
    informer = new Client(informerCommand("informer"), env);
    proxy = new Client([kubectl, "--context=proxy", "proxy", "--port=0"], env);
    if (assets) watcher = new Client([kubectl, "--context=watcher", "get", "ns", "--watch"], env);
    url = `http://${(await proxy.says(/Starting to serve on (\S+)/))[1] ?? ""}`;
    expect(await gets(10)).toEqual(Array.from({ length: 10 }, () => 200));
    await informer.says(/"added":"kube-system"/);
    await watcher?.says(/^kube-system /m);
    for (const client of ["proxy", "informer"]) {
      expect(sessions(client)).toBeGreaterThan(0);
      expect(needless(env, client)).toEqual([]);
    }
  });

  it("the token's end, and a certificate renewed on disk: ten requests at once bring one session, the new certificate's", async () => {
    issue(leaf(authority, { serial: 0x5eeden, keys: keyPair("p256", "renewed") }));
    await Promise.all([over("proxy"), over("informer"), over("watcher")]);
    const before = sessions("proxy");
    expect(await gets(10)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(sessions("proxy")).toBeGreaterThan(before);
    expect(serialOfLast("proxy")).toBe("05eede");
    expect(needless(env, "proxy")).toEqual([]);
  });

  it("a watch that is open goes on, and is no request; one that is opened anew is", async () => {
    const before = [sessions("informer"), sessions("watcher")];
    await create("after-the-end");
    await informer.says(/"added":"after-the-end"/);
    await watcher?.says(/^after-the-end /m);
    // The embedded API ends a watch with the first change: the informer opens another one, with a new token.
    if (assets) expect([sessions("informer"), sessions("watcher")]).toEqual(before);
    else await until(() => serialOfLast("informer") === "05eede");
  });

  onRealServer(
    "kubectl get --watch ends with its watch: the API server's end is an exit with 0",
    async () => {
      process.kill(pidOf("kube-apiserver"), "SIGKILL");
      expect(await watcher?.ended).toBe(0);
      await informer.says(/"failed":/);
    },
  );

  onRealServer("the API server is back: both clients go on", async () => {
    await until(async () => (await get()).status === 200);
    await create("back");
    await informer.says(/"added":"back"/);
    expect(serialOfLast("informer")).toBe("05eede");
    expect([needless(env, "proxy"), needless(env, "informer")]).toEqual([[], []]);
  });

  it("Roles Anywhere is away: requests fail and say so; it is back: they go on", async () => {
    rolesAnywhere.turn("off");
    await Promise.all([over("proxy"), over("informer")]);
    const before = [sessions("proxy"), sessions("informer")];
    const [failed, refused] = await Promise.all([get(), informer.asks("list", /"(refused|listed)":.*/)]);
    expect(failed).toMatchObject({ status: 500 });
    expect(failed.text).toContain("failed with exit code 4");
    expect(refused).toMatch(/refused":"eks-x509: create-session: .*\(CONNECTION_[A-Z]+\)/);
    expect([sessions("proxy"), sessions("informer")]).toEqual(before);
    rolesAnywhere.turn("on");
    expect((await get()).status).toBe(200);
    expect(await informer.asks("list", /"(refused|listed)":.*/)).toContain("listed");
    expectNeeded(before);
  });

  onRealServer(
    "Roles Anywhere and STS do not answer for two seconds: requests wait, and are served",
    async () => {
      await Promise.all([over("proxy"), over("informer")]);
      const before = [sessions("proxy"), sessions("informer")];
      world.sandbox.process.kill("SIGSTOP");
      const answers = Promise.all([gets(5), informer.asks("list", /"(refused|listed)":.*/)]);
      await delay(2000);
      world.sandbox.process.kill("SIGCONT");
      const [statuses, listed] = await answers;
      expect([new Set(statuses), listed]).toEqual([new Set([200]), expect.stringContaining("listed")]);
      expectNeeded(before);
    },
  );

  it("all the while, nobody asked for a session whose last token was good", () => {
    for (const client of ["proxy", "informer", "watcher"]) expect(needless(env, client)).toEqual([]);
    expect([proxy.child.exitCode, informer.child.exitCode]).toEqual([null, null]);
  });

  function pidOf(name: string): number {
    return Number(readFileSync(join(folderOf(env), "control-plane", `${name}.pid`), "utf8"));
  }
});
