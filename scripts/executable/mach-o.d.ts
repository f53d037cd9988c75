export function withoutSignature(program: Buffer): Buffer;
