/** Kubeconfig files in a folder of their own, and entries that a test changes one thing of. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { readFile } from "../../../src/foundation/files/files.ts";
import {
  kubeconfigPaths,
  loadKubeconfig,
  parseKubeconfig,
  type Kubeconfig,
} from "../../../src/kubeconfig/read/kubeconfig.ts";
import { resolveContext, type Target } from "../../../src/kubeconfig/read/context.ts";

/** @returns the folder, which goes with the test */
export function filesIn(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "eks-x509-kubeconfig-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export interface Given {
  flag?: string;
  KUBECONFIG?: string;
}

/** As the program loads them, in this folder, which is home too. */
export function load(folder: string, { flag, KUBECONFIG }: Given): Promise<Kubeconfig> {
  const paths = kubeconfigPaths(flag, { KUBECONFIG, HOME: folder }, { home: folder, platform: "linux" });
  // Node's own current folder stays what it is: the files are found by absolute paths.
  const absolute = {
    ...paths,
    paths: paths.paths.map((path) => (path.startsWith("/") ? path : join(folder, path))),
  };
  return loadKubeconfig(absolute, { readFile, cwd: () => folder, platform: "linux" });
}

export const exec = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "eks-x509",
  args: ["get-token", "--cluster-name=demo"],
  interactiveMode: "Never",
};

export const server = "https://example.eks.amazonaws.com";

interface Parts {
  cluster?: unknown;
  user?: unknown;
  context?: unknown;
  current?: string;
}

/** JSON is YAML. One cluster, one user, one context. */
export function kubeconfigText({
  cluster = { server },
  user = { exec },
  context = { cluster: "c", user: "u" },
  current = "x",
}: Parts = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context }],
    "current-context": current,
  });
}

export function parse(text: string, folder = "/home/alice/.kube"): Kubeconfig {
  return parseKubeconfig({ path: "config", folder, text }, "linux");
}

export function target(parts: Parts = {}, wanted?: string): Target {
  return resolveContext(parse(kubeconfigText(parts)), wanted);
}
