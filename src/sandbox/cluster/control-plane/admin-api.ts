/** The sandbox as a client of its own API server, with a private token. */
import { parseJson } from "../../../foundation/json.ts";
import { type LoopbackAddress, send, textOf } from "../loopback-client.ts";

export interface ApiAnswer {
  status: number;
  /** Undefined if the body is not JSON. */
  body: unknown;
}

export type AdminApi = ReturnType<typeof adminApi>;

/** Milliseconds without a byte: the API server's own limit for a request. */
const timeout = 60_000;

export function adminApi(address: LoopbackAddress, token: string) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return {
    /** Rejects if there is no answer. */
    request: async (method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<ApiAnswer> => {
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
