/**
 * The AWS CLI and SDKs through credential-process, IMDSv2 and container credentials, as scripts/aws-clients runs them: those that this
 * machine has. Nothing is downloaded: boto3, Go and Java are skipped until scripts/aws-clients has made them ready.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromJson } from "../json.ts";
import { isThorough } from "../thorough.ts";
import { install, type Installation } from "./plugin.ts";
import { run } from "./sandbox-process.ts";

interface Row {
  name: string;
  way: string;
  leftOut?: string;
  /** `passed`, or what went wrong. */
  result: string;
}

const script = fileURLToPath(new URL("../../scripts/aws-clients", import.meta.url));
const isLeftOut = isThorough ? "" : " (skipped: EKS_X509_TESTS is not all)";

describe.skipIf(isLeftOut)(`GetCallerIdentity answers the role${isLeftOut}`, () => {
  let installation: Installation;
  let rows: Row[];
  beforeAll(async () => {
    installation = install();
    const env = { ...process.env, EKS_X509_PROGRAM: installation.program };
    rows = fromJson(
      (await run(process.execPath, [script, "--prepared", "--json"], env, undefined, 290_000)).stdout,
    );
  }, 300_000);
  afterAll(() => {
    installation.remove();
  });

  it.for(["aws-cli", "boto3", "javascript", "go", "java"])("%s", (name, { skip }) => {
    const found = rows.filter((row) => row.name === name);
    const reason = found[0]?.leftOut;
    if (reason !== undefined) skip(reason);
    expect(found.map(({ way, result }) => ({ way, result }))).toEqual(
      ["credential-process", "IMDSv2", "container"].map((way) => ({ way, result: "passed" })),
    );
  });
});
