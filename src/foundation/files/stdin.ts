/** Reads stdin, which few commands do. */
import { usageError } from "../errors.ts";

/** @throws EksX509Error STDIN_TOO_LONG */
export async function readInput(input: AsyncIterable<Buffer>, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const bytes of input) {
    length += bytes.length;
    if (length > limit)
      throw usageError(
        "STDIN_TOO_LONG",
        `stdin contains more than ${limit} bytes`,
        "Pass one token, one ExecCredential, or the certificates of one identity.",
      );
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
