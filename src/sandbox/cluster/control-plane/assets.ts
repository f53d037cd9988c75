/** The two programs in the folder that KUBEBUILDER_ASSETS names, as in envtest. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { programMissing } from "./failures.ts";

export interface Assets {
  /** Absolute paths. */
  etcd: string;
  kubeApiserver: string;
}

/** @throws {EksX509Error} if one is missing, because the embedded API must not replace them silently */
export async function findAssets(folder: string): Promise<Assets> {
  return {
    etcd: await programIn(folder, "etcd"),
    kubeApiserver: await programIn(folder, "kube-apiserver"),
  };
}

async function programIn(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  if (await isProgram(path)) return path;
  throw programMissing(name);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
