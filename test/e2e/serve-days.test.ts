/** What takes its time: a day of serve, ten thousand hostile requests, and load from another process. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { named } from "../cache/keychain/programs.ts";
import { hostileRequest, randomFrom, sendHostile } from "../serve/edge/hostile-requests.ts";
import { containing } from "../matching.ts";
import { isThorough } from "../thorough.ts";
import { until } from "../until.ts";
import { hour, minute, MovedClock, noFaketime } from "./clock.ts";
import { install, type Installation } from "./plugin.ts";
import { emptyHome, startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";
import { CertificateVolume, identityFlags, ServeProcess, type Credentials } from "./serve-process.ts";
import { Switch } from "./switch.ts";

const skipped = isThorough ? undefined : "EKS_X509_TESTS is not all";

describe.skipIf(skipped)(named("serve under attack and under load", skipped), () => {
  let installation: Installation;
  let sandbox: RunningSandbox;

  beforeAll(async () => {
    installation = install();
    sandbox = await startSandboxProcess([], installation.program);
  });
  afterAll(async () => {
    await sandbox.stop();
    installation.remove();
  });

  it(
    "answers none of 10,000 hostile requests with a credential, and goes on",
    { timeout: 600_000 },
    async () => {
      const tokenFile = join(emptyHome(), "token");
      const flags = [...identityFlags(sandbox.env), `--token-file=${tokenFile}`];
      const server = new ServeProcess({ env: sandbox.env, program: installation.program, flags });
      await server.says("listening");
      const authorization = readFileSync(tokenFile, "utf8");
      const metadataToken = await (await server.fetch("/latest/api/token", { method: "PUT" })).text();
      const secrets = { authorization, metadataToken, role: "eks-read-only" };
      const right = await server.container(authorization);
      if (typeof right === "number") expect.fail(`no credentials: ${right}`);
      const port = Number(new URL(server.url).port);
      const random = randomFrom(20_261_127);
      for (let sent = 0; sent < 10_000; sent += 100) {
        const requests = Array.from({ length: 100 }, () => hostileRequest(secrets, random));
        const answers = await Promise.all(requests.map((request) => sendHostile(port, request)));
        answers.forEach((answer, index) => {
          if (answer.includes(right.SecretAccessKey) || answer.includes(right.Token))
            expect.fail(JSON.stringify(requests[index]).slice(0, 2_000));
        });
      }
      expect(await server.container(authorization)).toEqual(right);
      expect(await server.metadata()).toMatchObject({ AccessKeyId: right.AccessKeyId });
      expect(await server.end()).toBe(0);
      for (const secret of [right.SecretAccessKey, right.Token, authorization, metadataToken])
        expect(server.log).not.toContain(secret);
    },
  );

  it("has a flat memory under load", { timeout: 300_000 }, () => {
    const script = fileURLToPath(new URL("../../scripts/serve-load.js", import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [script, "--seconds=60"], { encoding: "utf8" });
    console.log(stdout);
    expect({ status, stdout }).toMatchObject({ status: 0 });
  });
});

const noDay = skipped ?? noFaketime();

/** A pod with three certificates in turn, a clock of its own, and a way to Roles Anywhere that can be off. */
async function openPod(sandboxFlags: readonly string[], sandboxEnv: (folder: string) => NodeJS.ProcessEnv) {
  const folder = emptyHome();
  const clock = new MovedClock(join(folder, "pod"));
  const ca = root("Day Root");
  const issuer = intermediate(ca, "Day Issuing");
  const certificate = (serial: number) => {
    const issued = leaf(issuer, {
      name: "pod",
      serial: BigInt(serial),
      keys: keyPair("p256", `day ${serial}`),
    });
    return { pem: issued.pem + issuer.pem, keyPem: issued.keyPem };
  };
  const [first, second, third] = [certificate(1), certificate(2), certificate(3)];
  const volume = new CertificateVolume(join(folder, "volume"));
  volume.write(first, first);
  writeFileSync(join(folder, "root.pem"), ca.pem);
  const installation = install();
  const rehearsal = [...volume.flags, `--trust-anchor=${join(folder, "root.pem")}`, ...sandboxFlags];
  const sandbox = await startSandboxProcess(rehearsal, installation.program, sandboxEnv(folder));
  const rolesAnywhere = await Switch.before(sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
  const tokenFile = join(folder, "token");
  const env = { ...sandbox.env, ...clock.env, AWS_ENDPOINT_URL_ROLESANYWHERE: rolesAnywhere.endpoint };
  const flags = [...identityFlags(sandbox.env), `--token-file=${tokenFile}`];
  const server = new ServeProcess({ env, program: installation.program, flags });
  const answers = async (): Promise<(Credentials | number)[]> => [
    await server.container(readFileSync(tokenFile, "utf8")),
    await server.metadata(),
  ];
  const made = (): number => server.count("session-made");
  const renewed = (times: number): Promise<void> =>
    until(() => {
      expect(made()).toBeGreaterThanOrEqual(times);
    });
  const close = async (): Promise<void> => {
    await server.end("SIGKILL");
    rolesAnywhere.close();
    await sandbox.stop();
    installation.remove();
  };
  return { clock, volume, first, second, third, rolesAnywhere, server, answers, made, renewed, close };
}

describe.skipIf(noDay)(named("a day of serve", noDay), () => {
  it(
    "renews, survives what happens to certificates, network and clock, and answers correctly or 503",
    { timeout: 600_000 },
    async () => {
      let aws: MovedClock | undefined;
      const pod = await openPod([], (folder) => (aws = new MovedClock(join(folder, "aws"))).env);
      const { volume, second, third, rolesAnywhere, server, made, renewed } = pod;
      let now = 0;
      /** Seconds since the start, for everybody. */
      const goOnTo = (seconds: number): void => {
        now = seconds;
        aws?.set(seconds);
        pod.clock.set(seconds);
      };
      /** Both ways agree, and the credential lives. */
      const answer = async (): Promise<Credentials | number> => {
        const found = await pod.answers();
        for (const one of found)
          if (typeof one === "number") expect(one).toBe(503);
          else expect(Date.parse(one.Expiration)).toBeGreaterThan(Date.now() + now * 1_000 - 5_000);
        return found[0] ?? 0;
      };
      try {
        await server.says("listening");
        for (let at = 50; at <= 6 * 60; at += 50) {
          goOnTo(at * minute);
          await renewed(1 + at / 50);
          expect(await answer()).toMatchObject({ RoleArn: containing("role/") });
        }
        volume.write(second, second);
        await renewed(9);
        volume.write(third, second);
        await server.says("renewal-failed");
        expect(typeof (await answer())).toBe("object");
        volume.write(third, third);
        await renewed(10);
        expect(typeof (await answer())).toBe("object");

        rolesAnywhere.turn("off");
        goOnTo(7 * hour + 5 * minute);
        await until(async () => {
          expect(await answer()).toBe(503);
        });
        const afterwards = made();
        rolesAnywhere.turn("on");
        await renewed(afterwards + 1);
        expect(typeof (await answer())).toBe("object");

        for (const step of [-3 * hour, 3 * hour]) {
          pod.clock.set(now + step);
          await new Promise((resolve) => setTimeout(resolve, 3_000));
          for (const one of await pod.answers()) if (typeof one === "number") expect(one).toBe(503);
          goOnTo(now);
          await until(async () => {
            expect(typeof (await answer())).toBe("object");
          });
        }
        for (let at = 10; at <= 24; at += 2) {
          const before = made();
          goOnTo(at * hour);
          await renewed(before + 1);
          await until(async () => {
            expect(typeof (await answer())).toBe("object");
          });
        }
        expect(await server.end()).toBe(0);
      } finally {
        await pod.close();
      }
    },
  );

  it(
    "does so by the real clock, with sessions of 62 seconds, the shortest of the sandbox",
    { timeout: 900_000 },
    async () => {
      const pod = await openPod(["--session-duration=62"], () => ({}));
      const { volume, second, third, rolesAnywhere, server, made } = pod;
      const waiting = { timeout: 90_000, interval: 200 };
      const renewed = (times: number) =>
        vi.waitFor(() => {
          expect(made()).toBeGreaterThanOrEqual(times);
        }, waiting);
      const seen = { credentials: 0, refusals: 0, keys: new Set<string>(), wrong: new Set<string>() };
      const over = new AbortController();
      let latest: (Credentials | number)[] = [];
      /** Asks by both ways, ten times a second, from the beginning to the end. */
      const client = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const asked = Date.now();
          latest = await pod.answers().catch((error: unknown) => [String(error).length]);
          for (const one of latest)
            if (one === 503) seen.refusals += 1;
            else if (typeof one === "number" || Date.parse(one.Expiration) <= asked)
              seen.wrong.add(JSON.stringify(one));
            else {
              seen.credentials += 1;
              seen.keys.add(one.AccessKeyId);
            }
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      const answersAre = (kind: "object" | "number") =>
        vi.waitFor(() => {
          expect(latest.map((one) => typeof one)).toEqual([kind, kind]);
        }, waiting);
      try {
        await server.says("listening");
        const asking = client();
        for (const times of [2, 3, 4]) await renewed(times);
        volume.write(second, second);
        await renewed(5);
        volume.write(third, second);
        await server.says("renewal-failed");
        expect(seen).toMatchObject({ refusals: 0, wrong: new Set() });
        volume.write(third, third);
        await renewed(6);

        rolesAnywhere.turn("off");
        await answersAre("number");
        const afterwards = made();
        rolesAnywhere.turn("on");
        await renewed(afterwards + 1);
        await answersAre("object");

        for (const step of [-hour, hour, -2 * minute, 2 * minute]) {
          pod.clock.set(step);
          await new Promise((resolve) => setTimeout(resolve, 10_000));
          pod.clock.set(0);
          await answersAre("object");
        }
        await renewed(made() + 1);
        over.abort();
        await asking;
        expect(seen.wrong).toEqual(new Set());
        expect(seen.keys.size).toBeGreaterThan(6);
        console.log(
          `${seen.credentials} credentials of ${seen.keys.size} sessions, ${seen.refusals} times 503`,
        );
        expect(await server.end()).toBe(0);
      } finally {
        over.abort();
        await pod.close();
      }
    },
  );
});
