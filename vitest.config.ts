import { availableParallelism } from "node:os";
import process from "node:process";
import { defineConfig } from "vitest/config";
import { useOwnTemporaryFolder } from "./test/temporary-folder.ts";

useOwnTemporaryFolder();

// Each Node process that has it reads all of the machine's CAs at its start, 30 ms of work. A test that is about it sets it.
delete process.env["NODE_EXTRA_CA_CERTS"];

/** A hundred processes at once take the whole machine: nothing else runs beside them, or it would run into its limits. */
const crowds = [
  "test/e2e/cache-crowd.test.ts",
  // In the complete run, these have fifty contenders and more.
  ...(process.env["EKS_X509_TESTS"] === "all"
    ? [
        "test/e2e/refused-token.test.ts",
        "test/cache/flight/single-flight.test.ts",
        "test/kubeconfig/disk/processes.test.ts",
      ]
    : []),
];

/** They fill the kernel's keyring, which a user has once. */
const keyrings = [
  "test/cache/keychain/{keyutils,loading,secret-service/secret-service}.test.ts",
  "test/e2e/{cache,cache-broken,clock-jumps,fast-path,many-clusters,refused-token,update-kubeconfig}.test.ts",
];

/** Root's keys may take 25 MB. Another user's, 20 kB: enough for one of these files at a time. See keyrings(7), "Limits". */
const alone = process.getuid?.() === 0 ? crowds : [...crowds, ...keyrings];

/** They are about the npm package. EKS_X509_PROGRAM names an executable, which the end-to-end tests start in its place. */
const packageOnly = process.env["EKS_X509_PROGRAM"]
  ? ["test/e2e/{code-cache,fast-path,launcher,package}.test.ts"]
  : [];

/** They start processes and wait for them, and keep what they share (a folder, a sandbox) for the length of one file. */
const withProcesses = ["test/e2e/**/*.test.ts"];

// Tests wait for processes, sockets and files: more workers than cores leave none of the cores idle. An etcd and a kube-apiserver for
// each file take all of the cores, and the program's limit of 10 seconds for an answer is over before the sandbox has its turn.
const workersPerCore = process.env["KUBEBUILDER_ASSETS"] ? 0.5 : 1.5;
const maxWorkers = Math.ceil(availableParallelism() * workersPerCore);

export default defineConfig({
  test: {
    reporters: ["default", "./test/reporter.ts"],
    // Limits on what hangs. A busy machine takes its time, so they are far from what any test needs.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Machines are shared: a process can be kept waiting past any limit. What needed the second try is named at the end.
    retry: 1,
    projects: [
      {
        extends: true,
        test: {
          name: "end to end",
          include: withProcesses,
          exclude: [...alone, ...packageOnly],
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: [...withProcesses, ...alone],
          // One process for many files: most of a small file's time is a new process and its imports.
          isolate: false,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          exclude: packageOnly,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
