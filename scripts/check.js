// Types, lint and format, side by side; fails if one of them does.
import { spawn } from "node:child_process";

const checks = ["tsc --noEmit", "eslint .", "prettier --check ."];
const codes = await Promise.all(
  checks.map(
    (check) =>
      new Promise((resolve) => {
        spawn("npx", ["--no-install", ...check.split(" ")], {
          stdio: "inherit",
          shell: process.platform === "win32",
        }).on("close", resolve);
      }),
  ),
);
for (const [index, code] of codes.entries()) if (code !== 0) console.error(`failed: ${checks[index]}`);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
