/**
 * A token that the cluster begins to refuse before its time: real client processes, real kubectl, the sandbox's count of sessions. The limits
 * are spans of the clock, so what is asserted is that there are never more than the spans that a test has touched.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { readRecord, writeRecord } from "../cache/records.ts";
import { fromJson } from "../json.ts";
import { KeyringSession } from "./keyring-session.ts";
import { accessKeyOf, tokenOf, World, type Outcome, type Run } from "./plugin.ts";
import { RefusingApi } from "./refusing-api.ts";
import { emptyHome, kubectls, run as runProgram } from "./sandbox-process.ts";
import { secretsIn } from "./secrets.ts";
import { isThorough } from "../thorough.ts";

const many = isThorough ? 50 : 8;

const noKeyring = noKernelKeyring();
const limit = { timeout: 300_000 };
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe.skipIf(noKeyring)(named("with the kernel's keyring", noKeyring), limit, () => {
  let world: World;
  let keyring: KeyringSession;
  let before: { requests: number; time: number };

  beforeAll(async () => {
    world = await World.open({ env: { EKS_X509_CACHE: "keyutils" } });
  });
  afterAll(async () => {
    await world.close();
  });
  beforeEach(async () => {
    keyring = await KeyringSession.open();
    before = { requests: world.requests(), time: Date.now() };
  });
  afterEach(() => {
    keyring.close();
  });

  /** Each test with a session of its own kind: what was done about another's does not count against it. */
  let count = 0;
  let own: string[];
  beforeEach(() => {
    count += 1;
    own = [`--session-duration=${3600 - count}`];
  });
  const run = (options: Run = {}): Promise<Outcome> =>
    world.run({
      ...options,
      flags: [...own, ...(options.flags ?? [])],
      within: (command) => keyring.within(command),
    });
  /** The tokens that one client process is given, one after another. */
  const tokensOf = async (runs: number): Promise<string[]> => tokensIn(await run({ runs }));
  const requests = (): number => world.requests() - before.requests;
  /** How many spans of the clock the test has touched so far. */
  const touched = (span: number): number =>
    Math.floor(Date.now() / span) - Math.floor(before.time / span) + 1;

  /** As if entries had been made, or the clock set, by as much: earlier when negative. */
  function shift(milliseconds: number): void {
    for (const kind of ["token", "session"] as const) {
      const entry = keyring.entry(kind);
      const account = entry.description.replace(/^keyring:|@eks-x509$/g, "");
      const record = readRecord(account, keyring.read(entry)) ?? expect.fail(account);
      const [createdAt, expiration] = [record.createdAt, record.expiration].map(
        (time) => new Date(time.getTime() + milliseconds),
      );
      if (createdAt && expiration)
        keyring.overwrite(entry, writeRecord(account, { ...record, createdAt, expiration }));
    }
  }

  describe("a client process that asks again", () => {
    it("gets another token of the same session; other clients get that from the cache", async () => {
      const [first = "", other = ""] = await tokensOf(2);
      expect(other).not.toBe(first);
      expect(accessKeyOf(other)).toBe(accessKeyOf(first));
      expect([tokenOf(await run()), tokenOf(await run())]).toEqual([other, other]);
      expect(requests()).toBe(1);
    });

    it("has the reason in its log", async () => {
      const { stderr } = await run({ runs: 2, flags: ["--verbose"] });
      expect(stderr).toMatch(
        /^eks-x509: token: the client has it and requests it again, so the cluster may refuse it: signed again$/m,
      );
    });

    it("gets a new session the third time, when the one it had is not new", async () => {
      const [first = ""] = await tokensOf(1);
      shift(-2 * minute);
      const keys = (await tokensOf(3)).map(accessKeyOf);
      expect(keys.slice(0, 2)).toEqual([accessKeyOf(first), accessKeyOf(first)]);
      expect(keys[2]).not.toBe(accessKeyOf(first));
      expect(accessKeyOf(tokenOf(await run()))).toBe(keys[2]);
      expect(requests()).toBe(2);
    });

    it("gets another for the cluster that it asks for, and no other", async () => {
      const script = `"$@"; "$@" --cluster-name=another; "$@"`;
      const [demo = "", another = "", again = ""] = tokensIn(
        await world.run({
          flags: own,
          within: ([, , , , , ...command]) => keyring.within(["sh", "-c", script, "client", ...command]),
        }),
      );
      expect(new Set([demo, another, again]).size).toBe(3);
      expect(tokenOf(await run({ flags: ["--cluster-name=another"] }))).toBe(another);
      expect(requests()).toBe(1);
    });

    it(`and again, and again: ${many} times are no storm`, async () => {
      await run();
      shift(-2 * minute);
      const tokens = await tokensOf(many);
      expect(tokens).toHaveLength(many);
      expect(requests()).toBeGreaterThanOrEqual(2);
      expect(requests()).toBeLessThanOrEqual(1 + touched(15 * minute));
      expect(new Set(tokens).size).toBeLessThanOrEqual(1 + touched(10 * second) + touched(15 * minute));
    });

    it(`among ${many} that all do so at once: no storm`, async () => {
      await run();
      shift(-2 * minute);
      const clients = await Promise.all(Array.from({ length: many }, () => run({ runs: 3 })));
      expect(clients.map(tokensIn).every((tokens) => tokens.length === 3)).toBe(true);
      expect(requests()).toBeLessThanOrEqual(1 + touched(15 * minute));
      const tokens = new Set(clients.flatMap(tokensIn));
      expect(tokens.size).toBeGreaterThan(1);
      expect(tokens.size).toBeLessThanOrEqual(1 + touched(10 * second) + touched(15 * minute));
    });

    it("leaves nothing secret in a file, and nothing at all without a cache", async () => {
      const [first = "", other = ""] = await tokensOf(2);
      expect(secretsIn(world.runtime, [first, other, accessKeyOf(first)])).toEqual([]);
      const folder = join(world.runtime, "eks-x509");
      const files = readdirSync(folder);
      await run({ runs: 2, flags: ["--cache=none"] });
      expect(readdirSync(folder)).toEqual(files);
    });
  });

  describe("when the clock goes", () => {
    it.each([
      ["an hour forward, as after a laptop's sleep", -hour],
      ["a day forward", -24 * hour],
      ["an hour back", hour],
      ["a day back", 24 * hour],
    ])("%s: one new session, for all", async (_, change) => {
      const [first = ""] = await tokensOf(1);
      shift(change);
      const [one = "", again = ""] = await tokensOf(2);
      expect(accessKeyOf(one)).not.toBe(accessKeyOf(first));
      expect(again).not.toBe(one);
      expect(tokenOf(await run())).toBe(again);
      expect(requests()).toBe(2);
    });
  });

  // The ordinary run takes the oldest: the one on PATH can be a dispatcher, which runs two.
  const found = kubectls().slice(0, 2);
  describe.each(isThorough ? found : found.slice(found.findLastIndex(({ path }) => path !== undefined)))(
    "$name",
    ({ path }) => {
      const test = path === undefined ? it.skip : it;
      let api: RefusingApi;
      let env: NodeJS.ProcessEnv;

      beforeEach(async () => {
        const kubeconfig = fromJson<Kubeconfig>(
          JSON.stringify(load(readFileSync(world.sandbox.env["KUBECONFIG"] ?? "", "utf8"))),
        );
        const [{ cluster }] = kubeconfig.clusters;
        const ca = Buffer.from(cluster["certificate-authority-data"], "base64").toString();
        api = await RefusingApi.before(cluster.server, ca);
        for (const each of kubeconfig.clusters)
          each.cluster = { server: api.url, "insecure-skip-tls-verify": true };
        for (const { user } of kubeconfig.users) user.exec.args.push(...own);
        const home = emptyHome();
        const file = join(home, "config");
        writeFileSync(file, dump(kubeconfig), { mode: 0o600 });
        env = {
          ...world.sandbox.env,
          EKS_X509_CACHE: "keyutils",
          XDG_RUNTIME_DIR: world.runtime,
          HOME: home,
          KUBECONFIG: file,
        };
        // The dispatcher of this name asks for the version first, as a client of its own.
        await kubectl("version");
      });
      afterEach(() => {
        api.close();
      });

      async function kubectl(...args: string[]): Promise<{ code: number | null; stdout: string }> {
        const [file = "", ...rest] = keyring.within([path ?? "", ...args]);
        const { code, stdout } = await runProgram(file, rest, env);
        return { code, stdout };
      }
      const getNamespaces = async (): Promise<void> => {
        const { code, stdout } = await kubectl("get", "ns");
        expect(code).toBe(0);
        expect(stdout).toMatch(/^kube-system +Active/m);
      };

      test("whose calls are taken asks once each, and gets the same token", async () => {
        await getNamespaces();
        await getNamespaces();
        expect(new Set(api.tokens).size).toBe(1);
        expect(requests()).toBe(1);
      });

      test("whose token is refused recovers by itself", async () => {
        const refused = api.tokens.at(-1) ?? "";
        api.refuses = (token) => token === refused;
        await kubectl("get", "ns");
        await getNamespaces();
        expect(requests()).toBe(1);
      });

      test("whose session is refused recovers with one new session", async () => {
        const refused = accessKeyOf(api.tokens.at(-1) ?? "");
        api.refuses = (token) => accessKeyOf(token) === refused;
        shift(-2 * minute);
        await kubectl("get", "ns");
        await getNamespaces();
        expect(requests()).toBe(2);
      });

      test("who is refused whatever it has makes no storm", async () => {
        api.refuses = () => true;
        shift(-2 * minute);
        for (let time = 0; time < 2; time += 1) expect((await kubectl("get", "ns")).code).toBe(1);
        expect(requests()).toBeLessThanOrEqual(1 + touched(15 * minute));
      });

      describe("that runs on, as kubectl proxy does", () => {
        let proxy: ChildProcess | undefined;

        /** @returns where it lists namespaces */
        function start(): Promise<string> {
          const [file = "", ...args] = keyring.within([path ?? "", "proxy", "--port=0"]);
          const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "ignore"] });
          proxy = child;
          return new Promise((resolve, reject) => {
            child.stdout.setEncoding("utf8").on("data", (text: string) => {
              const found = /127\.0\.0\.1:\d+/.exec(text)?.[0];
              if (found) resolve(`http://${found}/api/v1/namespaces`);
            });
            child.on("exit", reject);
          });
        }
        afterEach(() => {
          proxy?.kill();
        });

        test("after one refusal of its token, has another at the next request", async () => {
          const address = await start();
          expect(await status(address)).toBe(200);
          const refused = api.tokens.at(-1) ?? "";
          api.refuses = (token) => token === refused;
          expect(await status(address)).toBe(401);
          expect(await status(address)).toBe(200);
          expect(accessKeyOf(api.tokens.at(-1) ?? "")).toBe(accessKeyOf(refused));
          expect(requests()).toBe(1);
        });

        test("after one refusal more, has another session", async () => {
          shift(-2 * minute);
          const address = await start();
          expect(await status(address)).toBe(200);
          const refused = accessKeyOf(api.tokens.at(-1) ?? "");
          api.refuses = (token) => accessKeyOf(token) === refused;
          expect(await status(address)).toBe(401);
          expect(await status(address)).toBe(401);
          expect(await status(address)).toBe(200);
          expect(requests()).toBe(2);
        });

        test(`${many} refusals make no storm`, async () => {
          shift(-2 * minute);
          const address = await start();
          api.refuses = () => true;
          for (let time = 0; time < many; time += 1) expect(await status(address)).toBe(401);
          expect(requests()).toBeLessThanOrEqual(1 + touched(15 * minute));
          expect(new Set(api.tokens).size).toBeLessThanOrEqual(
            1 + touched(10 * second) + touched(15 * minute),
          );
        });
      });
    },
  );
});

interface Kubeconfig {
  clusters: [{ cluster: Cluster }, ...{ cluster: object }[]];
  users: { user: { exec: { args: string[] } } }[];
}

interface Cluster {
  server: string;
  "certificate-authority-data": string;
}

function tokensIn({ code, stdout, ...outcome }: Outcome): string[] {
  const lines = stdout.split("\n").filter(Boolean);
  return lines.map((line) => tokenOf({ ...outcome, code, stdout: line }));
}

function status(address: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(address, (response) => {
      response.resume().on("end", () => {
        resolve(response.statusCode);
      });
    }).on("error", reject);
  });
}
