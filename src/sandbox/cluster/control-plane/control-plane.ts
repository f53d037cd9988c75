/** The sandbox's Kubernetes side on a real kube-apiserver and etcd, with the sandbox's authenticator as its webhook. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, textIn } from "../../json-value.ts";
import type { SandboxCertificates } from "../../sandbox-certificates.ts";
import type { SandboxFolder } from "../../sandbox-folder.ts";
import { createTokenReview } from "../authenticator/token-review.ts";
import type { KubernetesOptions, KubernetesSide } from "../kubernetes-side.ts";
import { adminApi, type AdminApi } from "./admin-api.ts";
import { followAuditLog } from "./audit-events.ts";
import { watchAwsAuth } from "./aws-auth-watch.ts";
import { apiServerFiles, auditLogName } from "./command-lines.ts";
import { createInitialObjects } from "./initial-objects.ts";
import { type Assets, findAssets, startPrograms } from "./programs.ts";

export interface ControlPlaneOptions extends KubernetesOptions {
  /** The folder with both programs. */
  assets: string;
  folder: SandboxFolder;
  /** The name of its subfolder for the programs' files, their logs, and `audit.log`. */
  controlPlaneFolder: string;
  certificates: SandboxCertificates;
  /** Cancels a start in progress, which then throws. */
  signal?: AbortSignal | undefined;
}

/** @throws {EksX509Error} if a program is missing, does not start, or does not become ready */
export async function startControlPlane(options: ControlPlaneOptions): Promise<KubernetesSide> {
  const assets = await findAssets(options.assets);
  await mkdir(join(options.folder.path, options.controlPlaneFolder), { mode: 0o700 });
  const webhook = await options.serve(createTokenReview(options.authenticator));
  const closed = new AbortController();
  // The programs end with the folder that they run in.
  const stop = async (): Promise<void> => {
    closed.abort();
    await webhook.close();
  };
  const signal = options.signal ? AbortSignal.any([closed.signal, options.signal]) : closed.signal;
  try {
    const side = await run(options, assets, `${webhook.url}/authenticate`, signal);
    return {
      ...side,
      close: async () => {
        await side.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `close` stops all but the programs. */
async function run(
  options: ControlPlaneOptions,
  assets: Assets,
  webhookUrl: string,
  signal: AbortSignal,
): Promise<KubernetesSide> {
  const { awsAuth, folder, controlPlaneFolder: name } = options;
  const certificateAuthority = options.certificates.tlsAuthority.certificate;
  const { server } = options.certificates;
  const token = randomBytes(32).toString("hex");
  const files = apiServerFiles({ certificateAuthority, server, webhookUrl, adminToken: token });
  for (const [file, content] of Object.entries(files)) await folder.write(join(name, file), content);
  const apiAt = (port: number): AdminApi => adminApi({ port, certificateAuthority }, token);
  const path = join(folder.path, name);
  const port = await startPrograms({
    guard: folder.guard,
    name,
    folder: path,
    assets,
    signal,
    onEvent: options.onEvent,
    isReady: (candidate) => isSetUp(apiAt(candidate), awsAuth),
  });
  const version = await versionOf(apiAt(port));
  const watch = await watchAwsAuth(apiAt(port));
  const audit = followAuditLog(join(path, auditLogName), options.onEvent);
  return {
    url: `https://127.0.0.1:${port}`,
    kind: `kube-apiserver ${version}`,
    version: /\d+\.\d+/.exec(version)?.[0] ?? "",
    awsAuth: watch.data,
    close: async () => {
      await audit.close();
      watch.close();
    },
  };
}

/** Ready, with the initial objects. Parts of the API can appear shortly after the server reports ready. */
async function isSetUp(api: AdminApi, awsAuth: KubernetesOptions["awsAuth"]): Promise<boolean> {
  try {
    if ((await api.request("GET", "/readyz")).status !== 200) return false;
    await createInitialObjects(api, awsAuth);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(api: AdminApi): Promise<string> {
  const { body } = await api.request("GET", "/version");
  return isJsonObject(body) ? textIn(body, "gitVersion") : "";
}
