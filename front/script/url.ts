/** WHATWG URLs of the plain form. Every other text goes to the full program, which has a complete parser. */
import { host } from "./host.ts";

/** A literal, which the build compiles. */
const plain = /^(https?:)\/\/([A-Za-z0-9.-]+)(?::([1-9]\d{0,4}))?(?:([/?#].*))?$/s;

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
  const [, protocol = "", domain = "", port = "", rest = ""] = plain.exec(text) ?? [];
  const hostname = domain.toLowerCase();
  if (!isPlainName(hostname) && !isPlainAddress(hostname)) return host.handOver();
  if (Number(port) > 65_535) return host.handOver();
  return { protocol, hostname, port: port === ownPorts[protocol] ? "" : port, rest };
}

/** A last part that begins with a digit can make the host an address, WHATWG URL, "ends in a number checker". */
function isPlainName(hostname: string): boolean {
  const labels = hostname.split(".");
  const arePlain = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
  return arePlain && /^[a-z]/.test(labels.at(-1) ?? "") && !hostname.includes("xn--");
}

/** Four numbers. Each has other spellings, such as 0x7f and 0177, which a parser changes. */
function isPlainAddress(hostname: string): boolean {
  const numbers = hostname.split(".");
  return numbers.length === 4 && numbers.every((each) => Number(each) < 256 && String(Number(each)) === each);
}
