/** WHATWG URLs of the plain form. Every other text goes to the full program, which has a complete parser. */
import { host } from "./host.ts";

/**
 * What a parser reads as it is written, but for the case of letters. A host whose last part begins with a digit is an IPv4 address in
 * one of many spellings, WHATWG URL, "ends in a number checker"; of these, only four plain numbers.
 */
const name = String.raw`(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?`;
const number = String.raw`(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])`;
const plain = new RegExp(
  `^(https?:)//(${name}|${number}(?:\\.${number}){3})(?::([1-9]\\d{0,4}))?(?:([/?#].*))?$`,
  "is",
);

const ownPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

export class Url {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;

  constructor(text: string) {
    const { protocol, hostname, port, rest } = partsOf(text);
    if (rest !== "" && rest !== "/") host.handOver();
    this.protocol = protocol;
    this.hostname = hostname;
    this.port = port;
  }

  /** What follows the port is in order whatever it is. */
  static canParse(text: string): boolean {
    return partsOf(text).protocol !== "";
  }

  get host(): string {
    return this.port === "" ? this.hostname : `${this.hostname}:${this.port}`;
  }

  get origin(): string {
    return `${this.protocol}//${this.host}`;
  }

  get href(): string {
    return `${this.origin}/`;
  }
}

function partsOf(text: string): { protocol: string; hostname: string; port: string; rest: string } {
  const [, scheme, domain, port = "", rest = ""] = plain.exec(text) ?? [];
  if (scheme === undefined || domain === undefined || Number(port) > 65_535) return host.handOver();
  const [protocol, hostname] = [scheme.toLowerCase(), domain.toLowerCase()];
  // Punycode is checked, and a name too long for DNS is one all the same.
  if (hostname.includes("xn--")) return host.handOver();
  return { protocol, hostname, port: port === ownPorts[protocol] ? "" : port, rest };
}
