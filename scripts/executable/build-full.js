// The full program: this project's code and its runtime in one file, with the native code beside it.
//   build-full FOLDER [PLATFORM]
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import config from "../../rolldown.config.js";
import {
  executableName,
  nativeFiles,
  npmTarget,
  platformNamed,
  runtimeTarget,
  thisPlatform,
} from "../platforms.js";
import { packagesFor } from "./packages.js";
import { silence } from "./silence.js";

const root = resolve(import.meta.dirname, "..", "..");
const [folder, name = thisPlatform()] = process.argv.slice(2);

if (folder === undefined) {
  console.error("usage: build-full FOLDER [PLATFORM]");
  process.exitCode = 2;
} else await build(resolve(folder), platformNamed(name));

async function build(to, platform) {
  const work = mkdtempSync(join(tmpdir(), "eks-x509-build-"));
  try {
    const [source, runtime] = [join(work, "bundle"), join(work, "runtime")];
    await bundle(source);
    silence(runtimeFile(platform), runtime, platform.os);
    mkdirSync(to, { recursive: true });
    compile(source, runtime, platform, join(to, executableName(platform)));
    const packages = packagesFor(root, npmTarget(platform));
    for (const [path, file] of nativeFiles(platform)) copyFileSync(join(packages, path), join(to, file));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The code of the npm package, with another entry. */
async function bundle(dir) {
  const [{ output, plugins, ...program }] = config;
  const made = await rolldown({
    ...program,
    cwd: root,
    input: { "eks-x509": "src/executable.ts" },
    external: [],
    plugins: plugins.filter(({ name: plugin }) => plugin !== "module-type"),
  });
  await made.write({ ...output, dir, format: "esm" });
}

function compile(source, runtime, platform, file) {
  const flags = [
    ...["--compile", `--compile-executable-path=${runtime}`, `--target=${runtimeTarget(platform)}`],
    ...["--format=esm", "--splitting", "--bytecode", "--minify-whitespace", "--reject-unresolved"],
    ...["dotenv", "bunfig", "tsconfig", "package-json"].map((one) => `--no-compile-autoload-${one}`),
  ];
  const compiler = runtimeFile(platformNamed(thisPlatform()));
  chmodSync(compiler, 0o755);
  // The names of the source files become part of the program, so they are relative.
  execFileSync(compiler, ["build", ...flags, "./eks-x509.js", `--outfile=${file}`], {
    cwd: source,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function runtimeFile(platform) {
  const packages = packagesFor(import.meta.dirname, npmTarget(platform));
  return join(
    packages,
    "@oven",
    runtimeTarget(platform),
    "bin",
    platform.os === "windows" ? "bun.exe" : "bun",
  );
}
