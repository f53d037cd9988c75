/**
 * The clients that are run, beside kubectl. Each is a program in a folder here that takes steps (`list`, `create`) and prints a line
 * of JSON for each: the server's code, and whether the client itself calls a refusal Forbidden.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ran } from "./processes.js";

/** `cluster information`: provideClusterInfo and the cluster's extension; `args`: update-kubeconfig --inline-args. */
export const forms = { clusterInformation: "cluster information", args: "args" };

const both = [forms.clusterInformation, forms.args];

/**
 * name: also of its folder. needs: what must be there; asked by running it, with the answer that will do, and the reason to tell
 * otherwise. build: makes the client in an empty folder, downloads included; absent where nothing is to be made. command: runs it.
 */
export const clients = [
  {
    name: "node",
    forms: [forms.args],
    needs: [{ ask: ["node", "--version"] }],
    command: () => [process.execPath, sourceOf("node", "client.js")],
  },
  {
    name: "python",
    forms: both,
    ...pythonClient(sourceOf("python")),
  },
  {
    name: "go",
    forms: both,
    ...goClient(sourceOf("go")),
  },
  { name: "java-official", forms: [forms.args], ...javaClient(sourceOf("java-official", "pom.xml")) },
  { name: "java-fabric8", forms: [forms.args], ...javaClient(sourceOf("java-fabric8", "pom.xml")) },
];

export function pythonClient(sources) {
  return {
    needs: [
      { ask: ["python3", "--version"] },
      { ask: ["python3", "-c", "import venv, ensurepip"], otherwise: "python3 without venv" },
    ],
    build: async (folder) => {
      await ran("python3", ["-m", "venv", join(folder, "venv")]);
      const pip = [join(folder, "venv/bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"];
      const pinned = ["--require-hashes", "--requirement", join(sources, "requirements.txt")];
      await ran(pip[0], [...pip.slice(1), "install", ...pinned]);
    },
    command: (folder) => [join(folder, "venv/bin/python"), join(sources, "client.py")],
  };
}

export function goClient(sources) {
  return {
    // Since 1.21, Go fetches by itself the compiler that go.mod asks for.
    needs: [
      { ask: ["go", "version"], answers: /\bgo(1\.(2[1-9]|[3-9]\d)|[2-9])/, otherwise: "go before 1.21" },
    ],
    // With the control plane's flags, so that the two share what is compiled.
    build: async (folder) => {
      const flags = ["-trimpath", "-buildvcs=false", "-mod=readonly"];
      const env = { ...process.env, CGO_ENABLED: "0" };
      await ran("go", ["build", ...flags, "-o", join(folder, "client"), "."], { cwd: sources, env });
    },
    command: (folder) => [join(folder, "client")],
  };
}

export function javaClient(pom) {
  return {
    needs: [{ ask: ["java", "-version"] }, { ask: ["javac", "-version"] }, { ask: ["mvn", "--version"] }],
    build: async (folder, cache) => {
      const built = [`-DbuildDirectory=${folder}`, `-DoutputDirectory=${join(folder, "jars")}`];
      const goals = ["compiler:compile", "dependency:copy-dependencies"];
      // -C: a checksum that does not match is an error.
      const maven = ["--quiet", "--batch-mode", "-C", `-Dmaven.repo.local=${join(cache, "maven")}`];
      await ran("mvn", [...maven, "-f", pom, ...built, ...goals]);
    },
    command: (folder) => [
      "java",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      `${join(folder, "classes")}:${join(folder, "jars/*")}`,
      "Client",
    ],
  };
}

export function sourceOf(...path) {
  return fileURLToPath(new URL(path.join("/"), import.meta.url));
}
