// Removes the signature of a program for macOS on Intel: https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h
// The system ends a program that was changed and keeps its signature, and starts one that has none. For arm64, it starts none without a
// signature, and Bun signs what it compiles.

const arm64 = 0x0100000c;
const segment = 0x19;
const signature = 0x1d;
const headerSize = 32;

/** @param {Buffer} program is changed @returns {Buffer} the part of it that remains */
export function withoutSignature(program) {
  if (program.readUInt32LE(4) === arm64) return program;
  const commands = [...loadCommands(program)];
  const signed = commands.find(({ kind }) => kind === signature);
  if (signed === undefined) return program;
  const [start, size] = [program.readUInt32LE(signed.at + 8), program.readUInt32LE(signed.at + 12)];
  if (start + size !== program.length) throw new Error("the signature is not at the end of the program");
  shorten(program, commands, size);
  const end = headerSize + program.readUInt32LE(20);
  program.copy(program, signed.at, signed.at + signed.size, end);
  program.fill(0, end - signed.size, end);
  program.writeUInt32LE(commands.length - 1, 16);
  program.writeUInt32LE(end - headerSize - signed.size, 20);
  return program.subarray(0, start);
}

function* loadCommands(program) {
  if (program.readUInt32LE(0) !== 0xfeedfacf) throw new Error("it is no 64-bit program for macOS");
  let at = headerSize;
  for (let index = 0; index < program.readUInt32LE(16); index++) {
    const size = program.readUInt32LE(at + 4);
    yield { kind: program.readUInt32LE(at), at, size };
    at += size;
  }
}

/** The segment __LINKEDIT ends with the signature. */
function shorten(program, commands, size) {
  const name = "__LINKEDIT";
  const link = commands.find(
    ({ kind, at }) => kind === segment && program.toString("latin1", at + 8, at + 8 + name.length) === name,
  );
  if (link === undefined) throw new Error(`the program has no segment ${name}`);
  program.writeBigUInt64LE(program.readBigUInt64LE(link.at + 48) - BigInt(size), link.at + 48);
}
