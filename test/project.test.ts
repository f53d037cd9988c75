/** The rules that the project sets itself, each shown to hold. */
import { existsSync, readFileSync } from "node:fs";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { version } from "../src/version.ts";
import { fromJson } from "./json.ts";

const root = new URL("..", import.meta.url);
const manifest = fromJson<{
  version: string;
  bin: Record<string, string>;
  engines: { node: string };
  dependencies?: object;
}>(readFileSync(new URL("package.json", root), "utf8"));

describe("package.json", () => {
  it("has the version that the program tells", () => {
    expect(manifest.version).toBe(version);
  });

  it("names the program for itself, and for kubectl eks-x509", () => {
    expect(manifest.bin).toEqual({
      "eks-x509": "bin/eks-x509",
      "kubectl-eks_x509": "bin/eks-x509",
      "kubectl_complete-eks_x509": "bin/kubectl_complete-eks_x509",
    });
    expect(readFileSync(new URL("bin/eks-x509", root), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(existsSync(new URL("dist/main.js", root))).toBe(true);
  });
});

describe("the sandbox verifies with code of its own: the lint rule fails a build that imports", () => {
  it.each([
    "../rolesanywhere/canonical-request.ts",
    "../../rolesanywhere/sigv4-x509.ts",
    "../eks/token.ts",
    "../aws/arn.ts",
    "../identity/pem.ts",
    "../kubernetes/exec-info.ts",
    "../http/client.ts",
    "../cli/input.ts",
    "../get-token.ts",
    "@smithy/signature-v4",
    "@aws-sdk/client-sts",
  ])("%s", async (module) => {
    expect(await rulesBroken("src/sandbox/anything.ts", module)).toContain("no-restricted-imports");
    expect(
      await rulesBroken("src/sandbox/account/anything.ts", module.replace(/^\.\.\//, "../../")),
    ).toContain("no-restricted-imports");
  });

  it.each(["./server.ts", "node:crypto", "@peculiar/x509", "./aws/arn.ts", "./kubernetes/api.ts"])(
    "and lets it import %s",
    async (module) => {
      expect(await rulesBroken("src/sandbox/anything.ts", module)).toEqual([]);
    },
  );
});

describe("code of the hops is pure: the lint rule fails a build that imports", () => {
  const folders = ["aws", "identity", "rolesanywhere", "eks", "kubernetes"];

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
    expect(await rulesBroken("src/eks/anything.ts", "node:crypto")).toEqual([]);
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
