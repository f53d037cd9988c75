// Counts the source files and functions that get-token and credential-process, each on a miss and on a hit, and `token debug` run. V8's
// coverage of a build in which each source file is a file has them. A file runs when a function of it does; a file that is loaded for
// its types' sake or its constants does not.
// Starts itself again inside the sandbox, and in a session keyring of its own where keyctl is there. Fails above a limit.
//   npm run build && node scripts/count-files.js [--list]
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import typescript from "typescript";
import { forgetAllAtEnd, hasKeyring } from "./bench/keyring.js";

const root = join(import.meta.dirname, "..");
const folder = process.env.COUNT_FILES_FOLDER;

/** The most files that each may run. */
const limits = { miss: 60, "credential-process miss": 60, "token debug": 110 };

if (folder === undefined) startInside();
else count();

function startInside() {
  const made = mkdtempSync(join(tmpdir(), "eks-x509-files-"));
  const program = join(root, "bin", "eks-x509");
  const [file, ...args] = [
    ...(hasKeyring() ? ["keyctl", "session", "-"] : []),
    ...[process.execPath, program, "sandbox", "--"],
    ...[process.execPath, import.meta.filename, ...process.argv.slice(2)],
  ];
  const env = {
    ...process.env,
    COUNT_FILES_FOLDER: made,
    EKS_X509_CACHE: hasKeyring() ? "keyutils" : "none",
  };
  try {
    execFileSync(file, args, { stdio: "inherit", env });
  } catch (error) {
    process.exitCode = error.status ?? 1;
  } finally {
    rmSync(made, { recursive: true });
  }
}

function count() {
  const entry = unbundled();
  const { args, env: added } = load(readFileSync(process.env.KUBECONFIG, "utf8")).users[0].user.exec;
  const env = { ...process.env, ...Object.fromEntries(added.map(({ name, value }) => [name, value])) };
  const forSdks = args.map((word) => (word === "get-token" ? "credential-process" : word));
  const runs = [
    ["miss", args],
    ...(hasKeyring()
      ? [
          ["hit", args],
          ["credential-process hit", forSdks],
        ]
      : []),
    // Another session than the one that is in the cache.
    ["credential-process miss", [...forSdks, "--session-duration=1800"]],
    ["token debug", ["token", "debug"]],
  ];
  forgetAllAtEnd();
  for (const [name, words] of runs) print(name, ranIn([entry, ...words], env));
}

/** Each source file as a file of its own. @returns the program */
function unbundled() {
  const source = join(root, "src");
  const build = join(folder, "build");
  for (const file of readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
    const target = join(build, file.replace(/ts$/, "js"));
    mkdirSync(dirname(target), { recursive: true });
    const { outputText } = typescript.transpileModule(readFileSync(join(source, file), "utf8"), {
      compilerOptions: {
        module: typescript.ModuleKind.ESNext,
        target: typescript.ScriptTarget.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(target, outputText);
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  const entry = join(folder, "start.js");
  writeFileSync(
    entry,
    'import { run } from "./build/main.js";\nrun(process.argv.slice(2)).then((code) => process.exit(code));\n',
  );
  return entry;
}

/** @returns the source files that were loaded, each with the number of its functions that ran */
function ranIn(command, env) {
  const coverage = mkdtempSync(join(folder, "coverage-"));
  execFileSync(process.execPath, command, {
    env: { ...env, NODE_V8_COVERAGE: coverage },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const build = join(folder, "build");
  const ran = new Map();
  for (const name of readdirSync(coverage))
    for (const { url, functions } of JSON.parse(readFileSync(join(coverage, name), "utf8")).result) {
      if (!url.startsWith("file:") || !fileURLToPath(url).startsWith(build)) continue;
      // The first is the file itself.
      const called = functions.slice(1).filter(({ ranges: [whole] }) => whole.count > 0);
      ran.set(relative(build, fileURLToPath(url)), called.length);
    }
  return ran;
}

function print(name, ran) {
  const counts = [...ran.values()].filter((called) => called > 0);
  const functions = counts.reduce((sum, called) => sum + called, 0);
  const limit = limits[name];
  const most = limit === undefined ? "" : ` (at most ${limit})`;
  console.log(
    `${name}: ${counts.length} files${most} and ${functions} functions run; ${ran.size} files loaded`,
  );
  if (process.argv.includes("--list"))
    for (const [file, called] of [...ran].sort()) console.log(`  ${String(called).padStart(3)} ${file}`);
  if (counts.length > limit) process.exitCode = 1;
}
