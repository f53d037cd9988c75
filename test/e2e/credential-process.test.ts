/** The command that the AWS CLI and SDKs run, against the sandbox: what it prints, and how often Roles Anywhere is asked. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingPrograms, named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";
import { matching } from "../matching.ts";
import { isThorough } from "../thorough.ts";
import { until } from "../until.ts";
import { KeyringSession } from "./keyring-session.ts";
import { run } from "./sandbox-process.ts";
import { accessKeyOf, tokenOf, World, type Outcome, type Run } from "./plugin.ts";

interface ProcessOutput {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: string;
}

const noKeyring = noKernelKeyring();
const noAws = isThorough ? missingPrograms(["aws"])[0] : "EKS_X509_TESTS is not all";
const limit = { timeout: 300_000 };
let world: World;

beforeAll(async () => {
  world = await World.open({ env: { EKS_X509_CACHE: "none" } });
});
afterAll(() => world.close());

/** keyctl's line of a joined session keyring. */
function withoutKeyring(stderr: string): string {
  return stderr.replace(/^Joined session keyring: .*\n/gm, "");
}

function credentialsOf({ code, stdout, stderr }: Outcome): ProcessOutput {
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return fromJson<ProcessOutput>(stdout);
}

const process = (run: Run = {}): Promise<Outcome> => world.run({ command: "credential-process", ...run });

describe("credential-process", limit, () => {
  it("prints one line in the form of the SDKs, and nothing else", async () => {
    const outcome = await process();
    expect(credentialsOf(outcome)).toEqual({
      Version: 1,
      AccessKeyId: matching(/^ASIA[A-Z2-7]{16}$/),
      SecretAccessKey: matching(/^\S{40}$/),
      SessionToken: matching(/^\S{100,}$/),
      Expiration: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(outcome.stdout.split("\n")).toHaveLength(2);
  });

  it("takes the options of aws_signing_helper", async () => {
    const flags = [
      "--with-proxy",
      "--reuse-pin=true",
      "--debug",
      "--session-duration=900",
      "--region",
      "us-west-2",
    ];
    const { code, stderr, stdout } = await process({ flags });
    expect({ code, version: fromJson<{ Version: number }>(stdout).Version }).toEqual({ code: 0, version: 1 });
    expect(stderr).toContain("eks-x509: create-session: ");
    expect(stderr).not.toContain(fromJson<ProcessOutput>(stdout).SecretAccessKey);
  });

  it("takes get-token's arguments", async () => {
    credentialsOf(await process({ flags: ["--cluster-name=demo", "--exec-api-version=v1beta1"] }));
  });

  it.each([
    ["--no-verify-ssl", "FLAG_UNKNOWN", "AWS_CA_BUNDLE"],
    ["--cert-selector=Key=x509Subject,Value=CN=alice", "FLAG_UNKNOWN", "--certificate"],
    ["--pkcs8-password=hunter2", "FLAG_IS_PASSWORD", "--password-file"],
    ["--tpm-key-password=hunter2", "FLAG_IS_PASSWORD", "--password-file"],
    ["--no-such=demo", "FLAG_UNKNOWN", "credential-process --help"],
  ])("refuses %s and names what to use instead", async (flag, code, instead) => {
    const { stdout, stderr, ...outcome } = await process({ flags: [flag] });
    expect({ code: outcome.code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(code);
    expect(stderr).toContain(instead);
    expect(stderr).not.toContain("hunter2");
  });

  it("fails with the refusal on stderr and nothing on stdout", async () => {
    const flags = ["--role-arn=arn:aws:iam::111122223333:role/another"];
    const { code, stdout, stderr } = await process({ flags });
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toContain("REFUSED_ROLE_NOT_IN_PROFILE");
  });
});

describe.skipIf(noKeyring)(named("with the kernel's keyring", noKeyring), limit, () => {
  let keyring: KeyringSession;
  let before: number;
  beforeEach(async () => {
    keyring = await KeyringSession.open();
    before = world.requests();
  });
  afterEach(() => {
    keyring.close();
  });
  const cached: Run = {
    env: { EKS_X509_CACHE: "keyutils" },
    within: (command) => keyring.within(command),
  };

  it("shares its session with get-token, whichever comes first", async () => {
    const printed = credentialsOf(await process(cached));
    const token = tokenOf(await world.run(cached));
    expect(accessKeyOf(token)).toBe(printed.AccessKeyId);
    expect(credentialsOf(await process(cached))).toEqual(printed);
    expect(world.requests() - before).toBe(1);
  });

  it.skipIf(noAws)(
    named("gives 100 processes of the AWS CLI one session", noAws),
    { timeout: 300_000 },
    async () => {
      const { env, home } = world.sandbox;
      const file = join(home, "aws-config");
      const config = {
        AWS_CONFIG_FILE: file,
        AWS_DEFAULT_REGION: "us-west-2",
        AWS_EC2_METADATA_DISABLED: "true",
      };
      const all = { ...env, ...config, EKS_X509_CACHE: "keyutils", XDG_RUNTIME_DIR: world.runtime };
      const write = ["update-aws-config", "--profile=default", ...world.identity()];
      expect(
        await run(globalThis.process.execPath, [world.installation.program, ...write], all),
      ).toMatchObject({ code: 0 });
      const [within = "", ...args] = keyring.within(["aws", "sts", "get-caller-identity", "--query=Arn"]);
      const outcomes: Awaited<ReturnType<typeof run>>[] = [];
      let left = 100;
      // Each takes a second of a processor: more at once would meet the time limits of files and of the network.
      const lane = async (): Promise<void> => {
        while (left-- > 0) outcomes.push(await run(within, args, all, undefined, 280_000));
      };
      await Promise.all(Array.from({ length: Math.min(100, 10 * availableParallelism()) }, lane));
      expect(outcomes).toHaveLength(100);
      expect(
        new Set(outcomes.map(({ code, stderr }) => `${String(code)} ${withoutKeyring(stderr)}`)),
      ).toEqual(new Set(["0 "]));
      expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
      expect(world.requests() - before).toBe(1);
    },
  );

  it("shares one call of a crowd of both commands", async () => {
    const size = isThorough ? 100 : 16;
    const crowd = Array.from({ length: size }, (_, index) => {
      const command = index % 2 === 0 ? "credential-process" : "get-token";
      return world.start({ ...cached, command, held: true });
    });
    await until(() => {
      expect(crowd.filter(({ isHeld }) => isHeld())).toHaveLength(size);
    });
    for (const one of crowd) one.release();
    const outcomes = await Promise.all(crowd.map(({ ended }) => ended));
    const keys = outcomes.map((outcome, index) =>
      index % 2 === 0 ? credentialsOf(outcome).AccessKeyId : accessKeyOf(tokenOf(outcome)),
    );
    expect(new Set(keys).size).toBe(1);
    expect(world.requests() - before).toBe(1);
  });
});
