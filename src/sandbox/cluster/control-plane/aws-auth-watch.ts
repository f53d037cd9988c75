/** Follows ConfigMap kube-system/aws-auth as the real authenticator does: a list, a watch from its version, and again. */
import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../json-value.ts";
import type { AdminApi } from "./admin-api.ts";

const collection = "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth";

/** Milliseconds between the end of a watch and the next list. */
const pause = 250;

/** Resolves after the first list with what returns the present data, which is empty if the ConfigMap was deleted. */
export async function watchAwsAuth(
  api: AdminApi,
  signal: AbortSignal,
): Promise<() => Readonly<Record<string, string>>> {
  let data: Readonly<Record<string, string>> = {};
  /** @returns its resource version */
  const list = async (): Promise<string> => {
    // Without a version, the answer is the newest one and cannot be "Too large resource version".
    const { status, body } = await api.request("GET", collection);
    if (status !== 200 || !isJsonObject(body)) throw new Error(`the list was refused (${status})`);
    const [configMap] = listIn(body, "items").filter(isJsonObject);
    data = textMapIn(configMap ?? {}, "data");
    return textIn(objectIn(body, "metadata"), "resourceVersion");
  };
  const watchFrom = (version: string): Promise<void> => {
    const ended = new AbortController();
    const path = `${collection}&watch=true&resourceVersion=${version}`;
    const take = (event: unknown): void => {
      const { type, ...change } = isJsonObject(event) ? event : {};
      if (type === "ADDED" || type === "MODIFIED") data = textMapIn(objectIn(change, "object"), "data");
      else if (type === "DELETED") data = {};
      else ended.abort();
    };
    return api.watch(path, take, AbortSignal.any([signal, ended.signal]));
  };
  void follow(await list(), list, watchFrom, signal);
  return () => data;
}

/** A watch can end by a timeout, a version that is too old or too new, or a restart. The next list makes up for all of these. */
async function follow(
  first: string,
  list: () => Promise<string>,
  watchFrom: (version: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined = first;
  while (!signal.aborted) {
    if (version !== undefined) await watchFrom(version).catch(() => undefined);
    version = await delay(pause, undefined, { signal, ref: false })
      .then(list)
      .catch(() => undefined);
  }
}
