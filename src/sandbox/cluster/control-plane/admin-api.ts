/** The sandbox as a client of its own API server, with a private token. */
import { setTimeout as delay } from "node:timers/promises";
import { parseJson } from "../../../foundation/json.ts";
import { isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../json-value.ts";
import { type LoopbackAddress, send, textOf } from "../loopback-client.ts";

export type AdminApi = ReturnType<typeof adminApi>;
export type ApiAnswer = Awaited<ReturnType<AdminApi["request"]>>;

/** Milliseconds without a byte: the API server's own limit for a request. */
const timeout = 60_000;

export function adminApi(address: LoopbackAddress, token: string) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return {
    /** Rejects if there is no answer. `body` is undefined if the answer is not JSON. */
    request: async (method: "GET" | "POST" | "PUT", path: string, body?: object) => {
      const content = body && JSON.stringify(body);
      const answer = await send(address, { method, path, headers, body: content, timeout });
      return { status: answer.statusCode ?? 0, body: parseJson(await textOf(answer)) };
    },
    /** Passes on each event; resolves when the server ends the watch, rejects when the server refuses or breaks it. */
    watch: async (path: string, onEvent: (event: unknown) => void, signal: AbortSignal): Promise<void> => {
      const answer = await send(address, { path, headers, signal });
      if (answer.statusCode !== 200) {
        answer.resume();
        throw new Error(`the watch was refused (${String(answer.statusCode)})`);
      }
      answer.setEncoding("utf8");
      let rest = "";
      for await (const chunk of answer) {
        const lines = `${rest}${String(chunk)}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onEvent(parseJson(line));
      }
    },
  };
}

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
