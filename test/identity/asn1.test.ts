/** The reader of ASN.1 beside asn1js, which reads the same bytes in another way. */
import * as asn1js from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { children, integer, octets, oid, parsed, text, time, type Element } from "../../src/identity/asn1.ts";
import { leaf, root } from "../certificates.ts";
import { tlv } from "../der.ts";

/** The tree, by what both call the same. */
function shape({ tagClass, tag, isConstructed, whole, elements }: Element): unknown {
  return [tagClass, tag, isConstructed, whole.toString("hex"), elements.map(shape)];
}

function otherShape(block: asn1js.BaseBlock): unknown {
  const { idBlock, valueBeforeDecodeView } = block;
  const inside = idBlock.isConstructed && block instanceof asn1js.Constructed ? block.valueBlock.value : [];
  const whole = Buffer.from(valueBeforeDecodeView).toString("hex");
  return [idBlock.tagClass - 1, idBlock.tagNumber, idBlock.isConstructed, whole, inside.map(otherShape)];
}

function byOther(bytes: Uint8Array): asn1js.BaseBlock | undefined {
  const { offset, result } = asn1js.fromBER(bytes);
  return offset === bytes.length ? result : undefined;
}

const alice = leaf(root());

const bytes = fc.uint8Array({ maxLength: 300 });
const date = fc.date({ min: new Date("1950-01-01"), max: new Date("2049-12-31"), noInvalidDate: true });
const written = date.map((at) => at.toISOString().replace(/\.\d+|[-:T]/g, ""));
const { tree } = fc.letrec<{ tree: Buffer }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((content) => tlv(2, content)),
    bytes.map((content) => tlv(4, content)),
    bytes.map((content) => tlv(0x80, content)),
    fc.string({ unit: "binary" }).map((content) => tlv(12, Buffer.from(content))),
    fc.string({ unit: "binary" }).map((content) => tlv(30, Buffer.from(content, "utf16le").swap16())),
    fc.array(fc.nat(), { minLength: 1, maxLength: 6 }).map((arcs) => {
      const encoded = new asn1js.ObjectIdentifier({ value: ["1", "3", ...arcs].join(".") });
      return Buffer.from(encoded.toBER());
    }),
    written.map((at) => tlv(0x17, Buffer.from(at.slice(2)))),
    written.map((at) => tlv(0x18, Buffer.from(at))),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie("tree"), { maxLength: 5 }))
      .map(([tag, inside]) => tlv(tag, Buffer.concat(inside))),
    fc
      .array(tie("tree"), { maxLength: 5 })
      .map((inside) => Buffer.concat([Buffer.from([0x30, 0x80]), ...inside, Buffer.alloc(2)])),
  ),
}));

function leaves(element: Element): Element[] {
  return element.isConstructed ? children(element).flatMap(leaves) : [element];
}

function otherLeaves(block: asn1js.BaseBlock): asn1js.BaseBlock[] {
  if (!(block instanceof asn1js.Constructed)) return [block];
  return block.valueBlock.value.filter((one) => !(one instanceof asn1js.EndOfContent)).flatMap(otherLeaves);
}

function values(element: Element): unknown {
  return [oid(element), octets(element)?.toString("hex"), integer(element), time(element) ?? text(element)];
}

function otherValues(block: asn1js.BaseBlock): unknown {
  const isBytes = block instanceof asn1js.OctetString || block instanceof asn1js.Primitive;
  return [
    block instanceof asn1js.ObjectIdentifier ? block.valueBlock.toString() : undefined,
    isBytes ? Buffer.from(block.valueBlock.valueHexView).toString("hex") : undefined,
    block instanceof asn1js.Integer ? block.toBigInt() : undefined,
    block instanceof asn1js.UTCTime ? block.toDate() : stringOf(block),
  ];
}

function stringOf(block: asn1js.BaseBlock): string | undefined {
  return block instanceof asn1js.BaseStringBlock ? block.getValue() : undefined;
}

it("reads every value as asn1js does", () => {
  fc.assert(
    fc.property(tree, (content) => {
      const [own, other] = [parsed(content, true), byOther(content)];
      expect(own && leaves(own).map(values)).toEqual(other && otherLeaves(other).map(otherValues));
    }),
  );
});

it("reads a certificate as asn1js does, and with any octets damaged, nothing or the same", () => {
  const same = (content: Buffer) => {
    const own = parsed(content, true);
    if (own) expect(shape(own)).toEqual(otherShape(asn1js.fromBER(content).result));
    return own;
  };
  expect(same(alice.der)).toBeDefined();
  const damage = fc.record({ at: fc.nat({ max: 40 }), octet: fc.nat({ max: 0x7f }) });
  fc.assert(
    fc.property(damage, ({ at, octet }) => {
      const damaged = Buffer.from(alice.der);
      damaged[at] = octet;
      parsed(damaged);
    }),
  );
});

describe("comes to an end with", () => {
  it("any bytes", () => {
    fc.assert(fc.property(bytes, (content) => void parsed(content)));
  });

  it.each([
    ["elements that are nested without end", Buffer.alloc(1_000_000, Buffer.from([0x30, 0x80]))],
    ["a length that is longer than the bytes", Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0])],
    ["a length of many bytes", Buffer.from([0x30, 0xff, 1])],
    ["a tag without an end", Buffer.alloc(1000, 0xff)],
    ["no bytes", Buffer.alloc(0)],
    ["a SEQUENCE that is not constructed", Buffer.from([0x10, 0])],
  ])("%s", (_, content) => {
    expect(parsed(content)).toBeUndefined();
  });
});

it("puts a string in pieces together, X.690 §8.7.3", () => {
  const pieces = tlv(0x24, Buffer.concat([tlv(4, Buffer.from("ab")), tlv(4, Buffer.from("c"))]));
  expect(octets(parsed(pieces))?.toString()).toBe("abc");
});

it("knows no date that no calendar has", () => {
  for (const at of ["20261301000000Z", "20260101000000", "20260101000000+0100", "x"])
    expect(time(parsed(tlv(0x18, Buffer.from(at))))).toBeUndefined();
});
