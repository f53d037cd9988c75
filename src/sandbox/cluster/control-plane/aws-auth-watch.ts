/** ConfigMap kube-system/aws-auth as the real authenticator follows it: a list, a watch from there, and so again. */
import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject, listIn, objectIn, textIn, textMapIn } from "../embedded-api/exchange/json.ts";
import type { AdminApi } from "./admin-api.ts";

export interface AwsAuthWatch {
  /** As it is now; empty when somebody has deleted it. */
  data: () => Readonly<Record<string, string>>;
  close(): void;
}

const collection = "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth";

/** Milliseconds before the next list, when a watch has ended. */
const pause = 250;

/** Resolves when the first list is there. */
export async function watchAwsAuth(api: AdminApi): Promise<AwsAuthWatch> {
  const closed = new AbortController();
  let data: Readonly<Record<string, string>> = {};
  const set = (now: Readonly<Record<string, string>>): void => {
    data = now;
  };
  const first = await list(api, set);
  void follow(api, first, set, closed.signal);
  return {
    data: () => data,
    close: () => {
      closed.abort();
    },
  };
}

type Set = (data: Readonly<Record<string, string>>) => void;

/** @returns its resource version */
async function list(api: AdminApi, set: Set): Promise<string> {
  // No version is asked for: the answer is the newest there is, and cannot be "Too large resource version".
  const { status, body } = await api.request("GET", collection);
  if (status !== 200 || !isJsonObject(body)) throw new Error(`the list was refused (${status})`);
  const [configMap] = listIn(body, "items").filter(isJsonObject);
  set(textMapIn(configMap ?? {}, "data"));
  return textIn(objectIn(body, "metadata"), "resourceVersion");
}

/** However a watch ends — its time, a version that is too old or too new, a restart —, the next list makes up for it. */
async function follow(api: AdminApi, first: string, set: Set, closed: AbortSignal): Promise<void> {
  let version: string | undefined = first;
  while (!closed.aborted) {
    if (version !== undefined) await watchFrom(api, version, set, closed).catch(() => undefined);
    version = await delay(pause, undefined, { signal: closed, ref: false })
      .then(() => list(api, set))
      .catch(() => undefined);
  }
}

async function watchFrom(api: AdminApi, version: string, set: Set, closed: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const path = `${collection}&watch=true&resourceVersion=${version}`;
  const take = (event: unknown): void => {
    const type = isJsonObject(event) ? textIn(event, "type") : "ERROR";
    const configMap = isJsonObject(event) ? objectIn(event, "object") : {};
    if (type === "ADDED" || type === "MODIFIED") set(textMapIn(configMap, "data"));
    else if (type === "DELETED") set({});
    else ended.abort();
  };
  await api.watch(path, take, AbortSignal.any([closed, ended.signal]));
}
