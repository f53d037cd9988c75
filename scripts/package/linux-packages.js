// deb and rpm, which nfpm makes of one description: https://nfpm.goreleaser.com/docs/configuration/
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump } from "js-yaml";
import { goArch } from "../platforms.js";
import { root } from "./release.js";

const completionOfPlugin = "kubectl_complete-eks_x509";

/**
 * @param {string} folder what stage() made
 * @param {string} out for the two files
 */
export function linuxPackages(release, platform, folder, out) {
  const scratch = mkdtempSync(join(tmpdir(), "eks-x509-nfpm-"));
  try {
    const config = join(scratch, "nfpm.yaml");
    writeFileSync(config, dump(description(release, platform, folder)));
    for (const packager of ["deb", "rpm"]) {
      const args = ["nfpm", "package", `--config=${config}`, `--packager=${packager}`, `--target=${out}`];
      const env = { ...process.env, SOURCE_DATE_EPOCH: `${release.epoch}` };
      execFileSync(join(root, "scripts/go-tool"), args, { env, stdio: ["ignore", "ignore", "inherit"] });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function description(release, platform, folder) {
  return {
    name: "eks-x509",
    version: release.version,
    arch: goArch(platform),
    platform: "linux",
    section: "net",
    priority: "optional",
    maintainer: "The eks-x509 authors <noreply@users.noreply.github.com>",
    description: release.description,
    homepage: release.repository,
    license: release.license,
    mtime: new Date(release.epoch * 1000).toISOString(),
    rpm: { buildhost: "localhost", summary: "Sign in to Amazon EKS with an X.509 certificate" },
    contents: contents(folder),
    // The native code that calls PKCS#11 modules needs the C++ library; everything else works without it.
    overrides: {
      deb: { depends: ["libc6 (>= 2.17)"], recommends: ["libstdc++6"] },
      rpm: { depends: ["glibc >= 2.17"], recommends: ["libstdc++"] },
    },
  };
}

function contents(folder) {
  const home = "/usr/lib/eks-x509";
  const pages = "/usr/share/doc/eks-x509";
  const page = (from, to, more) => ({
    src: join(folder, from),
    dst: to,
    file_info: { mode: 0o644 },
    ...more,
  });
  const link = (name) => ({ src: "../lib/eks-x509/eks-x509", dst: `/usr/bin/${name}`, type: "symlink" });
  const zsh = [
    ["deb", "/usr/share/zsh/vendor-completions"],
    ["rpm", "/usr/share/zsh/site-functions"],
  ];
  // rpm removes only the folders that a package names.
  const own = [home, pages].map((dst) => ({ dst, type: "dir", file_info: { mode: 0o755 } }));
  return [
    ...own,
    ...programFiles(folder).map((name) => ({
      src: join(folder, name),
      dst: `${home}/${name}`,
      ...(statSync(join(folder, name)).isDirectory() && { type: "tree" }),
    })),
    link("eks-x509"),
    link("kubectl-eks_x509"),
    { src: join(folder, completionOfPlugin), dst: `/usr/bin/${completionOfPlugin}` },
    page("completions/eks-x509.bash", "/usr/share/bash-completion/completions/eks-x509"),
    page("completions/eks-x509.fish", "/usr/share/fish/vendor_completions.d/eks-x509.fish"),
    ...zsh.map(([packager, to]) => page("completions/_eks-x509", `${to}/_eks-x509`, { packager })),
    page("man/man1/eks-x509.1", "/usr/share/man/man1/eks-x509.1"),
    page("LICENSE", `${pages}/copyright`),
    page("THIRD-PARTY-NOTICES.txt", `${pages}/THIRD-PARTY-NOTICES.txt`),
  ];
}

/** The executable and what is beside it: libexec/, or native code where there is no front. */
function programFiles(folder) {
  const pages = ["completions", completionOfPlugin, "man", "LICENSE", "THIRD-PARTY-NOTICES.txt"];
  return readdirSync(folder).filter((name) => !pages.includes(name));
}
