import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Flags } from "../../../../src/cli/command.ts";
import { runSetup } from "../../../../src/cli/commands/setup/run.ts";
import { writeFolder } from "../../../../src/foundation/files/write-folder.ts";
import { day, from, intermediate, keyPair, leaf, now, root } from "../../../certificates.ts";
import { rejectionOf } from "../../../failure.ts";
import { portsWith } from "../../../ports.ts";

const ca = root();
const issuer = intermediate(ca);
const alice = leaf(issuer);
const other = root("Other Root");
const rsa = root("RSA Root", { keys: keyPair("rsa-2048") });

const files: Readonly<Record<string, string>> = {
  "ca.pem": ca.pem,
  "rsa.pem": rsa.pem,
  "bundle.pem": ca.pem + other.pem,
  "expired.pem": root("Old Root", { notAfter: from(-day) }).pem,
  "three.pem": ca.pem + other.pem + rsa.pem,
  "other.pem": other.pem,
  "with-key.pem": ca.pem + String(ca.keys.privateKey.export({ format: "pem", type: "pkcs8" })),
  "issuer.pem": issuer.pem,
  "leaf.pem": alice.pem,
  "alice.pem": alice.pem + issuer.pem,
  "unfit.pem": leaf(ca, { keyUsage: [] }).pem,
  "rsa-leaf.pem": leaf(rsa).pem,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-run-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Given = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

async function written(given: Given = {}): Promise<string> {
  let text = "";
  const flags: Given = {
    ...{ ca: "ca.pem", cluster: "demo", region: "us-west-2", "role-name": "eks-read-only" },
    ...{ allow: ["subject.CN=alice"], "kubernetes-groups": ["viewers"], ...given },
  };
  await runSetup(new Flags(flags), {
    ...portsWith({
      clock: () => now,
      stdout: (part) => Promise.resolve(void (text += part)),
      readFile: (name) => Promise.resolve({ name, bytes: Buffer.from(files[name] ?? ""), mode: 0o600 }),
    }),
    writeFolder,
  });
  return text;
}

describe("setup", () => {
  it.each<[Given, RegExp]>([
    [{}, /^#!\/bin\/sh\n/],
    [{ ca: "rsa.pem" }, /^#!\/bin\/sh\n/],
    [{ ca: "bundle.pem" }, /(BEGIN CERTIFICATE.*){2}/s],
    [
      { ca: undefined, "acm-pca-arn": "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/1111" },
      /"acmPcaArn": "arn:aws:acm-pca/,
    ],
    [{ format: "cloudformation" }, /AWSTemplateFormatVersion/],
    [{ format: "terraform" }, /^resource "aws_iam_role"/m],
    [
      { mapping: "aws-auth", "kubernetes-groups": ["system:masters", "a,b"] },
      /- "system:masters"\n {4}- "a"\n {4}- "b"/,
    ],
    [{ "find-clusters": false }, /delete-role-policy/],
    [
      { "role-path": "/team/", "session-duration": "7200", tag: ["team=platform"] },
      /max_session_duration=7200/,
    ],
    [{ "role-name": "a+b@c.d" }, /trust_anchor_name='a-b-c-d'/],
  ])("prints the main file: %j", async (given, wanted) => {
    expect(await written(given)).toMatch(wanted);
  });

  it("writes all files into a folder, and replaces its own", async () => {
    const out = join(folder, "new", "folder");
    expect(await written({ "output-folder": out })).toBe(
      ["setup.sh", "clean-up.sh", "rbac.yaml", "README.md"].map((name) => `${out}/${name}\n`).join(""),
    );
    expect(statSync(join(out, "setup.sh")).mode & 0o777).toBe(0o755);
    await written({ "output-folder": out, cluster: "other" });
    expect(readFileSync(join(out, "setup.sh"), "utf8")).toContain("cluster='other'");
  });

  it("replaces no file of somebody else, and writes none then", async () => {
    const out = mkdtempSync(join(folder, "taken-"));
    writeFileSync(join(out, "README.md"), "mine");
    expect(await rejectionOf(written({ "output-folder": out }))).toMatchObject({
      code: "SETUP_FOLDER_TAKEN",
    });
    expect(readdirSync(out)).toEqual(["README.md"]);
  });

  it("writes all files or none, and the next run finds no trace of a failure", async () => {
    const out = mkdtempSync(join(folder, "half-"));
    const content = `${"x".repeat(9)} by us`;
    const file = (name: string) => ({ name, content, isExecutable: false });
    const unwritable = file("missing/second");
    expect(await rejectionOf(writeFolder(out, [file("first"), unwritable], "by us"))).toMatchObject({
      code: "SETUP_FOLDER_UNUSABLE",
    });
    expect(readdirSync(out)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("waits for no pipe, and for no folder of the system", async () => {
    const out = mkdtempSync(join(folder, "pipe-"));
    spawnSync("mkfifo", [join(out, "setup.sh")]);
    expect(await rejectionOf(written({ "output-folder": out }))).toMatchObject({
      code: "SETUP_FOLDER_TAKEN",
    });
    if (process.platform !== "linux") return;
    expect(await rejectionOf(written({ "output-folder": "/proc/eks-x509/out" }))).toMatchObject({
      code: "SETUP_FOLDER_UNUSABLE",
    });
  });

  it("names each group once", async () => {
    const text = await written({ "kubernetes-groups": ["a,b", "a"] });
    expect(text.match(/name: "a"/g)).toHaveLength(2);
  });

  it("reports a folder that cannot be written", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    expect(await rejectionOf(written({ "output-folder": path }))).toMatchObject({
      code: "SETUP_FOLDER_UNUSABLE",
    });
  });

  it.each<[Given]>([
    [{ certificate: "alice.pem" }],
    [{ certificate: "leaf.pem", intermediates: "issuer.pem" }],
    [{ certificate: "leaf.pem", ca: "issuer.pem" }],
    [{ certificate: "alice.pem", ca: "bundle.pem" }],
    [{ certificate: "rsa-leaf.pem", ca: "rsa.pem" }],
    [{ certificate: "alice.pem", allow: ["subject.CN=a*", "subject.CN=bob", "issuer.CN=Test Intermediate"] }],
    [
      {
        certificate: "alice.pem",
        ca: undefined,
        "acm-pca-arn": "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/1",
      },
    ],
  ])("checks that a certificate is let in: %j", async (given) => {
    expect(await written(given)).toContain("#!/bin/sh");
  });

  it.each<[Given, string, string]>([
    [
      { certificate: "alice.pem", allow: ["subject.CN=bob"] },
      "SETUP_CERTIFICATE_REFUSED",
      'the request has "alice", the policy has "bob"',
    ],
    [
      { certificate: "alice.pem", allow: ["subject.OU=Platform"] },
      "SETUP_CERTIFICATE_REFUSED",
      "the session has no such tag",
    ],
    [{ certificate: "leaf.pem" }, "SETUP_CERTIFICATE_REFUSED", "no path leads from it to the CA"],
    [
      { certificate: "alice.pem", ca: "other.pem" },
      "SETUP_CERTIFICATE_REFUSED",
      "no path leads from it to the CA",
    ],
    [{ certificate: "unfit.pem" }, "CERTIFICATE_KEY_USAGE", "digitalSignature"],
    [{ ca: "leaf.pem" }, "SETUP_CA_INVALID", "is not a CA"],
    [{ ca: "three.pem" }, "SETUP_CA_INVALID", "has 3 certificates"],
    [{ ca: undefined }, "SETUP_CA_INVALID", "neither"],
    [{ ca: "with-key.pem" }, "SETUP_CA_INVALID", "also has a private key"],
    [{ "acm-pca-arn": "x" }, "SETUP_CA_INVALID", "both"],
    [{ ca: undefined, "acm-pca-arn": "x" }, "SETUP_CA_INVALID", "is not the ARN"],
    [
      { ca: undefined, "acm-pca-arn": "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/1" },
      "SETUP_CA_INVALID",
      "in us-west-2",
    ],
    [{ ca: "expired.pem" }, "SETUP_CA_INVALID", "expired at"],
    [{ allow: [] }, "SETUP_ALLOW_MISSING", "every certificate"],
    [{ allow: ["CN=alice"] }, "SETUP_ALLOW_INVALID", "is not of the form"],
    [
      { allow: Array.from("123456789", (digit) => `subject.CN=${digit.repeat(240)}`) },
      "SETUP_ALLOW_INVALID",
      "more than the 2048",
    ],
    [{ "kubernetes-groups": [] }, "OPTION_MISSING", "missing: --kubernetes-groups"],
    [
      { cluster: undefined, region: undefined, "role-name": undefined },
      "OPTION_MISSING",
      "missing: --cluster, --region, --role-name",
    ],
    [{ "role-name": "team/eks" }, "SETUP_ROLE_INVALID", "is not the name of a role"],
    [{ "role-name": "a".repeat(65) }, "SETUP_ROLE_INVALID", "is not the name of a role"],
    [{ "role-path": "team" }, "SETUP_ROLE_INVALID", "is not the path of a role"],
    [{ "trust-anchor-name": "a/b" }, "SETUP_NAME_INVALID", "--trust-anchor-name"],
    [{ "profile-name": "" }, "SETUP_NAME_INVALID", "--profile-name"],
    [{ "kubernetes-groups": ["system:masters"] }, "SETUP_GROUP_INVALID", "an access entry cannot have"],
    [{ "kubernetes-groups": ["EKS:viewers"] }, "SETUP_GROUP_INVALID", "an access entry cannot have"],
    [{ "kubernetes-groups": ["a,,b"] }, "SETUP_GROUP_INVALID", "is not the name of a group"],
    [{ tag: ["aws:x=y"] }, "SETUP_TAG_INVALID", "is not a tag"],
    [{ tag: ["a=b", "A=c"] }, "SETUP_TAG_INVALID", '"A" twice'],
    [{ tag: ["eks-x509-setup=x"] }, "SETUP_TAG_INVALID", '"eks-x509-setup" twice'],
    [{ tag: Array.from({ length: 50 }, (_, at) => `k${at}=v`) }, "SETUP_TAG_INVALID", "51 tags"],
    [{ tag: ["team=équipe"] }, "SETUP_TAG_INVALID", "is not a tag"],
    [{ cluster: "arn:aws:eks:x" }, "CLUSTER_NAME_INVALID", "demo"],
    [{ region: "west" }, "REGION_INVALID", "west"],
    [{ "session-duration": "60" }, "SESSION_DURATION_INVALID", "60"],
  ])("refuses %j: %s", async (given, code, text) => {
    const error = await rejectionOf(written(given));
    expect(error).toMatchObject({ code });
    if (code !== "CLUSTER_NAME_INVALID") expect(error.message).toContain(text);
  });
});
