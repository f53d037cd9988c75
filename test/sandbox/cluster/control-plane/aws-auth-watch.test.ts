/** aws-auth as it is now, however often the watch breaks. */
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type AdminApi,
  type ApiAnswer,
  watchAwsAuth,
} from "../../../../src/sandbox/cluster/control-plane/admin-api.ts";
import { until } from "../../../until.ts";

const configMap = (mapRoles: string) => ({ metadata: { name: "aws-auth" }, data: { mapRoles } });
const listed = (version: string, ...items: object[]): ApiAnswer => ({
  status: 200,
  body: { metadata: { resourceVersion: version }, items },
});

/** One watch: its events. It then ends, unless it stays. */
type Watch = (send: (event: unknown) => void) => "stays" | "ends" | "breaks";

/** An API server with given answers to lists and watches; it repeats the last of each. */
function apiServer(lists: readonly ApiAnswer[], watches: readonly Watch[]) {
  const asked: string[] = [];
  let [list, watch] = [0, 0];
  const api: AdminApi = {
    request: (_method, path) => {
      asked.push(path);
      return Promise.resolve(lists[Math.min(list++, lists.length - 1)] ?? { status: 500, body: undefined });
    },
    watch: async (path, onEvent, signal) => {
      asked.push(path);
      const end = watches[Math.min(watch++, watches.length - 1)]?.(onEvent);
      if (end === "breaks") throw new Error("ECONNRESET");
      if (end === "stays" && !signal.aborted) await once(signal, "abort");
    },
  };
  return { api, asked };
}

async function watching(api: AdminApi) {
  const closed = new AbortController();
  onTestFinished(() => {
    closed.abort();
  });
  return watchAwsAuth(api, closed.signal);
}

const modified = (mapRoles: string) => ({ type: "MODIFIED", object: configMap(mapRoles) });

describe("aws-auth", () => {
  it("is there from the first list, and follows the watch", async () => {
    const { api, asked } = apiServer(
      [listed("7", configMap("old"))],
      [
        (send) => {
          setTimeout(send, 20, modified("new"));
          return "stays";
        },
      ],
    );
    const data = await watching(api);
    expect(data()).toEqual({ mapRoles: "old" });
    await until(() => {
      expect(data()).toEqual({ mapRoles: "new" });
    });
    expect(asked).toEqual([
      "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth",
      "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth&watch=true&resourceVersion=7",
    ]);
  });

  it("is empty once somebody has deleted it, and where there is none", async () => {
    const { api } = apiServer(
      [listed("7", configMap("old"))],
      [
        (send) => {
          send({ type: "DELETED", object: configMap("old") });
          return "stays";
        },
      ],
    );
    const data = await watching(api);
    expect(data()).toEqual({});
    expect((await watching(apiServer([listed("7")], [() => "stays"]).api))()).toEqual({});
  });

  it.each<[string, Watch]>([
    ["ends", () => "ends"],
    ["breaks", () => "breaks"],
    [
      "sends an error: Too large resource version",
      (send) => {
        send({
          type: "ERROR",
          object: { kind: "Status", code: 504, message: "Too large resource version: 9" },
        });
        return "stays";
      },
    ],
    [
      "sends something that is not an event",
      (send) => {
        send(undefined);
        return "stays";
      },
    ],
  ])("is listed anew when the watch %s", async (_how, first) => {
    const { api, asked } = apiServer(
      [listed("7", configMap("old")), { status: 503, body: undefined }, listed("9", configMap("new"))],
      [first, () => "stays"],
    );
    const data = await watching(api);
    await until(() => {
      expect(data()).toEqual({ mapRoles: "new" });
    });
    expect(asked.filter((path) => path.includes("resourceVersion="))).toEqual([
      expect.stringMatching(/resourceVersion=7$/),
      expect.stringMatching(/resourceVersion=9$/),
    ]);
  });
});
