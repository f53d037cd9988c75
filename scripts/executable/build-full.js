// The full program: this project's code and its runtime in one file, with the native code beside it.
//   build-full FOLDER [PLATFORM]
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import config from "../../rolldown.config.js";
import { packagesFor } from "./packages.js";
import { platforms, thisPlatform } from "./platforms.js";
import { silence } from "./silence.js";

const [folder, name = thisPlatform()] = process.argv.slice(2);
const platform = platforms[name];
if (folder === undefined || platform === undefined) {
  const known = Object.keys(platforms).join(", ");
  console.error(
    `usage: build-full FOLDER [PLATFORM]\nPlatforms: ${known}. This machine is ${thisPlatform()}.`,
  );
  process.exit(2);
}

const root = resolve(import.meta.dirname, "..", "..");
const work = mkdtempSync(join(tmpdir(), "eks-x509-build-"));
try {
  mkdirSync(folder, { recursive: true });
  await bundle(join(work, "bundle"));
  compile(join(work, "bundle"), join(resolve(folder), programFile()));
  copyNativeCode(packagesFor(root, platform), resolve(folder));
} finally {
  rmSync(work, { recursive: true });
}

/** The code of the npm package, with another entry. */
async function bundle(dir) {
  const [{ output, plugins, ...program }] = config;
  const build = await rolldown({
    ...program,
    cwd: root,
    input: { "eks-x509": "src/executable.ts" },
    external: [],
    plugins: plugins.filter(({ name: plugin }) => plugin !== "module-type"),
  });
  await build.write({ ...output, dir, format: "esm" });
}

function compile(source, file) {
  const runtimeFile = ({ os, runtime }, packages) =>
    join(packages, "@oven", `bun-${runtime}`, "bin", os === "win32" ? "bun.exe" : "bun");
  const own = platforms[thisPlatform()];
  const compiler = runtimeFile(own, packagesFor(import.meta.dirname, own));
  const runtime = join(work, "runtime");
  silence(runtimeFile(platform, packagesFor(import.meta.dirname, platform)), runtime, platform.os);
  chmodSync(compiler, 0o755);
  const flags = [
    ...["--compile", `--compile-executable-path=${runtime}`, `--target=bun-${platform.runtime}`],
    ...["--format=esm", "--splitting", "--bytecode", "--minify-whitespace", "--reject-unresolved"],
    ...["dotenv", "bunfig", "tsconfig", "package-json"].map((one) => `--no-compile-autoload-${one}`),
  ];
  // Names within the bundle become part of the file, so they are relative.
  execFileSync(compiler, ["build", ...flags, "./eks-x509.js", `--outfile=${file}`], {
    cwd: source,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function copyNativeCode(packages, to) {
  const { os, cpu, keyring, koffi } = platform;
  const file = `keyring.${keyring}.node`;
  copyFileSync(join(packages, "@napi-rs", `keyring-${keyring}`, file), join(to, file));
  copyFileSync(join(packages, "@koromix", `koffi-${os}-${cpu}`, koffi, "koffi.node"), join(to, "koffi.node"));
}

function programFile() {
  return platform.os === "win32" ? "eks-x509.exe" : "eks-x509";
}
