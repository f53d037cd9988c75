import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { busSockets } from "../../../../../src/cache/keychain/secret-service/dbus/address.ts";
import { decodeMessage, encodeCall } from "../../../../../src/cache/keychain/secret-service/dbus/message.ts";
import { Reader } from "../../../../../src/cache/keychain/secret-service/dbus/reader.ts";
import { Writer } from "../../../../../src/cache/keychain/secret-service/dbus/writer.ts";
import { wellFormed } from "../../short-keychain.ts";

describe("D-Bus", () => {
  it.each([
    [{ address: undefined, runtimeFolder: "/run/user/1" }, ["/run/user/1/bus"]],
    [{ address: "", runtimeFolder: "" }, []],
    [{ address: "unix:path=/run/a,guid=1", runtimeFolder: "/r" }, ["/run/a"]],
    [{ address: "unix:path=/run/a%20b%c3%bc", runtimeFolder: undefined }, ["/run/a bü"]],
    [{ address: "unix:abstract=/tmp/x,guid=1;unix:path=/y", runtimeFolder: undefined }, ["\0/tmp/x", "/y"]],
    [{ address: "unix:runtime=yes", runtimeFolder: "/r" }, ["/r/bus"]],
    [{ address: "tcp:host=localhost,port=1", runtimeFolder: "/r" }, []],
    [{ address: "autolaunch:", runtimeFolder: "/r" }, []],
    [{ address: "nonsense", runtimeFolder: "/r" }, []],
  ])("address %j", (environment, sockets) => {
    expect(busSockets(environment)).toEqual(sockets);
  });

  it("reads what it writes, whatever the alignment", () => {
    const value = fc.record({
      lead: fc.nat(3),
      text: fc.string({ unit: "binary" }),
      number: fc.nat(0xffffffff),
      bytes: fc.uint8Array(),
      pairs: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(value, ({ lead, text: raw, number, bytes, pairs }) => {
        const written = wellFormed(raw);
        const writer = new Writer();
        for (let count = 0; count < lead; count += 1) writer.byte(7);
        writer
          .string(written)
          .uint32(number)
          .byteArray(bytes)
          .strings([written, "b"])
          .dictionary(pairs)
          .signature("s")
          .string("v");
        const reader = new Reader(writer.bytes, true);
        for (let count = 0; count < lead; count += 1) reader.byte();
        expect([
          reader.string(),
          reader.uint32(),
          Uint8Array.from(reader.byteArray()),
          reader.strings(),
        ]).toEqual([written, number, bytes, [written, "b"]]);
        expect(Object.fromEntries(reader.dictionary())).toEqual(pairs);
        expect(reader.variant()).toBe("v");
        expect(reader.position).toBe(writer.bytes.length);
      }),
    );
  });

  it("encodes Hello as the specification has it", () => {
    const hello = {
      destination: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      member: "Hello",
    };
    const bytes = encodeCall(1, hello);
    expect(bytes.subarray(0, 16).toString("hex")).toBe("6c0100010000000001000000" + "6d000000");
    expect(bytes.length).toBe(128);
  });

  const answer = Buffer.from(
    "6c02000109000000030000000800000005017500070000000400000061626364" + "00",
    "hex",
  );
  it("decodes an answer, once it is whole", () => {
    for (let length = 0; length < answer.length; length += 1)
      expect(decodeMessage(answer.subarray(0, length))).toBeUndefined();
    const decoded = decodeMessage(answer);
    expect(decoded?.length).toBe(answer.length);
    expect([decoded?.reply?.to, decoded?.reply?.error, decoded?.reply?.body.string()]).toEqual([
      7,
      undefined,
      "abcd",
    ]);
  });

  it("survives any bytes: an answer, nothing yet, or a RangeError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, plausible) => {
        const message = plausible ? Buffer.concat([answer.subarray(0, 12), bytes]) : Buffer.from(bytes);
        try {
          decodeMessage(message);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
