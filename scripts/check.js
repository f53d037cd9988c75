// Types, lint, format, generated pages and the import graph, side by side. Fails if one of them fails.
import { spawn } from "node:child_process";

const checks = [
  "npx --no-install tsc --noEmit",
  "npx --no-install eslint .",
  "npx --no-install prettier --check .",
  "node scripts/errors-page.js --check",
  "node scripts/import-graph.js",
];
const codes = await Promise.all(
  checks.map(
    (check) =>
      new Promise((resolve) => {
        const [command, ...words] = check.split(" ");
        spawn(command, words, { stdio: "inherit", shell: process.platform === "win32" }).on("close", resolve);
      }),
  ),
);
for (const [index, code] of codes.entries()) if (code !== 0) console.error(`failed: ${checks[index]}`);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
