/** Why a file or stdin cannot be read, in words. Loaded only for a message. */
import { type CodeOf, EksX509Error, usageError, type Hop } from "./errors.ts";
import type { FileRole } from "./ports.ts";
import { shownPath } from "./shown.ts";
import { systemCode } from "./system-error.ts";

interface Problem {
  code: CodeOf<"usage", Hop> & CodeOf<"identity", Hop>;
  why: string;
  hint: string;
}

const missing: Problem = {
  code: "FILE_MISSING",
  why: "does not exist",
  hint: "Check the path. A relative path starts at the current folder, or at the folder of the config file.",
};

const forbidden: Problem = {
  code: "FILE_FORBIDDEN",
  why: "is not readable for this user",
  hint: "Check the file's owner and mode, and those of the folders above it.",
};

/** By the code of the system, or of files.ts. */
const problems: Readonly<Record<string, Problem | undefined>> = {
  ENOENT: missing,
  ENOTDIR: missing,
  EACCES: forbidden,
  EPERM: forbidden,
  EISDIR: { code: "FILE_IS_FOLDER", why: "is a folder", hint: "Use the path of the file in it." },
  empty: { code: "FILE_EMPTY", why: "is empty", hint: "Export it again." },
  hangs: {
    code: "FILE_HANGS",
    why: "could not be read within 5 seconds",
    hint: "Check that it is an ordinary file on a drive that answers.",
  },
};

export function unreadable(path: string, role: FileRole, error: unknown): EksX509Error {
  const { given, hop, category, limit = 1024 * 1024 } = role;
  const code = systemCode(error);
  if (code === "pkcs11 uri") return pkcs11Uri(role);
  const { why, hint, ...problem } = problems[code] ?? (code === "too large" ? tooLarge(limit) : other(code));
  const message = `${shownPath(path)} (${given}) ${why}`;
  return new EksX509Error({ category, hop, code: problem.code, message, hint });
}

function tooLarge(limit: number): Problem {
  return {
    code: "FILE_TOO_LARGE",
    why: `is larger than ${limit / 1024 / 1024} MiB`,
    hint: "Check the path. No certificate, key or config file is that large.",
  };
}

function other(code: string): Problem {
  const why = code ? `cannot be read (${code})` : "cannot be read";
  return { code: "FILE_UNREADABLE", why, hint: "Check the path and the drive." };
}

/** The path is not printed, since a PKCS#11 URI may hold the PIN (RFC 7512 §2.4). */
function pkcs11Uri({ given, hop, category }: FileRole): EksX509Error {
  return new EksX509Error({
    category,
    hop,
    code: "FILE_IS_PKCS11_URI",
    message: `${given} is a PKCS#11 URI, not a file`,
    hint: "Keys and certificates in PKCS#11 tokens are not supported yet. Give the path of a file.",
  });
}

export function stdinTooLong(limit: number): EksX509Error {
  return usageError(
    "STDIN_TOO_LONG",
    `stdin contains more than ${limit} bytes`,
    "Pass one token, one ExecCredential, or the certificates of one identity.",
  );
}
