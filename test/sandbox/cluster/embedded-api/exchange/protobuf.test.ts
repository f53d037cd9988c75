import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { protobufBody } from "../../../../../src/sandbox/cluster/embedded-api/exchange/request-body.ts";
import { StatusError } from "../../../../../src/sandbox/cluster/embedded-api/exchange/status.ts";

/** A length-delimited field. */
const field = (number: number, content: Buffer | string) => {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
};
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
const join = (...parts: Buffer[]) => Buffer.concat(parts);

const framed = (apiVersion: string, kind: string, raw: Buffer) =>
  join(
    Buffer.from("k8s\0"),
    field(1, join(field(1, apiVersion), field(2, kind))),
    field(2, raw),
    field(3, ""),
    field(4, ""),
  );

describe("a protobuf body", () => {
  test("is the object that JSON would be", () => {
    const rule = join(field(1, "get"), field(1, "list"), field(2, ""), field(3, "namespaces"));
    const entry = join(field(1, "team"), field(2, "blue"));
    const metadata = join(field(1, "reader"), field(2, ""), field(8, ""), field(11, entry));
    const body = framed(
      "rbac.authorization.k8s.io/v1",
      "ClusterRole",
      join(field(1, metadata), field(2, rule)),
    );
    expect(protobufBody(body)).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "reader", labels: { team: "blue" } },
      rules: [{ verbs: ["get", "list"], apiGroups: [""], resources: ["namespaces"] }],
    });
  });

  test("carries maps, bytes and booleans", () => {
    const data = [field(2, join(field(1, "a"), field(2, "1"))), field(2, join(field(1, "b")))];
    const binary = field(3, join(field(1, "c"), field(2, Buffer.from([0, 255]))));
    const immutable = Buffer.from([4 << 3, 1]);
    expect(protobufBody(framed("v1", "ConfigMap", join(...data, binary, immutable)))).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      data: { a: "1", b: "" },
      binaryData: { c: "AP8=" },
      immutable: true,
    });
  });

  test("may have fields that nobody knows, of every wire type", () => {
    const unknown = [
      Buffer.from([(15 << 3) | 0, 0x80, 0x01]),
      Buffer.from([(15 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]),
      field(15, "text"),
      Buffer.from([(15 << 3) | 5, 1, 2, 3, 4]),
    ];
    expect(protobufBody(framed("v1", "Namespace", join(...unknown)))).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
    });
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["JSON", Buffer.from("{}")],
    ["an unknown kind", framed("v1", "Pod", Buffer.alloc(0))],
    ["an unfinished field", framed("v1", "Namespace", Buffer.from([(1 << 3) | 2, 9, 1]))],
    ["an unfinished varint", framed("v1", "Namespace", Buffer.from([0x80]))],
    [
      "a varint of eleven bytes",
      framed("v1", "Namespace", Buffer.concat([Buffer.alloc(10, 0x80), Buffer.of(1)])),
    ],
    ["a group, which proto3 has not", framed("v1", "Namespace", Buffer.from([(1 << 3) | 3]))],
    ["a number where a text belongs", framed("v1", "Namespace", field(1, Buffer.from([1 << 3, 1])))],
  ])("of %s is refused", (_, body) => {
    expect(() => protobufBody(body)).toThrow(StatusError);
  });

  test("of a million bytes of entries is read in one pass", () => {
    const rule = field(2, Buffer.alloc(999_999, field(1, "v")));
    const read = protobufBody(framed("rbac.authorization.k8s.io/v1", "Role", rule));
    expect(read).toMatchObject({ rules: [{ verbs: { length: 333_333 } }] });
    const data = field(2, Buffer.concat([field(1, "k"), field(2, "v")]));
    const map = Buffer.alloc(100_000 * data.length, data);
    expect(protobufBody(framed("v1", "ConfigMap", map))).toMatchObject({ data: { k: "v" } });
  });

  test("of any bytes ends in an object or in a Status", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("Namespace", "ConfigMap", "Role"), (bytes, kind) => {
        const raw = Buffer.from(bytes.subarray(0, 100));
        try {
          expect(protobufBody(framed("v1", kind, raw))).toMatchObject({ kind });
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
