/** examples/pipelines: the files are read, and the shell parts run against the sandbox, for one account and for another one. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { fromJson } from "../json.ts";
import { missingPrograms, named } from "../cache/keychain/programs.ts";
import { isThorough } from "../thorough.ts";
import { program, started } from "../program-under-test.ts";
import { cleanEnvironment, emptyHome, run } from "./sandbox-process.ts";

const folder = fileURLToPath(new URL("../../examples/pipelines/", import.meta.url));
const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const lacking = missingPrograms(["kubectl", "aws"])[0];
const limit = { timeout: 300_000 };

interface Gitlab {
  variables: Record<string, string>;
  ".eks": { before_script: string[]; script: string[] };
}

/** The job of a GitLab runner, which is one shell. */
function gitlabScript(): string {
  const { ".eks": job } = fromJson<Gitlab>(JSON.stringify(load(text("gitlab.yaml"))));
  return ["set -eu", ...job.before_script, ...job.script].join("\n");
}

function jenkinsScript(): string {
  const [, script = ""] = /sh '''([^]*?)'''/.exec(text("Jenkinsfile")) ?? [];
  return script;
}

const arns = fromJson<Gitlab>(JSON.stringify(load(text("gitlab.yaml")))).variables;

/** In a copy of the examples, with what the secret store would give. */
async function inSandbox(script: string, flags: readonly string[], env: Record<string, string> = {}) {
  const home = emptyHome();
  mkdirSync(join(home, "examples"), { recursive: true });
  cpSync(folder, join(home, "examples", "pipelines"), { recursive: true });
  chmodSync(join(home, "examples/pipelines/sign-in.sh"), 0o755);
  const before =
    'AGENT_CERTIFICATE=$(cat "${KUBECONFIG%/*}/user.pem") AGENT_KEY=$(cat "${KUBECONFIG%/*}/user.key")\nexport AGENT_CERTIFICATE AGENT_KEY\n';
  const [file, args] = started(program, [
    "sandbox",
    `--role-arn=${arns["ROLE_ARN"] ?? ""}`,
    ...flags,
    "--",
    "bash",
    "-c",
    before + script,
  ]);
  const all = {
    ...cleanEnvironment(home),
    ...arns,
    CLUSTER_NAME: "demo",
    EKS_X509_FOLDER: join(home, "own"),
    ...env,
  };
  return { home, ...(await run(file, args, all, home)) };
}

describe("examples/pipelines", limit, () => {
  it("is every file there, and each is read", () => {
    expect(readdirSync(folder).sort()).toEqual(
      ["Jenkinsfile", "azure-devops.yaml", "github-actions.yaml", "gitlab.yaml", "sign-in.sh"].sort(),
    );
    for (const name of ["azure-devops.yaml", "github-actions.yaml", "gitlab.yaml"]) {
      expect(load(text(name)), name).toBeTypeOf("object");
      expect(text(name)).toContain("examples/pipelines/sign-in.sh");
    }
  });

  it("contains no step that puts a secret into an argument", () => {
    for (const name of readdirSync(folder))
      expect(text(name)).not.toMatch(/(echo|eks-x509[^\n]*)\$\{?AGENT_KEY/);
  });

  it.skipIf(lacking)(named("GitLab's job signs in, and removes its files", lacking), async () => {
    const script = `${gitlabScript()}\nstat -c %a "$EKS_X509_FOLDER"/agent.* | sort -u; echo "$EKS_X509_FOLDER"`;
    const { code, stdout, stderr } = await inSandbox(script, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("kube-system");
    expect(stdout).toContain("assumed-role/eks-deploy/");
    const [mode, own = ""] = stdout.trim().split("\n").slice(-2);
    expect(mode).toBe("600");
    expect(existsSync(own)).toBe(false);
  });

  const others: [string, () => string][] = [
    ["Jenkins", jenkinsScript],
    [
      "sign-in.sh, as Azure DevOps and GitHub Actions run it,",
      () =>
        'export KUBECONFIG="$EKS_X509_FOLDER/kubeconfig" AWS_CONFIG_FILE="$EKS_X509_FOLDER/aws-config"\nset -eu\n' +
        "examples/pipelines/sign-in.sh; unset AGENT_KEY; kubectl get namespaces && aws sts get-caller-identity",
    ],
  ];
  const left = lacking ?? (isThorough ? undefined : "EKS_X509_TESTS is not all");
  it.skipIf(left).each(others)(named("%s signs in to another account", left), async (_, script) => {
    const role = "arn:aws:iam::444455556666:role/eks-deploy";
    const flags = [`--assume-role-arn=${role}`, "--external-id=ours:1"];
    const env = { ASSUME_ROLE_ARN: role, EXTERNAL_ID: "ours:1" };
    const { code, stdout, stderr } = await inSandbox(script(), flags, env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("kube-system");
    expect(stdout).toContain("arn:aws:sts::444455556666:assumed-role/eks-deploy/");
  });

  it("has a script that can be run", () => {
    expect(statSync(join(folder, "sign-in.sh")).mode & 0o111).not.toBe(0);
  });
});
