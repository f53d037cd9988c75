/** Entries that are not walked step by step: programs of others, and our own called wrongly. Really run. */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { HopReport, Report } from "../../src/debug/report/report.ts";
import { walk } from "../../src/debug/walk.ts";
import { kubeconfigText } from "../kubeconfig/read/kubeconfig-files.ts";
import { programsIn, shell } from "../exec/plugin/programs.ts";
import { answering, worldOf } from "./world.ts";

const at = new Date("2026-11-23T08:00:00Z");
const apiVersion = "client.authentication.k8s.io/v1";
const printing = (status: object): string =>
  shell(`echo '${JSON.stringify({ apiVersion, kind: "ExecCredential", status })}'`);

interface Walked {
  script: string;
  name?: string;
  args?: readonly string[];
  isThisProgram?: boolean;
}

async function walked({ script, name = "tool", args = [], isThisProgram = false }: Walked): Promise<Report> {
  const command = join(programsIn({ [name]: script }), name);
  const exec = { apiVersion, command, args, interactiveMode: "Never" };
  const { http } = answering(() => ({ status: 401, body: "{}" }));
  const world = worldOf({ at, files: { "/config": kubeconfigText({ user: { exec } }) }, http });
  const request = {
    kubeconfig: "/config",
    context: undefined,
    hasOwnIdentity: false,
    isOffline: false,
    clusterName: undefined,
    mapping: { awsAuth: undefined, adminContext: undefined },
  };
  return walk(request, { ...world, program: isThisProgram ? command : world.program });
}

const hop = ({ hops }: Report, wanted: string): HopReport | undefined =>
  hops.find(({ name }) => name === wanted);

it("an expired credential is sent by kubectl all the same, and the way goes on", async () => {
  const status = { token: "ya29.a0AfH6SMB", expirationTimestamp: "2020-01-01T00:00:00Z" };
  const report = await walked({ script: printing(status) });
  expect(hop(report, "plugin")).toMatchObject({ status: "warning", code: "PLUGIN_CREDENTIAL_EXPIRED" });
  expect(hop(report, "api-server")).toMatchObject({ status: "failed", code: "API_OPAQUE_TOKEN_REFUSED" });
});

it("a token of AWS with something before it is no opaque one", async () => {
  const report = await walked({ script: printing({ token: " k8s-aws-v1.aHR0cHM6Ly9zdHM" }) });
  expect(hop(report, "token")).toMatchObject({ status: "failed", code: "TOKEN_PREFIX_MISSING" });
});

it("another program of our name is run", async () => {
  const report = await walked({
    name: "eks-x509",
    args: ["get-token", "--cluster-name", "demo"],
    script: shell("echo 'wrong one' >&2; exit 9"),
  });
  expect(hop(report, "configuration")?.detail).toContain("another installation of eks-x509");
  expect(hop(report, "plugin")?.detail).toContain("failed with exit code 9: wrong one");
});

it.each([
  [[], "has no args"],
  [["get_token"], '"get_token"'],
  [["get-token --cluster-name demo"], "something else"],
  [["token", "debug"], '"token"'],
])("this program with the args %j is not started", async (args, printed) => {
  const report = await walked({ name: "eks-x509", args, script: shell("exit 9"), isThisProgram: true });
  expect(hop(report, "configuration")).toMatchObject({ status: "failed", code: "EXEC_NOT_GET_TOKEN" });
  expect(hop(report, "configuration")?.detail).toContain(printed);
});

it("what kubectl would do with a program that wants a terminal is unknown", async () => {
  const report = await walked({ script: shell("read pin </dev/tty") });
  expect([hop(report, "plugin")?.code, report.verdict]).toEqual(["PLUGIN_WANTS_TERMINAL", "unknown"]);
});
