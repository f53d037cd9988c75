import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOwnHost } from "../../src/serve/hosts.ts";

const isOwn = (host: string, local = "127.0.0.1"): boolean => isOwnHost(host, local);

describe("the Host of a request", () => {
  it.each([
    ...[
      "127.0.0.1:9911",
      "127.0.0.1",
      "127.1.2.3:80",
      "localhost",
      "LOCALHOST:9911",
      "[::1]:9911",
      "[0:0:0:0:0:0:0:1]",
    ],
    ...[
      "169.254.169.254",
      "169.254.169.254:80",
      "169.254.170.2",
      "169.254.170.23",
      "[fd00:ec2::254]",
      "[FD00:EC2::23]",
    ],
  ])("%s is loopback or AWS's", (host) => {
    expect(isOwn(host)).toBe(true);
  });

  it.each([
    ...[
      "",
      "evil.example",
      "evil.example:9911",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "127.0.0.1@evil.example",
    ],
    ...[
      "169.254.169.253",
      "10.0.0.1",
      "[::2]",
      "[::ffff:10.0.0.1]",
      "0.0.0.0",
      "127.0.0.1 ",
      "127.0.0.1:99999",
      "a b",
    ],
    ...[
      "127.0.0.1/",
      "127.0.0.1?x",
      "127.0.0.1#x",
      "127.0.0.1:",
      "[::1",
      "::1",
      "[::1]x",
      "x.localhost",
      "127.0.0.1,evil.example",
    ],
  ])("%j is refused", (host) => {
    expect(isOwn(host)).toBe(false);
  });

  it("can be the address that the connection came to, in whatever spelling", () => {
    expect(isOwn("10.0.0.1:9911", "10.0.0.1")).toBe(true);
    expect(isOwn("10.0.0.1:9911", "::ffff:10.0.0.1")).toBe(true);
    expect(isOwn("[2001:DB8:0:0::1]:9911", "2001:db8::1")).toBe(true);
    expect(isOwn("10.0.0.2:9911", "10.0.0.1")).toBe(false);
  });

  it("is never a name but localhost", () => {
    const names = fc.domain().filter((name) => name.toLowerCase() !== "localhost");
    fc.assert(
      fc.property(names, (name) => {
        expect(isOwn(name)).toBe(false);
      }),
    );
  });
});
