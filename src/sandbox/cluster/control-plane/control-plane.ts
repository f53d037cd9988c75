/** The sandbox's Kubernetes side on a real kube-apiserver and etcd, with the sandbox's authenticator as its webhook. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../json-value.ts";
import type { SandboxCertificates } from "../../sandbox-certificates.ts";
import type { SandboxFolder } from "../../sandbox-folder.ts";
import { createTokenReview } from "../authenticator/authenticator.ts";
import { type DefaultObject, sandboxObjects } from "../embedded-api/objects/default-objects.ts";
import { groupVersion, pathOf } from "../embedded-api/resources.ts";
import type { KubernetesOptions, KubernetesSide } from "../cluster-access.ts";
import { adminApi, type AdminApi, type ApiAnswer, watchAwsAuth } from "./admin-api.ts";
import { followAuditLog } from "./audit-events.ts";
import { apiServerFiles, auditLogName, checkAssets, startPrograms } from "./programs.ts";

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
  await checkAssets(options.assets);
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
    const side = await run(options, `${webhook.url}/authenticate`, signal);
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

/** `close` reports the last requests; `signal` stops the rest. */
async function run(
  options: ControlPlaneOptions,
  webhookUrl: string,
  signal: AbortSignal,
): Promise<KubernetesSide> {
  const { assets, awsAuth, folder, controlPlaneFolder: name } = options;
  const certificateAuthority = options.certificates.tlsAuthority.certificate;
  const token = randomBytes(32).toString("hex");
  const files = apiServerFiles(options.certificates, webhookUrl, token);
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
    isReady: (candidate) => isSetUp(apiAt(candidate), awsAuth).catch(() => false),
  });
  const version = await versionOf(apiAt(port));
  const currentAwsAuth = await watchAwsAuth(apiAt(port), signal);
  const audit = followAuditLog(join(path, auditLogName), options.onEvent);
  return {
    url: `https://127.0.0.1:${port}`,
    kind: `kube-apiserver ${version}`,
    version: /\d+\.\d+/.exec(version)?.[0] ?? "",
    awsAuth: currentAwsAuth,
    close: () => audit.close(),
  };
}

/**
 * Ready, with the initial objects that a real API server without controllers does not create. Parts of the API can appear
 * shortly after the server reports ready. Can be called again after a failure.
 * @throws if the API server does not accept one of the objects yet
 */
async function isSetUp(api: AdminApi, awsAuth: KubernetesOptions["awsAuth"]): Promise<boolean> {
  if ((await api.request("GET", "/readyz")).status !== 200) return false;
  for (const object of sandboxObjects(awsAuth)) await create(api, object);
  for (const name of ["view", "edit", "admin"]) await aggregateRole(api, name);
  return true;
}

async function versionOf(api: AdminApi): Promise<string> {
  const { body } = await api.request("GET", "/version");
  return isJsonObject(body) ? textIn(body, "gitVersion") : "";
}

async function create(
  api: AdminApi,
  { resource: { group, kind, name: plural }, namespace, name, body }: DefaultObject,
): Promise<void> {
  const place = namespace === "" ? "" : `/namespaces/${namespace}`;
  const metadata = { ...objectIn(body, "metadata"), name };
  const manifest = { ...body, apiVersion: groupVersion(group), kind, metadata };
  const answer = await api.request("POST", `${pathOf(group)}${place}/${plural}`, manifest);
  if (answer.status !== 409) accepted(answer);
}

const clusterRoles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

/**
 * `view`, `edit` and `admin` aggregate the rules of other roles by label, which is a controller's task. Each is part of
 * the next one, so the order matters.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
async function aggregateRole(api: AdminApi, name: string): Promise<void> {
  const roles = listIn(accepted(await api.request("GET", clusterRoles)), "items").filter(isJsonObject);
  const role = roles.find(({ metadata }) => isJsonObject(metadata) && textIn(metadata, "name") === name);
  if (role === undefined) throw new Error(`there is no ClusterRole ${name}`);
  const rules = roles.filter((other) => isSelected(other, role)).flatMap((other) => listIn(other, "rules"));
  accepted(await api.request("PUT", `${clusterRoles}/${name}`, { ...role, rules }));
}

function isSelected(role: JsonObject, aggregated: JsonObject): boolean {
  const labels = textMapIn(objectIn(role, "metadata"), "labels");
  const selectors = listIn(objectIn(aggregated, "aggregationRule"), "clusterRoleSelectors");
  return selectors.filter(isJsonObject).some((selector) => {
    const wanted = Object.entries(textMapIn(selector, "matchLabels"));
    return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
  });
}

function accepted({ status, body }: ApiAnswer): JsonObject {
  if (status < 300 && isJsonObject(body)) return body;
  throw new Error(`it answered with ${status}`);
}
