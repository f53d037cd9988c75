/** The program's whole reason: real kubectl, through users.exec, on real certificates, signatures, TLS and HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  emptyHome,
  kubectls,
  run,
  startSandboxProcess,
  type Outcome,
  type RunningSandbox,
} from "./sandbox-process.ts";

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
});

afterAll(async () => {
  await sandbox.stop();
});

describe.each(kubectls(["1.27", "1.33"]))("$name", ({ name, path }) => {
  // kubectl keeps what it discovers in HOME: each version begins with none.
  const home = emptyHome();
  const kubectl = (...args: string[]): Promise<Outcome> =>
    run(path ?? "", args, { ...sandbox.env, HOME: home });
  const test = path === undefined ? it.skip : it;

  test("get ns: allowed, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await kubectl("get", "ns");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^NAME +STATUS +AGE\n/);
    expect(stdout).toMatch(/^kube-system +Active/m);
  });

  test("get ns NAME -o yaml", async () => {
    const { stdout } = await kubectl("get", "ns", "default", "-o", "yaml");
    expect(stdout).toContain("kind: Namespace");
  });

  test("create ns: Forbidden, by RBAC", async () => {
    const { code, stderr } = await kubectl("create", "ns", "forbidden");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error from server \(Forbidden\): namespaces is forbidden: User "viewer:[0-9a-f]+" cannot create resource "namespaces" in API group "" at the cluster scope\n$/,
    );
  });

  test("create ns as the administrator: created, through another role of the same certificate", async () => {
    const namespace = name.replace(".", "-").replaceAll(".", "-");
    const { code, stdout, stderr } = await kubectl("--context", "demo-admin", "create", "ns", namespace);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `namespace/${namespace} created\n`,
      stderr: "",
    });
    expect((await kubectl("get", "ns", namespace, "-o", "name")).stdout).toBe(`namespace/${namespace}\n`);
  });

  test("auth whoami: the mapping of aws-auth", async () => {
    const { stdout, stderr } = await kubectl("auth", "whoami");
    // It asks for v1beta1, which servers had when it was new.
    if (name === "kubectl.1.27") {
      expect(stderr).toContain("the selfsubjectreviews API is not enabled in the cluster");
      return;
    }
    expect(stdout).toMatch(/^Username +viewer:[0-9a-f]+$/m);
    expect(stdout).toMatch(/^Groups +\[eks-x509:viewers system:authenticated\]$/m);
    expect(stdout).toContain("arn:aws:iam::111122223333:role/eks-read-only");
  });

  test("auth can-i", async () => {
    expect((await kubectl("auth", "can-i", "list", "namespaces")).stdout).toBe("yes\n");
    expect((await kubectl("auth", "can-i", "create", "namespaces")).stdout).toBe("no\n");
  });

  test("version, api-resources", async () => {
    expect((await kubectl("version")).stdout).toMatch(/^Server Version: .*v1\.34/m);
    expect((await kubectl("api-resources")).stdout).toMatch(/^namespaces +ns +v1 +false +Namespace$/m);
  });

  test("get cm aws-auth -n kube-system: not for the viewer, for the administrator", async () => {
    const args = ["get", "cm", "aws-auth", "-n", "kube-system", "-o", "yaml"];
    expect((await kubectl(...args)).stderr).toContain("(Forbidden)");
    expect((await kubectl("--context", "demo-admin", ...args)).stdout).toContain("role/eks-read-only");
  });
});

it("shows each request as it arrives: hop, verdict, who", () => {
  expect(sandbox.output()).toMatch(/^✓ rolesanywhere POST \/sessions — O=Example Corp, CN=alice/m);
  expect(sandbox.output()).toMatch(
    /^✓ sts {11}GetCallerIdentity — arn:aws:sts::111122223333:assumed-role\/eks-read-only\//m,
  );
  expect(sandbox.output()).toMatch(
    /^✗ kubernetes {4}POST \/api\/v1\/namespaces — viewer:[0-9a-f]+ \(namespaces is forbidden/m,
  );
  expect(sandbox.output()).not.toMatch(/k8s-aws-v1|X-Amz-Signature|PRIVATE KEY/);
});
