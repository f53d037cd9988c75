/** The front's own forms of Node's modules and globals answer as Node does, or hand over. */
import { posix } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isThorough } from "../thorough.ts";
import type { Host } from "../../front/script/host.ts";
import type * as Bytes from "../../front/script/bytes.ts";
import type * as Paths from "../../front/script/node/path.ts";
import type * as Urls from "../../front/script/url.ts";

class HandedOver extends Error {}

const host: Partial<Host> = {
  handOver: () => {
    throw new HandedOver();
  },
  cwd: () => "/work/here",
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
  hex: (bytes) => Buffer.from(bytes).toString("hex"),
  base64url: (bytes) => Buffer.from(bytes).toString("base64url"),
};

let paths: typeof Paths;
let urls: typeof Urls;
let bytes: typeof Bytes;

beforeAll(async () => {
  vi.stubGlobal("system", host);
  paths = await import("../../front/script/node/path.ts");
  urls = await import("../../front/script/url.ts");
  bytes = await import("../../front/script/bytes.ts");
});
afterAll(() => {
  vi.unstubAllGlobals();
});

/** Undefined where the front hands over. */
function answered<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof HandedOver) return undefined;
    throw error;
  }
}

describe("paths", () => {
  const path = fc
    .array(fc.oneof(fc.constantFrom("/", "//", ".", "..", "a", "b.c", "~", " "), fc.string({ maxLength: 3 })))
    .map((parts) => parts.join(""));

  it("are Node's", () => {
    for (const one of ["//.", "// ", " /../", "/..", "a/../", ""])
      expect([paths.dirname(one), paths.join(one)]).toEqual([posix.dirname(one), posix.join(one)]);
    fc.assert(
      fc.property(path, fc.array(path, { maxLength: 3 }), (one, several) => {
        expect(paths.dirname(one), `dirname ${one}`).toBe(posix.dirname(one));
        expect(paths.isAbsolute(one)).toBe(posix.isAbsolute(one));
        expect(paths.join(one, ...several), `join ${one} ${several.join()}`).toBe(
          posix.join(one, ...several),
        );
        expect(paths.resolve(one, ...several)).toBe(posix.resolve("/work/here", one, ...several));
      }),
      { numRuns: isThorough ? 10_000 : 500 },
    );
  });
});

describe("URLs", () => {
  const part = fc.constantFrom(
    ...[
      "a",
      "EKS",
      "x-1",
      "-",
      "0",
      "1",
      "127",
      "256",
      "08",
      "0x7f",
      "xn--a",
      "_",
      "%41",
      "ä",
      "",
      "localhost",
    ],
  );
  const url = fc
    .record({
      scheme: fc.constantFrom("https://", "http://", "HTTPS://", "https:/", "ftp://", "https:"),
      user: fc.constantFrom("", "", "", "alice@", "a:b@"),
      host: fc.array(part, { maxLength: 4 }).map((parts) => parts.join(".")),
      port: fc.constantFrom("", "", ":443", ":80", ":8443", ":0", ":070", ":65536", ":65535", ":"),
      rest: fc.constantFrom("", "", "/", "/a", "?", "#x", "\\", "/a\nb", " "),
    })
    .map(({ scheme, user, host, port, rest }) => scheme + user + host + port + rest);

  it.each([
    "https://rolesanywhere.us-west-2.amazonaws.com",
    "https://0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com",
    "http://127.0.0.1:1",
    "https://localhost:8443/",
  ])("%s is plain", (text) => {
    expect(answered(() => new urls.Url(text).href)).toBe(new URL(text).href);
  });

  it("are read as Node reads them, or handed over", () => {
    fc.assert(
      fc.property(fc.oneof(url, fc.webUrl(), fc.string()), (text) => {
        const own = answered(() => new urls.Url(text));
        if (own === undefined) return;
        const { protocol, hostname, port, host, origin, href } = new URL(text);
        const { protocol: p, hostname: n, port: o, host: h, origin: g, href: f } = own;
        expect({ p, n, o, h, g, f }, text).toEqual({
          p: protocol,
          n: hostname,
          o: port,
          h: host,
          g: origin,
          f: href,
        });
      }),
      { numRuns: isThorough ? 10_000 : 500 },
    );
  });

  it("can be parsed where Node can parse them, or are handed over", () => {
    fc.assert(
      fc.property(fc.oneof(url, fc.string()), (text) => {
        expect([undefined, URL.canParse(text)]).toContain(answered(() => urls.Url.canParse(text)));
      }),
      { numRuns: isThorough ? 10_000 : 500 },
    );
  });
});

describe("bytes", () => {
  it("are Buffer's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9_000 }), fc.string({ unit: "binary" }), (list, text) => {
        const own = bytes.Buffers.from(list);
        for (const encoding of ["utf8", "hex", "base64url", "latin1"] as const)
          expect(own.toString(encoding)).toBe(Buffer.from(list).toString(encoding));
        expect(bytes.Buffers.from(own.subarray(1)).toString("hex")).toBe(
          Buffer.from(list).subarray(1).toString("hex"),
        );
        expect([...bytes.Buffers.from(text, "utf8")]).toEqual([...Buffer.from(text, "utf8")]);
        expect(bytes.Buffers.byteLength(text)).toBe(Buffer.byteLength(text));
        const { buffer } = Uint8Array.from(list);
        if (list.length > 2)
          expect([...bytes.Buffers.from(buffer, 1, 1)]).toEqual([...Buffer.from(buffer, 1, 1)]);
      }),
    );
    expect([...bytes.Buffers.concat([new Uint8Array([1]), bytes.Buffers.alloc(2)])]).toEqual([1, 0, 0]);
  });
});
