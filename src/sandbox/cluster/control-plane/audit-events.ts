/** Reports the requests in the API server's audit log as the sandbox reports its own: request, user and result. */
import { open, type FileHandle } from "node:fs/promises";
import { parseJson } from "../../../foundation/json.ts";
import { type JsonObject, isJsonObject, objectIn, textIn } from "../../json-value.ts";
import type { OnEvent, WireEvent } from "../../wire.ts";

/** Milliseconds between two reads of the file. */
const interval = 100;

/** `close` reports what is in the file by then, and stops. */
export function followAuditLog(path: string, onEvent: OnEvent): { close(): Promise<void> } {
  const lines = newLines(path);
  let latest = Promise.resolve();
  const look = (): void => {
    latest = latest.then(async () => {
      for (const line of await lines()) {
        const event = wireEvent(parseJson(line));
        if (event) onEvent(event);
      }
    });
  };
  const timer = setInterval(look, interval);
  return {
    close: async () => {
      clearInterval(timer);
      look();
      await latest;
    },
  };
}

/** The complete lines that were added. */
function newLines(path: string): () => Promise<readonly string[]> {
  let offset = 0;
  return async () => {
    const file = await open(path).catch(() => undefined);
    if (file === undefined) return [];
    try {
      const bytes = await bytesFrom(file, offset);
      const whole = bytes.subarray(0, bytes.lastIndexOf("\n") + 1);
      offset += whole.length;
      return whole.toString().split("\n");
    } finally {
      await file.close();
    }
  };
}

async function bytesFrom(file: FileHandle, offset: number): Promise<Buffer> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, size - offset));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}

const methods: Readonly<Record<string, string>> = {
  create: "POST",
  list: "GET",
  watch: "GET",
  update: "PUT",
  deletecollection: "DELETE",
};

/** A watch is reported when it begins, every other request when it ends. */
function wireEvent(entry: unknown): WireEvent | undefined {
  if (!isJsonObject(entry) || !isToTell(entry)) return undefined;
  const verb = textIn(entry, "verb");
  const [path = ""] = textIn(entry, "requestURI").split("?");
  const why = whyRefused(objectIn(entry, "responseStatus"));
  return {
    hop: "kubernetes",
    what: `${methods[verb] ?? verb.toUpperCase()} ${path}`,
    verdict: why === "" ? "accepted" : "refused",
    who: textIn(objectIn(entry, "user"), "username"),
    why: why.replaceAll(/\p{Cc}/gu, " "),
  };
}

function isToTell(entry: JsonObject): boolean {
  const begins = textIn(entry, "stage") === "ResponseStarted";
  const isRefused = whyRefused(objectIn(entry, "responseStatus")) !== "";
  return textIn(entry, "verb") === "watch" ? begins || isRefused : !begins;
}

function whyRefused(status: JsonObject): string {
  const code = Number(status["code"] ?? 0);
  if (code < 400) return "";
  return textIn(status, "message") || textIn(status, "reason") || `status ${code}`;
}
