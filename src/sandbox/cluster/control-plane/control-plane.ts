/** The sandbox's Kubernetes side on a real kube-apiserver and etcd, with the sandbox's authenticator as its webhook. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AwsAuthLists } from "../cluster-access.ts";
import type { Authenticator } from "../authenticator/authenticator.ts";
import { createTokenReview } from "../authenticator/token-review.ts";
import type { KubernetesSide } from "../kubernetes-side.ts";
import { isJsonObject, textIn, textMapIn } from "../../json-value.ts";
import type { SandboxCertificates } from "../../sandbox-certificates.ts";
import type { SandboxFolder } from "../../sandbox-folder.ts";
import type { LoopbackServer } from "../../server.ts";
import type { Handler, OnEvent } from "../../wire.ts";
import { adminApi, type AdminApi } from "./admin-api.ts";
import { apiServerFiles, auditLogName } from "./command-lines.ts";
import { type Assets, findAssets, startPrograms } from "./programs.ts";
import { followAuditLog } from "./audit-events.ts";
import { watchAwsAuth } from "./aws-auth-watch.ts";
import { createInitialObjects } from "./initial-objects.ts";

export interface ControlPlaneOptions {
  /** The folder with both programs. */
  assets: string;
  folder: SandboxFolder;
  /** The name of its subfolder for the programs' files, their logs, and `audit.log`. */
  controlPlaneFolder: string;
  certificates: SandboxCertificates;
  authenticator: Authenticator;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  /** Cancels a start in progress, which then throws. */
  signal?: AbortSignal | undefined;
  onEvent: OnEvent;
  serve: (handler: Handler) => Promise<LoopbackServer>;
}

/** @throws {EksX509Error} if a program is missing, does not start, or does not become ready */
export async function startControlPlane(options: ControlPlaneOptions): Promise<KubernetesSide> {
  const assets = await findAssets(options.assets);
  const folder = join(options.folder.path, options.controlPlaneFolder);
  await mkdir(folder, { mode: 0o700 });
  const webhook = await options.serve(createTokenReview(options.authenticator));
  const closed = new AbortController();
  // The programs end with the folder that they run in.
  const stop = async (): Promise<void> => {
    closed.abort();
    await webhook.close();
  };
  try {
    const signal = options.signal ? AbortSignal.any([closed.signal, options.signal]) : closed.signal;
    return await run(options, {
      assets,
      folder,
      webhookUrl: `${webhook.url}/authenticate`,
      signal,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  assets: Assets;
  folder: string;
  webhookUrl: string;
  signal: AbortSignal;
  stop: () => Promise<void>;
}

async function run(options: ControlPlaneOptions, parts: Parts): Promise<KubernetesSide> {
  const certificateAuthority = options.certificates.tlsAuthority.certificate;
  const { server } = options.certificates;
  const token = randomBytes(32).toString("hex");
  const files = { certificateAuthority, server, webhookUrl: parts.webhookUrl, adminToken: token };
  for (const [name, content] of Object.entries(apiServerFiles(files)))
    await options.folder.write(join(options.controlPlaneFolder, name), content);
  const apiAt = (port: number): AdminApi => adminApi({ port, certificateAuthority, token });
  const awsAuth = options.awsAuth && textMapIn({ ...options }, "awsAuth");
  const port = await startPrograms({
    ...options,
    ...parts,
    guard: options.folder.guard,
    name: options.controlPlaneFolder,
    isReady: (candidate) => isSetUp(apiAt(candidate), awsAuth),
  });
  const version = await versionOf(apiAt(port));
  const watch = await watchAwsAuth(apiAt(port));
  const audit = followAuditLog(join(parts.folder, auditLogName), options.onEvent);
  return {
    url: `https://127.0.0.1:${port}`,
    kind: `kube-apiserver ${version}`,
    version: /\d+\.\d+/.exec(version)?.[0] ?? "",
    awsAuth: watch.data,
    close: async () => {
      await audit.close();
      watch.close();
      await parts.stop();
    },
  };
}

/** Ready, with the initial objects. Parts of the API can appear shortly after the server reports ready. */
async function isSetUp(
  api: AdminApi,
  awsAuth: Readonly<Record<string, string>> | undefined,
): Promise<boolean> {
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
