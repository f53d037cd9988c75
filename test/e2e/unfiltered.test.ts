/** In ordinary runs, the filter of the output removes nothing: no output has an ellipsis. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPair, leaf } from "../certificates.ts";
import { openCloud, type Cloud } from "./debug-cloud.ts";
import { Debugging, type SetUp } from "./debug-run.ts";
import { longRoot } from "./long-names.ts";
import { kubeconfigIn } from "./kubeconfig-writer.ts";
import { runHere } from "./in-process.ts";
import { install, tokenOf, type Installation } from "./plugin.ts";
import { run, type Outcome } from "./sandbox-process.ts";
import { isThorough } from "../thorough.ts";
import { started } from "../program-under-test.ts";

let installation: Installation;
let cloud: Cloud;
let debugging: Debugging;

beforeAll(async () => {
  installation = install();
  cloud = await openCloud();
  debugging = new Debugging(cloud, installation.program);
  const mapRoles =
    "- rolearn: arn:aws:iam::111122223333:role/eks-read-only\n  username: viewer\n  groups: ['eks-x509:viewers']\n";
  await cloud.addCluster({ name: "demo", awsAuth: { mapRoles } });
});

afterAll(async () => {
  await cloud.close();
  installation.remove();
});

describe.concurrent.each(["rsa-2048", "p256"] as const)("with a key of the kind %s", (kind) => {
  describe.each(["separate", "beside the certificate"])("%s", (place) => {
    let flags: string[];
    let setUp: SetUp;
    let files: { certificate: string; "private-key": string };
    let kubeconfig: string;
    /** What the built program shows in its own process, one of the four shows. */
    const isProcess = isThorough || (kind === "rsa-2048" && place === "separate");

    beforeAll(() => {
      const { pem, keyPem } = leaf(longRoot, { name: "alice", keys: keyPair(kind, "unfiltered") });
      const isSeparate = place === "separate";
      const name = `${kind}-${String(isSeparate)}`;
      const certificate = cloud.input(`${name}.pem`, isSeparate ? pem : pem + keyPem);
      files = {
        certificate,
        "private-key": isSeparate ? cloud.input(`${name}.key`, keyPem) : certificate,
      };
      setUp = { flags: files };
      flags = debugging.flags(setUp);
      kubeconfig = join(mkdtempSync(join(cloud.folder, "unfiltered-")), "kubeconfig");
      writeFileSync(kubeconfig, JSON.stringify(debugging.kubeconfig(setUp)), { mode: 0o600 });
    });

    const eksX509 = async (...args: string[]): Promise<Outcome> => {
      const folder = mkdtempSync(join(cloud.folder, "home-"));
      const env = {
        PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
        HOME: folder,
        TMPDIR: folder,
        XDG_RUNTIME_DIR: folder,
        KUBECONFIG: kubeconfig,
        EKS_X509_CACHE: "none",
        AWS_ENDPOINT_URL: cloud.aws,
        AWS_CA_BUNDLE: cloud.caFile,
      };
      const { program } = installation;
      const outcome = await (isProcess
        ? run(...started(program, args), env)
        : runHere({ args, env, program, cwd: folder }));
      expect(outcome.stdout + outcome.stderr).not.toContain("…");
      return outcome;
    };

    it("get-token --verbose", async () => {
      const outcome = await eksX509("get-token", "--verbose", ...flags);
      expect(tokenOf({ ...outcome, signal: null })).toMatch(/^k8s-aws-v1\./);
      expect(outcome.stderr).toContain("certificate");
    });

    it.each(["text", "json"])("token debug --output %s", async (form) => {
      const { code, stdout } = await eksX509("token", "debug", "--output", form);
      expect(stdout).toContain("eks-read-only");
      expect(code).toBe(0);
    });

    it("update-kubeconfig, whose CA is complete, and its --dry-run", async () => {
      const file = join(dirname(kubeconfig), "written");
      const own = flags.filter((_flag, index) => !flags[index - (index % 2)]?.startsWith("--cluster-name"));
      const args = ["update-kubeconfig", "--name=demo", `--kubeconfig=${file}`, ...own];
      const command = `--command=${installation.program}`;
      const { stdout } = await eksX509(...args, command, "--dry-run");
      expect(stdout).toContain(
        `certificate-authority-data: ${Buffer.from(cloud.ca.trim()).toString("base64").slice(0, 60)}`,
      );
      expect((await eksX509(...args, command)).code).toBe(0);
      expect(kubeconfigIn(file).clusters).toHaveLength(1);
      expect(readFileSync(file, "utf8")).toBe(stdout);
    });

    it.each(["text", "json"])("cert inspect --output %s", async (form) => {
      const { certificate, "private-key": key } = files;
      const inspect = (...further: string[]): Promise<Outcome> =>
        eksX509("cert", "inspect", certificate, "--output", form, ...further);
      const outcomes = await Promise.all([inspect(), inspect("--private-key", key)]);
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    });

    it("cache list", async () => {
      await eksX509("cache", "list");
    });

    it("a certificate in place of the key, which is refused in complete words", async () => {
      const withoutKey = cloud.input(`${kind}-no-key.pem`, longRoot.pem);
      const { code, stderr } = await eksX509("get-token", ...flags, "--private-key", withoutKey);
      expect(code).toBe(3);
      expect(stderr).toContain(withoutKey);
    });
  });
});
