/** Every kubectl on this machine, as a client that takes the steps: the one on PATH, and those of the versions that are supported. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { forms } from "./clients.js";
import { onPath, run } from "./processes.js";

const versions = ["1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33"];
const steps = { list: ["get", "namespaces", "-o", "name"], create: ["create", "namespace", "forbidden"] };

export function kubectls() {
  const first = onPath("kubectl");
  const named = (name) => {
    const beside = first && join(dirname(realpathSync(first)), name);
    return beside && existsSync(beside) ? beside : onPath(name);
  };
  return [
    { name: "kubectl", path: first },
    ...versions.map((version) => ({ name: `kubectl.${version}`, path: named(`kubectl.${version}`) })),
  ].map((kubectl) => ({ ...kubectl, forms: Object.values(forms) }));
}

/** The lines that the other clients print. */
export async function takeSteps(path, names, env) {
  const lines = [{ client: `kubectl ${await versionOf(path, env)}` }];
  for (const step of names) lines.push({ step, ...outcomeOf(step, await run(path, steps[step], { env })) });
  return lines;
}

const known = new Map();

async function versionOf(path, env) {
  if (!known.has(path)) known.set(path, await run(path, ["version", "--client", "-o", "json"], { env }));
  return JSON.parse(known.get(path).stdout).clientVersion.gitVersion;
}

function outcomeOf(step, { code, stdout, stderr }) {
  if (code === 0 && step === "create") return { code: 201 };
  if (code === 0)
    return {
      code: 200,
      namespaces: stdout
        .trim()
        .split("\n")
        .map((line) => line.replace("namespace/", "")),
    };
  const forbidden = stderr.includes("Error from server (Forbidden): ");
  return { code: forbidden ? 403 : 0, forbidden, message: stderr.trim() };
}
