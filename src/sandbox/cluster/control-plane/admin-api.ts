/** The sandbox as a client of its own API server, over TLS of its own CA, with a private token. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { parseJson } from "../../../foundation/json.ts";

export interface AdminApiOptions {
  port: number;
  /** PEM. */
  certificateAuthority: string;
  token: string;
}

export interface ApiAnswer {
  status: number;
  /** Undefined if the body is not JSON. */
  body: unknown;
}

export interface AdminApi {
  /** Rejects if there is no answer. */
  request(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<ApiAnswer>;
  /** Passes on each event; resolves when the server ends the watch, rejects when the server refuses or breaks it. */
  watch(path: string, onEvent: (event: unknown) => void, signal: AbortSignal): Promise<void>;
}

/** Milliseconds without a byte: the API server's own limit for a request. */
const timeout = 60_000;

export function adminApi(options: AdminApiOptions): AdminApi {
  return {
    request: async (method, path, body) => {
      const answer = await send(options, { method, path, body, timeout });
      const text = await textOf(answer);
      return { status: answer.statusCode ?? 0, body: parseJson(text) };
    },
    watch: async (path, onEvent, signal) => {
      const answer = await send(options, { method: "GET", path, signal });
      if (answer.statusCode !== 200) {
        answer.resume();
        throw new Error(`the watch was refused (${String(answer.statusCode)})`);
      }
      for await (const line of linesOf(answer)) onEvent(parseJson(line));
    },
  };
}

interface Outgoing {
  method: string;
  path: string;
  body?: object | undefined;
  signal?: AbortSignal;
  timeout?: number;
}

function send(
  { port, certificateAuthority: ca, token }: AdminApiOptions,
  { body, ...outgoing }: Outgoing,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const options = { host: "127.0.0.1", port, ca, headers, agent: false, ...outgoing };
    const sent = request(options, resolve);
    sent.on("timeout", () => sent.destroy(new Error("timed out")));
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

/** Ends with the answer; throws if the answer breaks off. */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding("utf8");
  let rest = "";
  for await (const chunk of answer) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return text;
}
