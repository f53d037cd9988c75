/** Programs for macOS lose a signature that is not theirs any more. */
import { describe, expect, it } from "vitest";
import { withoutSignature } from "../../scripts/executable/mach-o.js";

const [intel, arm64] = [0x01000007, 0x0100000c];
const content = Buffer.from("content of the program and of its symbols");
const signature = Buffer.from("signature");
const uuid = command(0x1b, 24, (bytes) => bytes.write("uuid", 8));

/** A header, the segment of the symbols, the signature's command, and another one. */
function program(cpu: number, signed: boolean): Buffer {
  const size = 32 + 72 + (signed ? 16 : 0) + 24;
  const padding = signed ? 0 : 16;
  const tail = signed ? signature : Buffer.alloc(0);
  const start = size + padding + content.length;
  const segment = command(0x19, 72, (bytes) => {
    bytes.write("__LINKEDIT", 8);
    bytes.writeBigUInt64LE(BigInt(size + padding), 40);
    bytes.writeBigUInt64LE(BigInt(content.length + tail.length), 48);
  });
  const mark = command(0x1d, 16, (bytes) =>
    bytes.writeUInt32LE(signature.length, bytes.writeUInt32LE(start, 8)),
  );
  const commands = [segment, ...(signed ? [mark] : []), uuid];
  const header = Buffer.alloc(32);
  header.writeUInt32LE(0xfeedfacf, 0);
  header.writeUInt32LE(cpu, 4);
  header.writeUInt32LE(commands.length, 16);
  header.writeUInt32LE(size - 32, 20);
  return Buffer.concat([header, ...commands, Buffer.alloc(padding), content, tail]);
}

function command(kind: number, size: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(size, 4);
  fill(bytes);
  return bytes;
}

describe("a program for macOS", () => {
  it("on Intel, is as if it had never been signed", () => {
    expect(withoutSignature(program(intel, true))).toEqual(program(intel, false));
  });

  it("without a signature stays as it is", () => {
    expect(withoutSignature(program(intel, false))).toEqual(program(intel, false));
  });

  it("on arm64, keeps its signature, which Bun replaces", () => {
    expect(withoutSignature(program(arm64, true))).toEqual(program(arm64, true));
  });

  it("with something behind its signature is refused", () => {
    expect(() => withoutSignature(Buffer.concat([program(intel, true), content]))).toThrow("not at the end");
  });
});
