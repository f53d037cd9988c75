/** The log of the server: one line for each event, as text or as JSON. No line holds a secret. */
import { wholeSeconds } from "../foundation/duration.ts";
import type { Hop } from "../foundation/errors.ts";
import { printable } from "../foundation/shown.ts";

export type ServeEvent =
  | { event: "start"; version: string; certificate: string; roleArn: string }
  | ({ event: "session-made" | "session-shared" } & SessionFacts)
  | { event: "listening"; url: string; offers: string }
  | { event: "certificate-changed"; certificate: string }
  | {
      event: "renewal-failed";
      hop: Hop;
      code: string;
      message: string;
      hint: string;
      nextTry: Date;
      servedUntil: Date | undefined;
    }
  | {
      /** The certificate, an intermediate or the key cannot be read. The session is served on. */
      event: "files-unreadable";
      hop: Hop;
      code: string;
      message: string;
      hint: string;
      servedUntil: Date | undefined;
    }
  | { event: "files-readable" }
  | { event: "warning"; code: string; message: string; hint: string }
  | { event: "step"; hop: Hop; message: string }
  | { event: "stop"; signal: string };

interface SessionFacts {
  roleArn: string;
  expiration: Date;
  certificateEnd: Date | undefined;
}

export const logFormats = ["text", "json"] as const;

export type LogFormat = (typeof logFormats)[number];

export function eventLine(event: ServeEvent, format: LogFormat, now: Date): string {
  const time = wholeSeconds(now);
  if (format === "text") return `${time} ${printable(sentence(event))}\n`;
  const { event: name, ...fields } = event;
  const values = Object.entries(fields).map(([key, value]): [string, string | null] => [
    key,
    value instanceof Date ? wholeSeconds(value) : (value ?? null),
  ]);
  const all = { time, level: levelOf(event), event: name, ...Object.fromEntries(values) };
  return `${printable(JSON.stringify(all))}\n`;
}

function levelOf({ event }: ServeEvent): "debug" | "info" | "warning" | "error" {
  if (event === "renewal-failed") return "error";
  if (event === "warning" || event === "files-unreadable") return "warning";
  return event === "step" ? "debug" : "info";
}

function sentence(event: ServeEvent): string {
  switch (event.event) {
    case "start":
      return `start: eks-x509 ${event.version}, certificate ${event.certificate}, role ${event.roleArn}`;
    case "session-made":
      return `session made: ${sessionWords(event)}`;
    case "session-shared":
      return `session taken from the cache: ${sessionWords(event)}`;
    case "listening":
      return `listening: ${event.url} (${event.offers})`;
    case "certificate-changed":
      return `certificate changed: ${event.certificate}`;
    case "renewal-failed":
      return `renewal failed: ${problem(event)}; ${served(event)}; next try at ${wholeSeconds(event.nextTry)}; ${event.hint}`;
    case "files-unreadable":
      return `files unreadable: ${problem(event)}; ${served(event)}; ${event.hint}`;
    case "files-readable":
      return "files readable again: certificate and key";
    case "warning":
      return `warning: ${event.message} (${event.code}); ${event.hint}`;
    case "step":
      return `${event.hop}: ${event.message}`;
    case "stop":
      return `stop: ${event.signal}`;
  }
}

function problem({ hop, message, code }: { hop: Hop; message: string; code: string }): string {
  return `${hop}: ${message} (${code})`;
}

function served({ servedUntil }: { servedUntil: Date | undefined }): string {
  return servedUntil ? `the session is served until ${wholeSeconds(servedUntil)}` : "there is no session";
}

function sessionWords({ roleArn, expiration, certificateEnd }: SessionFacts): string {
  const session = `${roleArn}, until ${wholeSeconds(expiration)}`;
  return certificateEnd ? `${session}; the certificate ends at ${wholeSeconds(certificateEnd)}` : session;
}
