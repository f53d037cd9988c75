/**
 * Real clients through users.exec, as scripts/clients runs them: those that this machine has. Nothing is downloaded: Python, Go and Java
 * are skipped until scripts/clients has made them ready.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromJson } from "../json.ts";
import { install, type Installation } from "./plugin.ts";
import { isThorough } from "../thorough.ts";
import { assets, kubectls } from "./sandbox-process.ts";

interface Row {
  name: string;
  form: string;
  side: string;
  leftOut?: string;
  /** `passed`, or what went wrong. */
  result: string;
}

const script = fileURLToPath(new URL("../../scripts/clients", import.meta.url));
const side = assets === undefined ? "embedded" : "kube-apiserver";
const both = ["cluster information", "args"];
const clients = [
  ...kubectls()
    .filter(({ path }) => path)
    .map(({ name }) => ({ name, forms: both })),
  { name: "node", forms: ["args"] },
  { name: "python", forms: both },
  { name: "go", forms: both },
  { name: "java-official", forms: ["args"] },
  { name: "java-fabric8", forms: ["args"] },
];

let installation: Installation;
let rows: Row[];
/** kubectl's and client-node's ways stand in other files, too. */
const isLeftOut = isThorough || assets !== undefined ? "" : " (skipped: EKS_X509_TESTS is not all)";

beforeAll(async () => {
  installation = install();
  if (isLeftOut) return;
  rows = fromJson(await table(["--prepared", "--json", `--side=${side}`]));
}, 180_000);
afterAll(() => {
  installation.remove();
});

describe.skipIf(isLeftOut)(
  `lists namespaces, and gets Forbidden when it creates one (${side})${isLeftOut}`,
  () => {
    it.for(clients)("$name", ({ name, forms }, { skip }) => {
      const found = rows.filter((row) => row.name === name);
      const reason = found[0]?.leftOut;
      if (reason !== undefined) skip(reason);
      expect(found.map(({ form, result }) => ({ form, result }))).toEqual(
        forms.map((form) => ({ form, result: "passed" })),
      );
    });
  },
);

/** Whatever the exit code: a row has the reason. */
function table(flags: readonly string[]): Promise<string> {
  const env = { ...process.env, EKS_X509_PROGRAM: installation.program };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...flags], { env }, (_error, stdout, stderr) => {
      resolve(stdout || expect.fail(stderr));
    });
  });
}
