// The manifests that package managers read: where the archives of a release are, and their checksums.
import { dump } from "js-yaml";
import { archiveName, executableName, goArch } from "../platforms.js";

/**
 * krew: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
 * krew cannot choose between glibc and musl: on Linux it installs the glibc archive.
 * @param {ReadonlyMap<string, string>} sums the SHA-256 of each file by its name
 */
export function krewManifest(release, platforms, sums) {
  const built = platforms
    .filter(({ isMusl }) => !isMusl)
    .map((platform) => ({
      selector: { matchLabels: { os: platform.os, arch: goArch(platform) } },
      ...source(release, platform, sums, "uri"),
      bin: executableName(platform),
    }));
  return dump({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "eks-x509" },
    spec: {
      version: `v${release.version}`,
      homepage: release.repository,
      shortDescription: "Sign in to Amazon EKS with an X.509 certificate",
      description: [
        "An exec credential plugin for Amazon EKS. It exchanges an X.509 certificate",
        "for an IAM Roles Anywhere session, and signs an EKS token with it.",
        "No AWS access keys are needed.",
        "",
      ].join("\n"),
      caveats: [
        "krew installs the program as kubectl-eks_x509. The kubeconfig entry must use",
        "that name:",
        "  kubectl eks-x509 update-kubeconfig --command kubectl-eks_x509 ...",
        "",
      ].join("\n"),
      platforms: built,
    },
  });
}

/** Homebrew: https://docs.brew.sh/Formula-Cookbook */
export function homebrewFormula(release, platforms, sums) {
  const of = (os) => platforms.filter((platform) => platform.os === os && !platform.isMusl);
  return `class EksX509 < Formula
  desc "Sign in to Amazon EKS with an X.509 certificate"
  homepage "${release.repository}"
  version "${release.version}"
  license "${release.license}"
${[onSystem("macos", of("darwin")), onSystem("linux", of("linux"))].filter(Boolean).join("\n")}

  def install
    bash_completion.install "completions/eks-x509.bash" => "eks-x509"
    zsh_completion.install "completions/_eks-x509"
    fish_completion.install "completions/eks-x509.fish"
    man1.install "man/man1/eks-x509.1"
    # The executable finds its other files beside it, also through a link.
    libexec.install Dir["eks-x509", "libexec", "*.node", "*.LICENSE.md"]
    bin.install_symlink libexec/"eks-x509"
    bin.install_symlink libexec/"eks-x509" => "kubectl-eks_x509"
    bin.install "kubectl_complete-eks_x509"
    doc.install "THIRD-PARTY-NOTICES.txt"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/eks-x509 --version")
  end
end
`;

  function onSystem(system, those) {
    if (those.length === 0) return "";
    const blocks = those.map((platform) => {
      const { url, sha256 } = source(release, platform, sums, "url");
      const cpu = platform.arch === "arm64" ? "arm" : "intel";
      return `    on_${cpu} do\n      url "${url}"\n      sha256 "${sha256}"\n    end`;
    });
    return `\n  on_${system} do\n${blocks.join("\n")}\n  end`;
  }
}

function source({ version, download }, platform, sums, key) {
  const name = archiveName(platform, version);
  const sha256 = sums.get(name);
  if (sha256 === undefined) throw new Error(`${name} has no checksum`);
  return { [key]: `${download}/${name}`, sha256 };
}
