/** The rules that the project sets itself, each shown to hold. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { faults, filesOfHit, hit } from "../scripts/import-graph.js";
import { installHint } from "../src/kubeconfig/edit/cluster-entries.ts";
import { version } from "../src/foundation/version.ts";
import { fromJson } from "./json.ts";

const root = new URL("..", import.meta.url);
const manifest = fromJson<{
  version: string;
  bin: Record<string, string>;
  repository: { url: string };
  engines: { node: string };
  scripts: Record<string, string>;
  dependencies?: object;
}>(readFileSync(new URL("package.json", root), "utf8"));

describe("package.json", () => {
  it("has the version that the program prints", () => {
    expect(manifest.version).toBe(version);
  });

  it("names the program for itself, and for kubectl eks-x509", () => {
    expect(manifest.bin).toEqual({
      "eks-x509": "bin/eks-x509",
      "kubectl-eks_x509": "bin/eks-x509",
      "kubectl_complete-eks_x509": "bin/kubectl_complete-eks_x509",
    });
    for (const path of Object.values(manifest.bin))
      expect(readFileSync(new URL(path, root), "utf8")).toMatch(/^#!\/bin\/sh\n/);
    expect(existsSync(new URL("dist/main.js", root))).toBe(true);
  });
});

describe("the installHint of an entry", () => {
  it("names this project's releases", () => {
    const { url } = manifest.repository;
    expect(installHint).toContain(`${url.replace(/^git\+|\.git$/g, "")}/releases`);
  });
});

describe("a name in a registry that this project does not hold", () => {
  const pages = [
    ...["src", "bin", "docs", "examples", "scripts", ".github", "package.json"],
    ...["README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"],
  ];
  const texts = pages.flatMap((page) => {
    const path = fileURLToPath(new URL(page, root));
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))
      : [path];
    return files
      .filter((file) => statSync(file).isFile())
      .map((file) => [file, readFileSync(file, "utf8")] as const);
  });

  // A name in a registry; a path to a file begins with a dot or a slash.
  const installers = new RegExp(
    `\\b(${[
      ...[
        "npm (i|install|add|exec|x)",
        "npx",
        "pnpm (i|add|install|dlx)",
        "yarn (global )?(add|dlx)",
        "bunx?( add)?",
      ],
      ...[
        "brew (install|tap)",
        "krew install",
        "(apt|apt-get|dnf|yum|apk|pacman|zypper|snap|port|nix-env) \\S+",
      ],
      ...[
        "(scoop|choco|winget|pip|pipx|uv|cargo|gem|go|asdf|mise) (tool )?(install|add|run|get)",
        "docker (run|pull)",
      ],
    ].join("|")})( -{1,2}\\S+)* ([\\w@-]+/)*@?(kubectl-)?eks[-_]x509(?![\\w.-]*\\.(tgz|deb|rpm|yaml|rb)\\b)`,
  );

  it.each([
    "npm install -g eks-x509",
    "npx eks-x509 --version",
    "npx --yes eks-x509@0.1.0",
    "brew install eks-x509",
    "brew install eks-x509/tap/eks-x509",
    "kubectl krew install eks-x509",
    "sudo apt install eks-x509",
    "apt-get install -y eks-x509",
    "cargo install eks-x509",
    "npm i @eks-x509/eks-x509",
  ])("is found in %s", (text) => {
    expect(text).toMatch(installers);
  });

  it.each([
    "npm install --global ./eks-x509-*.tgz",
    "kubectl krew install --manifest=eks-x509.yaml --archive=eks-x509-0.1.0-linux-x64.tar.gz",
    "sudo apt install ./eks-x509_0.1.0_amd64.deb",
    "sudo dnf install ./eks-x509-0.1.0-1.x86_64.rpm",
  ])("is not taken for a file: %s", (text) => {
    expect(text).not.toMatch(installers);
  });

  it("is in no text that a person may follow", () => {
    for (const [file, text] of texts) expect(installers.exec(text)?.[0], file).toBeUndefined();
  });
});

describe("a workflow", () => {
  const folder = new URL(".github/workflows/", root);
  const workflows = readdirSync(folder).map(
    (name) => [name, readFileSync(new URL(name, folder), "utf8")] as const,
  );

  it.each(workflows)("%s uses actions at a commit, and says which version that is", (_name, text) => {
    const used = [...text.matchAll(/\buses: (.*)/g)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)("%s has no permission that a job does not name", (_name, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m);
  });

  it.each(workflows)("%s calls scripts that exist", (_name, text) => {
    const scripts = [...text.matchAll(/(?<=run: |[\s"])((?:scripts|\.ci)\/[\w./-]+)/g)].map(
      ([, path = ""]) => path,
    );
    expect(scripts).not.toEqual([]);
    for (const path of scripts) expect(statSync(new URL(path, root)).mode & 0o111, path).toBe(0o111);
    const ofNpm = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    expect(ofNpm).not.toEqual([]);
    for (const name of ofNpm) expect(Object.keys(manifest.scripts)).toContain(name);
  });

  it.each(workflows)(
    "%s names files to npm as files: npm takes a path a/b for a repository",
    (_name, text) => {
      const files = [...text.matchAll(/npm (?:publish|install) .*?(\S+\.tgz)/g)].map(([, path]) => path);
      expect(files).not.toEqual([]);
      for (const path of files) expect(path).toMatch(/^\.\//);
    },
  );
});

describe("the import rules fail a build in which", () => {
  it.each([
    ["sandbox/anything.ts", "rolesanywhere/sigv4-x509.ts", "forbidden"],
    ["sandbox/aws/anything.ts", "token/eks-token.ts", "forbidden"],
    ["sandbox/aws/anything.ts", "http/client.ts", "forbidden"],
    ["sandbox/aws/anything.ts", "@smithy/signature-v4", "forbidden"],
    ["authenticator/anything.ts", "token/eks-token.ts", "forbidden"],
    ["authenticator/anything.ts", "@aws-sdk/client-sts", "forbidden"],
    ["identity/anything.ts", "rolesanywhere/session.ts", "upwards"],
    ["cache/anything.ts", "cli/program.ts", "upwards"],
  ])("%s imports %s", (from, to, wrong) => {
    expect(faults([from], [{ from, to, kind: "value" }])).toEqual([`${wrong}: ${from} -> ${to}`]);
  });

  it("files import each other in a circle", () => {
    const [one, other] = ["aws/one.ts", "aws/other.ts"];
    const imports = [
      { from: one, to: other, kind: "value" },
      { from: other, to: one, kind: "type" },
    ] as const;
    expect(faults([one, other], imports)).toEqual([`circle: ${one}, ${other}`]);
  });

  it.each([
    ["cli/commands/update-kubeconfig/anything.ts", "kubeconfig/disk/disk.ts"],
    ["debug/hops/anything.ts", "exec/plugin/run-plugin.ts"],
    ["kubernetes-api/anything.ts", "http/route.ts"],
    ["cli/commands/sandbox/anything.ts", "sandbox/open-sandbox.ts"],
  ])("%s imports the adapter %s, but for its types", (from, to) => {
    const wrong = [`an adapter without a port: ${from} -> ${to}`];
    expect(faults([from], [{ from, to, kind: "value" }])).toEqual(wrong);
    expect(faults([from], [{ from, to, kind: "later" }])).toEqual(wrong);
    expect(faults([from], [{ from, to, kind: "type" }])).toEqual([]);
    expect(faults([], [{ from: "dependencies.ts", to, kind: "later" }])).toEqual([]);
  });

  it("a folder has more entries than a reader takes in", () => {
    const files = Array.from({ length: 16 }, (_, index) => `aws/${index}.ts`);
    expect(faults(files, [])).toEqual(["crowded: aws has 16 entries"]);
  });

  it.each(["node:fs", "util", "node:crypto"])("a cache hit imports %s, by whatever way", (builtin) => {
    const [entry = ""] = hit;
    const imports = (kind: "type" | "value" | "later") =>
      [
        { from: entry, to: "aws/arn.ts", kind: "value" },
        { from: "aws/arn.ts", to: "aws/hosts.ts", kind },
        { from: "aws/hosts.ts", to: builtin, kind: "value" },
      ] as const;
    expect(faults([], imports("value"))).toEqual([`a cache hit imports Node: aws/hosts.ts -> ${builtin}`]);
    // The build erases types, and a miss loads what it needs.
    expect(faults([], imports("type"))).toEqual([]);
    expect(faults([], imports("later"))).toEqual([]);
    expect(filesOfHit(imports("value"))).toContain("aws/hosts.ts");
  });

  it("and let through what goes down", () => {
    const [from, to] = ["sandbox/aws/anything.ts", "authenticator/canonical-arn.ts"];
    expect(faults([from, to], [{ from, to, kind: "value" }])).toEqual([]);
  });
});

describe("code of the hops is pure: the lint rule fails a build that imports", () => {
  const folders = ["aws", "identity", "rolesanywhere", "token", "authenticator", "kubernetes-api"];

  it.each([
    "node:fs",
    "node:fs/promises",
    "fs",
    "node:child_process",
    "node:process",
    "node:os",
    "node:net",
    "node:https",
  ])("%s", async (module) => {
    for (const folder of folders)
      expect(await rulesBroken(`src/${folder}/anything.ts`, module)).toContain("no-restricted-imports");
  });

  it("or asks for the time or the environment", async () => {
    for (const folder of folders) {
      expect(await broken(`src/${folder}/anything.ts`, "export const now = Date.now();\n")).toContain(
        "no-restricted-properties",
      );
      expect(await broken(`src/${folder}/anything.ts`, "export const now = new Date();\n")).toContain(
        "no-restricted-syntax",
      );
      expect(await broken(`src/${folder}/anything.ts`, "export const env = process.env;\n")).toContain(
        "no-restricted-globals",
      );
    }
  });

  it("and lets it import node:crypto", async () => {
    expect(await rulesBroken("src/token/anything.ts", "node:crypto")).toEqual([]);
  });
});

describe("the adapters alone ask the system: the lint rule fails a build in which", () => {
  it.each(["cli/settings", "sign-in", "debug/hops", "cache", "exec", "cli/commands/get-token"])(
    "%s imports a module of it",
    async (folder) => {
      for (const module of [
        ...["node:fs", "net", "node:tls", "node:http", "node:child_process", "node:process"],
        ...[
          "node:http2",
          "node:dns/promises",
          "node:dgram",
          "node:worker_threads",
          "node:cluster",
          "node:tty",
        ],
      ])
        expect(await rulesBroken(`src/${folder}/anything.ts`, module)).toContain("no-restricted-imports");
    },
  );

  it("a cache hit uses what not every JavaScript engine has", async () => {
    for (const name of ["Buffer", "setTimeout", "performance"])
      expect(await broken("src/cache/record.ts", `export const used = ${name};\n`)).toContain(
        "no-restricted-globals",
      );
  });

  it("and lets the adapters", async () => {
    for (const file of ["dependencies.ts", "cache/flight/anything.ts", "kubeconfig/disk/anything.ts"])
      expect(await rulesBroken(`src/${file}`, "node:fs")).toEqual([]);
  });
});

function rulesBroken(file: string, module: string): Promise<string[]> {
  return broken(file, `import * as imported from "${module}";\nexport default imported;\n`);
}

/** The project's own configuration; without types, since the file does not exist. */
async function broken(file: string, text: string): Promise<string[]> {
  const untyped = {
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { parserOptions: { projectService: false } },
  };
  const eslint = new ESLint({ cwd: root.pathname, overrideConfig: [untyped] });
  const results = await eslint.lintText(text, { filePath: file });
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message));
}
