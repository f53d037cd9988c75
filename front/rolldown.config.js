import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";

const script = join(import.meta.dirname, "script");
const source = join(import.meta.dirname, "..", "src");

/** Node's modules that the front's part uses, on the host's functions. */
const node = {
  "node:crypto": "crypto.ts",
  "node:fs": "fs.ts",
  "node:fs/promises": "fs-promises.ts",
  "node:os": "os.ts",
  "node:path": "path.ts",
  "node:util": "util.ts",
};

/** What the front does by itself beyond a plain hit of get-token. Every other import() starts the full program. */
const own = [
  "cache/keychain/kernel-keys.ts",
  "cache/keychain/spare-entry.ts",
  "cli/commands/credential-process/run.ts",
  "cli/settings/cluster-server.ts",
  "cli/settings/config-yaml.ts",
  "foundation/files/links.ts",
  "sign-in/miss.ts",
  "sign-in/refused-token.ts",
];

/** The front's part of the program as modules for QuickJS, which has neither Node's modules nor its globals. */
export default defineConfig({
  input: { main: join(script, "main.ts") },
  preserveEntrySignatures: "allow-extension",
  platform: "neutral",
  resolve: { mainFields: ["module", "main"], conditionNames: ["module", "import"] },
  plugins: [
    {
      name: "host",
      resolveId(name, importer, { kind }) {
        // A package imports more of Node than is left in the end, which generateBundle() checks.
        if (isBuiltin(name) && importer.includes("node_modules") && !importer.endsWith("/Sha256Node.js"))
          return { id: name, external: true };
        if (name in node) return join(script, "node", node[name]);
        if (!name.startsWith(".")) return undefined;
        const path = join(importer, "..", name);
        if (path === join(source, "cache/keychain/native/binding.ts"))
          return join(script, "kernel-keyring.ts");
        if (kind !== "dynamic-import" || own.some((file) => path === join(source, file))) return undefined;
        return join(script, "full-program.ts");
      },
      generateBundle(_, bundle) {
        for (const { fileName, imports = [], dynamicImports = [] } of Object.values(bundle))
          for (const other of [...imports, ...dynamicImports])
            if (!(other in bundle)) this.error(`${fileName} imports ${other}, which the front does not have`);
      },
    },
  ],
  output: {
    dir: fileURLToPath(new URL("target/script", import.meta.url)),
    format: "esm",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: {
      groups: [
        { name: "main", tags: ["$initial"], priority: 1 },
        { name: "miss", test: /src\/sign-in\/(miss|refused-token)\.ts$/ },
        { name: "credential-process", test: /src\/cli\/commands\/credential-process\/run\.ts$/ },
      ],
    },
    minify: { compress: false, mangle: true, codegen: { removeWhitespace: true } },
  },
});
