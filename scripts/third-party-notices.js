// A build plugin: the licences of the packages whose code is in the bundle go along with it, as they ask for.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export function thirdPartyNotices() {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) =>
        output.type === "chunk" ? output.moduleIds : [],
      );
      const folders = new Set(modules.map(packageFolder).filter(Boolean));
      const notices = [...folders].map(notice).sort();
      this.emitFile({
        type: "asset",
        fileName: "THIRD-PARTY-NOTICES.txt",
        source: notices.join(`\n${"-".repeat(78)}\n\n`),
      });
      // For the bill of materials: where each package is in package-lock.json.
      const paths = [...folders].map((folder) => relative(process.cwd(), folder).replaceAll("\\", "/"));
      this.emitFile({
        type: "asset",
        fileName: "bundled-packages.json",
        source: `${JSON.stringify(paths.sort())}\n`,
      });
    },
  };
}

/** The package that a module belongs to; undefined for our own, and for the bundler's. */
function packageFolder(id) {
  if (!id.includes("node_modules")) return undefined;
  let folder = dirname(id);
  // A package's own package.json has a name and a version; one that only sets the module type has none.
  while (!existsSync(join(folder, "package.json")) || !manifest(folder).version) folder = dirname(folder);
  return folder;
}

function notice(folder) {
  const { name, version, license } = manifest(folder);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} has no text of its licence`);
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return `${name} ${version}: ${license}\n\n${texts.join("\n\n")}\n`;
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
