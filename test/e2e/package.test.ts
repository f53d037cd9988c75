/** What npm would publish: packed, unpacked into an empty folder with nothing installed beside it, and run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { matching } from "../matching.ts";
import { cleanEnvironment, emptyHome, run } from "./sandbox-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  const target = mkdtempSync(join(tmpdir(), "eks-x509-package-"));
  // Without scripts: prepack would build anew under the other tests.
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", target], { cwd: root });
  const [tarball = ""] = readdirSync(target);
  execFileSync("tar", ["-xzf", join(target, tarball), "-C", target]);
  folder = join(target, "package");
});

describe("the package", () => {
  it("holds what a user needs, and neither sources nor tests", () => {
    const files = readdirSync(folder).sort();
    expect(files).toEqual(
      [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "bin",
        "dist",
        "docs",
        "examples",
        "package.json",
      ].sort(),
    );
    expect(statSync(join(folder, "bin/eks-x509")).mode & 0o111).toBe(0o111);
  });

  it("carries the notices of what is bundled", () => {
    const notices = readFileSync(join(folder, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["yargs", "asn1js", "@smithy/signature-v4", "js-yaml", "@peculiar/x509"])
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
  });

  it("runs no script at installation, and depends on the keychain's native code alone", () => {
    const manifest = read<Manifest>(join(folder, "package.json"));
    expect(manifest.bin).toEqual({
      "eks-x509": "bin/eks-x509",
      "kubectl-eks_x509": "bin/eks-x509",
      "kubectl_complete-eks_x509": "bin/kubectl_complete-eks_x509",
    });
    expect(Object.keys(manifest.dependencies)).toEqual(["@napi-rs/keyring"]);
    for (const script of ["preinstall", "install", "postinstall", "prepare"])
      expect(manifest.scripts).not.toHaveProperty(script);
  });

  it("runs as it is, also under the name that kubectl looks for", async () => {
    const link = join(folder, "kubectl-eks_x509");
    symlinkSync(join(folder, "bin/eks-x509"), link);
    const { code, stdout } = await run(link, ["--version"], cleanEnvironment(emptyHome()));
    expect({ code, stdout }).toEqual({ code: 0, stdout: matching(/^\d+\.\d+\.\d+\n$/) });
  });

  it("has a sandbox, too", async () => {
    const command = ["sandbox", "--", process.execPath, "-e", "console.log('inside')"];
    const outcome = await run(join(folder, "bin/eks-x509"), command, cleanEnvironment(emptyHome()));
    expect(outcome).toEqual({ code: 0, stdout: "inside\n", stderr: "" });
  });
});

interface Manifest {
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
}

function read<Content>(path: string): Content {
  return JSON.parse(readFileSync(path, "utf8"));
}
