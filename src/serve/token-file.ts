/** The authorization token of container credentials. The SDKs send the bytes of the file as the Authorization header. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { errorsOf, type EksX509Error } from "../foundation/errors.ts";
import type { FileContent, GivenFile, ReadFile, ReadOptional } from "../foundation/ports.ts";
import { shownPath } from "../foundation/shown.ts";
import { systemCode } from "../foundation/system-error.ts";
import type { Serving } from "./ports.ts";

const serveUsage = errorsOf("usage", "serve");

interface TokenFilePorts extends Pick<Serving, "createFile"> {
  readFile: ReadFile;
  readOptional: ReadOptional;
}

export interface AuthorizationToken {
  text: string;
  /** Whether users other than the owner and the group can read or replace the token. */
  isExposed: boolean;
}

/** Reads the token, and first creates the file if there is none. */
export async function authorizationToken(
  file: GivenFile,
  ports: TokenFilePorts,
): Promise<AuthorizationToken> {
  const role = { given: file.source, hop: "serve", category: "usage" } as const;
  const found = await ports.readOptional(file.path, role);
  if (found === "is empty") throw invalid(file, "is empty");
  if (found === "does not exist") await create(file, ports);
  return tokenIn(typeof found === "string" ? await ports.readFile(file.path, role) : found, file);
}

async function create({ path, source }: GivenFile, { createFile }: TokenFilePorts): Promise<void> {
  try {
    await createFile(path, randomBytes(32).toString("base64url"));
  } catch (error) {
    throw errorsOf("other", "serve")(
      "TOKEN_FILE_NOT_CREATED",
      `${shownPath(path)} (${source}) cannot be created${codeOf(error)}`,
      "Name a file in a folder that this user can write to, such as a volume in memory.",
      error,
    );
  }
}

function codeOf(error: unknown): string {
  const code = systemCode(error);
  return code && ` (${code})`;
}

/** RFC 9110 §5.5: the characters of a header's value. */
function tokenIn({ bytes, mode }: FileContent, file: GivenFile): AuthorizationToken {
  const text = Buffer.from(bytes).toString("latin1");
  if (/^[\x21-\x7e]([\x20-\x7e]{0,4094}[\x21-\x7e])?$/.test(text))
    return { text, isExposed: (mode & 0o007) !== 0 };
  const why = /[\r\n]$/.test(text)
    ? "ends with a line feed, which SDKs refuse to send"
    : "holds text that is not the value of a header";
  throw invalid(file, why);
}

function invalid({ path, source }: GivenFile, why: string): EksX509Error {
  return serveUsage(
    "TOKEN_FILE_INVALID",
    `${shownPath(path)} (${source}) ${why}`,
    "Name a file that does not exist, and serve creates it. Your own token has visible ASCII characters only: printf %s TOKEN > FILE",
  );
}

/** In a time that does not depend on the value. */
export function comparison(token: string): (value: string) => boolean {
  const expected = digest(token);
  return (value) => timingSafeEqual(digest(value), expected);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
