/** Parses the options of the server. */
import { type EksX509Error, errorsOf } from "../../../foundation/errors.ts";
import type { GivenFile } from "../../../foundation/ports.ts";
import { shown } from "../../../foundation/shown.ts";
import { type LogFormat, logFormats } from "../../../serve/events.ts";
import { bracketed, hostName } from "../../../serve/hosts.ts";
import type { Address, ServeInput } from "../../../serve/serve.ts";
import { emptyFlag, type Flags } from "../../command.ts";
import { checkPath, expandHome, type HomeRules } from "../../settings/settings.ts";

export function serverInput(flags: Flags, machine: HomeRules): Omit<ServeInput, "session"> {
  return {
    at: {
      address: optional(flags, "listen", ipAddress) ?? "127.0.0.1",
      port: optional(flags, "port", port) ?? 9911,
    },
    hopLimit: optional(flags, "hop-limit", hopLimit),
    health: optional(flags, "health-listen", addressAndPort),
    tokenFile: optional(flags, "token-file", (path) => file(path, machine)),
  };
}

export function logFormat(flags: Flags): LogFormat {
  return logFormats.find((format) => format === flags.text("log-format")) ?? "text";
}

const wrong = errorsOf("usage", "serve");

function optional<Value>(
  flags: Flags,
  name: string,
  parse: (text: string, flag: string) => Value,
): Value | undefined {
  const text = flags.text(name);
  if (text === "") throw emptyFlag(name);
  return text === undefined ? undefined : parse(text, `--${name}`);
}

function file(path: string, machine: HomeRules): GivenFile {
  const given = { value: path, source: "--token-file" };
  checkPath(given);
  return { path: expandHome(path, machine), source: given.source };
}

/** Not a name, which can resolve to several addresses, and to another one tomorrow. */
function ipAddress(text: string, flag: string): string {
  const plain = text.replace(/^\[(.*)\]$/, "$1");
  const host = hostName(bracketed(plain)) ?? "";
  if (/^\d+(\.\d+){3}$/.test(plain) && host === plain) return plain;
  if (plain.includes(":") && host.startsWith("[")) return host.slice(1, -1);
  throw wrong(
    "SERVE_ADDRESS_INVALID",
    `${flag} ${shown(text)} is not an IP address`,
    "Use an address such as 127.0.0.1 or ::1, not a name.",
  );
}

function port(text: string, flag: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 65_536;
  if (value <= 65_535) return value;
  throw wrong(
    "SERVE_PORT_INVALID",
    `${flag} ${shown(text)} is not a port`,
    "Use 1 to 65535, or 0 for a free one.",
  );
}

function hopLimit(text: string, flag: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= 255) return value;
  throw wrong("SERVE_HOP_LIMIT_INVALID", `${flag} ${shown(text)} is not a hop limit`, "Use 1 to 255.");
}

function addressAndPort(text: string, flag: string): Address {
  const [, address, number] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (address === undefined || number === undefined) throw notAddressAndPort(text, flag);
  return { address: ipAddress(address, flag), port: port(number, flag) };
}

function notAddressAndPort(text: string, flag: string): EksX509Error {
  return wrong(
    "SERVE_ADDRESS_INVALID",
    `${flag} ${shown(text)} is not ADDRESS:PORT`,
    "Use an IP address and a port, such as 0.0.0.0:9912 or [::]:9912.",
  );
}
