// The content of an archive: the executable, and what belongs to it on every platform.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import { executableName } from "../platforms.js";
import { linkedNotice } from "./linked.js";
import { root } from "./release.js";

/**
 * @param {string} executable the folder with eks-x509 and libexec/
 * @param {string} folder is created
 * @param {{ man: string, completions: Map<string, string>, notices: string }} pages
 */
export function stage(platform, executable, folder, { man, completions, notices }) {
  const program = join(executable, executableName(platform));
  if (!existsSync(program)) throw new Error(`${program} is missing; run scripts/build-executable`);
  if (platform.os === "linux" && !existsSync(join(executable, "libexec")))
    throw new Error(
      `the executable for ${platform.name} has no front. Install Rust (https://rust-lang.org/tools/install). ` +
        "npm run build:executable makes an executable without a front.",
    );
  for (const part of ["completions", "man/man1"]) mkdirSync(join(folder, part), { recursive: true });
  cpSync(executable, folder, { recursive: true });
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.txt"), notices);
  writeFileSync(join(folder, "man/man1/eks-x509.1"), man);
  for (const [name, script] of completions) writeFileSync(join(folder, "completions", name), script);
  if (platform.os !== "windows")
    writeFileSync(join(folder, "kubectl_complete-eks_x509"), pluginCompletion, { mode: 0o755 });
}

/** kubectl looks for it on PATH, beside kubectl-eks_x509. */
const pluginCompletion = `#!/bin/sh
# kubectl runs this file on TAB after kubectl eks-x509, with the words that are typed.
exec "\${0%/*}/eks-x509" __complete "$@"
`;

/** The scripts that `eks-x509 completion` prints, under the names that the shells look for. */
export function completionScripts() {
  const names = { bash: "eks-x509.bash", zsh: "_eks-x509", fish: "eks-x509.fish" };
  const scripts = Object.entries(names).map(([shell, name]) => {
    const args = [join(root, "bin/eks-x509"), "completion", shell];
    return [name, execFileSync(process.execPath, args).toString()];
  });
  return new Map(scripts);
}

/** The table of commands is TypeScript: it is bundled into a file that Node can import. */
export async function manPage(release) {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-man-"));
  try {
    const file = join(folder, "man-page.mjs");
    const input = join(root, "scripts/package/man-page.ts");
    await build({ input, platform: "node", logLevel: "silent", output: { file, codeSplitting: false } });
    const { manPage: page } = await import(file);
    return page(release.version, new Date(release.epoch * 1000));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {readonly { name: string, version: string, license?: string, texts?: readonly string[] }[]} parts what is not in the bundle
 * @param {readonly import("./linked.js").Part[]} linked
 */
export function noticesOf(parts, linked) {
  const line = `\n${"-".repeat(78)}\n\n`;
  const more = parts.map(({ name, version, license, texts = [] }) => {
    if (license === undefined || texts.length === 0)
      throw new Error(`${name} ${version} has no licence or no text of it`);
    return `${[`${name} ${version}: ${license}`, ...texts].join("\n\n")}\n`;
  });
  return [
    readFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8"),
    ...more,
    `${linkedNotice(linked)}\n`,
  ].join(line);
}
