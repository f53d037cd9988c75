/** Follows ConfigMap kube-system/aws-auth as the real authenticator does: a list, a watch from its version, and again. */
import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../json-value.ts";
import type { AdminApi } from "./admin-api.ts";

export interface AwsAuthWatch {
  /** The present data; empty if the ConfigMap was deleted. */
  data: () => Readonly<Record<string, string>>;
  close(): void;
}

const collection = "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth";

/** Milliseconds between the end of a watch and the next list. */
const pause = 250;

/** Resolves after the first list. */
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
  // Without a version, the answer is the newest one and cannot be "Too large resource version".
  const { status, body } = await api.request("GET", collection);
  if (status !== 200 || !isJsonObject(body)) throw new Error(`the list was refused (${status})`);
  const [configMap] = listIn(body, "items").filter(isJsonObject);
  set(textMapIn(configMap ?? {}, "data"));
  return textIn(objectIn(body, "metadata"), "resourceVersion");
}

/** A watch can end by a timeout, a version that is too old or too new, or a restart. The next list makes up for all of these. */
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
