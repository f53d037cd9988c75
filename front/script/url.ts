/** WHATWG URLs of the plainest form. Every other text goes to the full program, which has a complete parser. */
import { host } from "./host.ts";

/**
 * Nothing that a parser would change: lower case, no user, no path, no port of the scheme itself. A host whose last part begins with
 * a digit is an IPv4 address in one of many spellings, WHATWG URL, "ends in a number checker"; of these, only four plain numbers.
 */
const plain =
  /^(https?:)\/\/((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?|(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$|:|\/)|(?=$|:|\/))){4})(?::([1-9]\d{1,4}))?\/?$/;

const ownPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

export class Url {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;

  constructor(text: string) {
    const [, protocol, hostname, port = ""] = plain.exec(text) ?? [];
    if (protocol === undefined || hostname === undefined) host.handOver();
    if (hostname.includes("xn--") || port === ownPorts[protocol] || Number(port) > 65_535) host.handOver();
    this.protocol = protocol;
    this.hostname = hostname;
    this.port = port;
  }

  static canParse(text: string): boolean {
    return new Url(text).protocol !== "";
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
