import { defineConfig } from "rolldown";
import { buildInfo } from "./scripts/build-info.js";
import { thirdPartyNotices } from "./scripts/third-party-notices.js";

/**
 * Everything but native code is bundled, so that a user installs next to nothing, and so that starting the
 * program opens a few files rather than hundreds. Each dynamic import() becomes a chunk of its own; all that a hit needs is in main.js.
 */
const program = defineConfig({
  input: { main: "src/main.ts" },
  // What other chunks share with it, they take from main.js: a chunk of shared code would be one more file to open.
  preserveEntrySignatures: "allow-extension",
  platform: "node",
  // Native code: @napi-rs/keyring comes as a dependency, keytar if the user has installed it.
  external: ["@napi-rs/keyring", "keytar"],
  // The ES modules of the packages, where they have any: of CommonJS, nothing can be left out.
  resolve: { mainFields: ["module", "main"] },
  // yargs' `extends`, which nothing here uses, asks for import.meta.resolve.
  checks: { emptyImportMeta: false },
  plugins: [
    thirdPartyNotices(),
    buildInfo(),
    {
      // yargs looks up the current folder when it is loaded, and uses it for nothing here. The folder may be deleted.
      name: "yargs-without-cwd",
      transform: (code, id) =>
        id.includes("yargs")
          ? code.replace("mainFilename || process.cwd()", 'mainFilename || "/"')
          : undefined,
    },
    {
      // V8 keeps a text with one other character in two bytes a character: a large module is then read three times as slowly.
      name: "ascii",
      generateBundle(_, bundle) {
        for (const file of Object.values(bundle)) if (file.type === "chunk") file.code = inAscii(file.code);
      },
    },
    {
      name: "module-type",
      generateBundle() {
        this.emitFile({ type: "asset", fileName: "package.json", source: '{ "type": "commonjs" }\n' });
      },
    },
  ],
  output: {
    dir: "dist",
    // Node starts 5 ms sooner, a quarter of an empty program's time, when it need not set up its loader of ES modules.
    format: "cjs",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: {
      groups: [
        { name: "main", tags: ["$initial"], priority: 1 },
        // What a miss needs is one file, too, whoever else has a use for parts of it.
        { name: "miss", test: /src\/sign-in\/(miss|session|refused-token)\.ts$/ },
        {
          name: "call",
          test: /src\/(sign-in\/new-session|cache\/flight\/single-flight|http\/client|identity\/private-key)\.ts$/,
        },
      ],
    },
    // White space only: a compressor drops calls that can do nothing but throw, which is what a check is.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});

/** An escape means the same in a text, in a regular expression and in a comment, but not behind a backslash. */
function inAscii(code) {
  if (/(?<!\\)(?:\\\\)*\\[^\0-\x7f]|raw`[^`]*[^\0-\x7f]/.test(code))
    throw new Error("a text that cannot be written in ASCII");
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What a PKCS#11 module is loaded in runs as a process of its own, and loads nothing of the program. */
const pkcs11Module = defineConfig({
  input: { "pkcs11-module": "src/pkcs11-module.ts" },
  platform: "node",
  output: { dir: "dist", format: "cjs", entryFileNames: "[name].js", minify: program.output.minify },
});

export default [program, pkcs11Module];
