/** What takes its time: a day of serve, ten thousand hostile requests, and load from another process. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

describe.skipIf(noDay)(named("a day of serve", noDay), () => {
  it(
    "renews, survives what happens to certificates, network and clock, and answers correctly or 503",
    { timeout: 600_000 },
    async () => {
      const folder = emptyHome();
      const [pod, aws] = [new MovedClock(join(folder, "pod")), new MovedClock(join(folder, "aws"))];
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
      const rehearsal = [...volume.flags, `--trust-anchor=${join(folder, "root.pem")}`];
      const sandbox = await startSandboxProcess(rehearsal, installation.program, aws.env);
      const rolesAnywhere = await Switch.before(sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
      const tokenFile = join(folder, "token");
      const env = { ...sandbox.env, ...pod.env, AWS_ENDPOINT_URL_ROLESANYWHERE: rolesAnywhere.endpoint };
      const flags = [...identityFlags(sandbox.env), `--token-file=${tokenFile}`];
      const server = new ServeProcess({ env, program: installation.program, flags });
      let now = 0;
      /** Seconds since the start, for everybody. */
      const goOnTo = (seconds: number): void => {
        now = seconds;
        aws.set(seconds);
        pod.set(seconds);
      };
      const made = (): number => server.count("session-made");
      const authorization = (): string => readFileSync(tokenFile, "utf8");
      /** Both ways agree, and the credential lives. */
      const answer = async (): Promise<Credentials | number> => {
        const found = [await server.container(authorization()), await server.metadata()];
        for (const one of found)
          if (typeof one === "number") expect(one).toBe(503);
          else expect(Date.parse(one.Expiration)).toBeGreaterThan(Date.now() + now * 1_000 - 5_000);
        return found[0] ?? 0;
      };
      const renewed = (times: number): Promise<void> =>
        until(() => {
          expect(made()).toBeGreaterThanOrEqual(times);
        });
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
          pod.set(now + step);
          await new Promise((resolve) => setTimeout(resolve, 3_000));
          for (const one of [await server.container(authorization()), await server.metadata()])
            if (typeof one === "number") expect(one).toBe(503);
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
        await server.end("SIGKILL");
        rolesAnywhere.close();
        await sandbox.stop();
        installation.remove();
      }
    },
  );
});
