// Types, lint, format and generated pages, side by side; fails if one of them does.
import { spawn } from "node:child_process";

const checks = [
  "npx --no-install tsc --noEmit",
  "npx --no-install eslint .",
  "npx --no-install prettier --check .",
  "node scripts/errors-page.js --check",
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
