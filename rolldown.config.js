import { join } from "node:path";
import { defineConfig } from "rolldown";

/**
 * Everything is bundled, so that a user installs one package and nothing else, and so that starting the
 * program opens a few files rather than hundreds. Each dynamic import() becomes a chunk of its own.
 */
export default defineConfig({
  input: { main: "src/main.ts" },
  platform: "node",
  // Native code: @napi-rs/keyring comes as a dependency, keytar if the user has installed it.
  external: ["@napi-rs/keyring", "keytar"],
  // The ES modules of the packages, where they have any: of CommonJS, nothing can be left out.
  resolve: {
    mainFields: ["module", "main"],
    alias: { debug: join(import.meta.dirname, "src/http/no-debug.ts") },
  },
  output: {
    dir: "dist",
    format: "esm",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  },
});
