import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { adapters, filesOfHit, readGraph } from "./scripts/import-graph.js";

/** Folders of pure code: bytes, dates and values in; values out. Files, clock, network and environment stay outside. */
const pureFolders = [
  "src/aws/**",
  "src/identity/**",
  "src/trust-policy/**",
  "src/setup/**",
  "src/rolesanywhere/**",
  "src/token/**",
  "src/authenticator/**",
  "src/kubeconfig/{read,edit}/**",
  "src/exec/*.ts",
  "src/kubernetes-api/**",
];

/** A cache hit runs in any JavaScript engine that has these two beside ECMAScript: URL and TextDecoder. */
const hit = filesOfHit(readGraph(join(import.meta.dirname, "src")).imports).map((file) => `src/${file}`);
const notInEveryEngine = [
  "process",
  "Buffer",
  "require",
  "global",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "queueMicrotask",
  "structuredClone",
  "performance",
  "console",
  "crypto",
  "fetch",
  "TextEncoder",
  "URLSearchParams",
  "AbortController",
  "AbortSignal",
  "Intl",
  "atob",
  "btoa",
];

/** Node's modules that compute, and ask nothing of the system. Only the adapters import the others. */
const computing = /^(buffer|crypto|events|path|stream|timers|url|util)(\/|$)/;
const noImpureModules = builtinModules
  .filter((name) => !computing.test(name))
  .flatMap((name) => [name, `node:${name}`]);

export default tseslint.config(
  { ignores: ["dist/", "out/", "front/target/", "node_modules/", "coverage/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-globals": ["error", { name: "process", message: "Take it from src/dependencies.ts." }],
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-duplicate-imports": ["error", { allowSeparateTypeImports: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An empty environment variable is an unset one.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      complexity: ["error", 12],
      "max-lines-per-function": ["error", { max: 40, skipBlankLines: true, skipComments: true }],
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["dependencies.ts", "key-dependencies.ts", "native-code.ts", "executable.ts", ...adapters].map(
      (path) => `src/${path.replace(/\/$/, "/**")}`,
    ),
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: noImpureModules.map((name) => ({ name, message: "Take a port: an adapter imports it." })) },
      ],
    },
  },
  {
    files: hit,
    rules: {
      "no-restricted-globals": [
        "error",
        ...notInEveryEngine.map((name) => ({ name, message: "A cache hit runs without it: take a port." })),
      ],
    },
  },
  {
    files: pureFolders,
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Time is an argument." },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: "Time is an argument.",
        },
      ],
    },
  },
  {
    files: ["test/**", "scripts/**", "src/{dependencies,key-dependencies,native-code,executable}.ts"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    files: ["test/**"],
    rules: {
      "max-lines": "off",
      "max-lines-per-function": "off",
      // Fixtures are read into the type that their test expects: where they differ, the test fails.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["**/*.js", "bin/*"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "process",
          "console",
          "performance",
          "setTimeout",
          "clearTimeout",
          "setInterval",
          "clearInterval",
          "Buffer",
          "URL",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
  {
    files: ["bin/*.js"],
    languageOptions: { sourceType: "commonjs", globals: { __dirname: "readonly" } },
  },
);
