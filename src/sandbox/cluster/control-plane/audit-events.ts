/** Reports the requests in the API server's audit log as the sandbox reports its own: request, user and result. */
import { open, type FileHandle } from "node:fs/promises";
import { parseJson } from "../../../foundation/json.ts";
import { type JsonObject, isJsonObject, objectIn, textIn } from "../../json-value.ts";
import type { OnEvent, WireEvent } from "../../wire.ts";

/** Milliseconds between two reads of the file. */
const interval = 100;

/** `close` reports what is in the file by then, and stops. */
export function followAuditLog(path: string, onEvent: OnEvent): { close(): Promise<void> } {
  const decoder = new TextDecoder();
  let file: FileHandle | undefined;
  let rest = "";
  const look = async (): Promise<void> => {
    // Undefined before the first request. A file that stays open is read from where the last read ended.
    file ??= await open(path).catch(() => undefined);
    const lines = `${rest}${decoder.decode(await file?.readFile(), { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    for (const event of lines.map((line) => wireEvent(parseJson(line)))) if (event) onEvent(event);
  };
  let latest = Promise.resolve();
  const timer = setInterval(() => {
    latest = latest.then(look);
  }, interval);
  return {
    close: async () => {
      clearInterval(timer);
      await latest.then(look);
      await file?.close();
    },
  };
}

const methods: Readonly<Record<string, string>> = {
  create: "POST",
  list: "GET",
  watch: "GET",
  update: "PUT",
  deletecollection: "DELETE",
};

/** A watch is reported when it begins or is refused, every other request when it ends. */
function wireEvent(entry: unknown): WireEvent | undefined {
  if (!isJsonObject(entry)) return undefined;
  const verb = textIn(entry, "verb");
  const why = whyRefused(objectIn(entry, "responseStatus"));
  const begins = textIn(entry, "stage") === "ResponseStarted";
  if (verb === "watch" ? !begins && why === "" : begins) return undefined;
  const [path = ""] = textIn(entry, "requestURI").split("?");
  return {
    hop: "kubernetes",
    what: `${methods[verb] ?? verb.toUpperCase()} ${path}`,
    verdict: why === "" ? "accepted" : "refused",
    who: textIn(objectIn(entry, "user"), "username"),
    why: why.replaceAll(/\p{Cc}/gu, " "),
  };
}

function whyRefused(status: JsonObject): string {
  const code = Number(status["code"] ?? 0);
  if (code < 400) return "";
  return textIn(status, "message") || textIn(status, "reason") || `status ${code}`;
}
