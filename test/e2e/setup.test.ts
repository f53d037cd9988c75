/** `setup --format cli`, applied to the sandbox's empty account by the real AWS CLI and kubectl, used, and removed. Only in the whole run. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPair, leaf, root } from "../certificates.ts";
import { isThorough } from "../thorough.ts";
import { program } from "../program-under-test.ts";
import { cleanEnvironment } from "./sandbox-process.ts";

const hasPrograms = ["aws", "kubectl"].every((name) => spawnSync(name, ["--version"]).error === undefined);

/** Set up twice, sign in, clean up twice. Each part ends in a line with its exit code. */
const script = String.raw`
part() { name=$1; shift; "$@" >"$name.out" 2>&1; printf '%s %s\n' "$name" "$?"; }
as_alice() { env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY KUBECONFIG="$PWD/alice.kubeconfig" "$@"; }
part first sh out/setup.sh
part second sh out/setup.sh
sed -n '/^eks-x509 update-kubeconfig/,$p' second.out | sed 's/CERTIFICATE.pem/alice.pem/; s/PRIVATE.key/alice.key/' >user.sh
part user as_alice sh user.sh
part list as_alice kubectl get ns
part create as_alice kubectl create ns test
part removed sh out/clean-up.sh
part again sh out/clean-up.sh
part after as_alice kubectl get ns
cat create.out
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-e2e-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.runIf(isThorough && hasPrograms)("setup --format cli", () => {
  it.each([
    ["access-entry", "API_AND_CONFIG_MAP", "p256"],
    ["aws-auth", "CONFIG_MAP", "rsa-2048"],
  ] as const)(
    "with %s, in a cluster of mode %s and a CA with a key %s",
    (mapping, mode, kind) => {
      const place = mkdtempSync(join(folder, "run-"));
      const ca = root("Example CA", { keys: keyPair(kind) });
      const alice = leaf(ca);
      for (const [name, text] of [
        ["ca.pem", ca.pem],
        ["alice.pem", alice.pem],
        ["alice.key", alice.keyPem],
        ["walk.sh", script],
      ] as const)
        writeFileSync(join(place, name), text, { mode: 0o600 });
      const here = (...args: string[]) =>
        spawnSync(process.execPath, [program, ...args], {
          cwd: place,
          env: cleanEnvironment(place),
          encoding: "utf8",
        });
      const written = here(
        ...["setup", "--ca=ca.pem", "--cluster=demo", "--region=us-west-2", "--role-name=eks-read-only"],
        ...[
          "--role-path=/team/",
          "--allow=subject.CN=ali?e",
          "--certificate=alice.pem",
          "--kubernetes-groups=viewers",
        ],
        ...[`--mapping=${mapping}`, "--tag=team=platform", "--output-folder=out"],
      );
      expect(written.stderr).toBe("");
      const walked = here(
        "sandbox",
        "--account=empty",
        `--authentication-mode=${mode}`,
        "--",
        "sh",
        "walk.sh",
      );
      expect(walked.stdout.split("\n").slice(0, 8), walked.stderr).toEqual([
        ...["first 0", "second 0", "user 0", "list 0", "create 1", "removed 0", "again 0", "after 1"],
      ]);
      expect(walked.stdout).toContain('cannot create resource "namespaces"');
    },
    240_000,
  );
});
