/** Why a file cannot be read, in words. Loaded only for a message. */
import { type CodeOf, EksX509Error, type Hop } from "../errors.ts";
import type { FileRole } from "../ports.ts";
import { shownPath } from "../shown.ts";
import { systemCode } from "../system-error.ts";

type Problem = readonly [code: CodeOf<"usage", Hop> & CodeOf<"identity", Hop>, why: string, hint: string];

const missing: Problem = [
  "FILE_MISSING",
  "does not exist",
  "Check the path. A relative path starts at the current folder, or at the folder of the config file.",
];
const forbidden: Problem = [
  "FILE_FORBIDDEN",
  "is not readable for this user",
  "Check the file's owner and mode, and those of the folders above it.",
];

/** By the code of the system, or of files.ts. */
const problems: Readonly<Record<string, Problem | undefined>> = {
  ENOENT: missing,
  ENOTDIR: missing,
  EACCES: forbidden,
  EPERM: forbidden,
  EISDIR: ["FILE_IS_FOLDER", "is a folder", "Use the path of the file in it."],
  empty: ["FILE_EMPTY", "is empty", "Export it again."],
  "foreign link": [
    "FILE_FOREIGN_LINK",
    "is a symbolic link that another user can change, or leads to one",
    "Use the path of the file that the link leads to, or run the command as that user.",
  ],
  hangs: [
    "FILE_HANGS",
    "could not be read within 5 seconds",
    "Check that it is an ordinary file on a drive that answers.",
  ],
  "too large": [
    "FILE_TOO_LARGE",
    "is larger than LIMIT",
    "Check the path. No certificate, key or config file is that large.",
  ],
  "pkcs11 uri": [
    "FILE_IS_PKCS11_URI",
    "is a PKCS#11 URI, not a file",
    "Use the path of a file. Only --certificate, --private-key and --intermediates take pkcs11: URIs.",
  ],
};

function sizeText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`;
}

export function unreadable(path: string, role: FileRole, error: unknown): EksX509Error {
  const { given, hop, category, limit = 1024 * 1024 } = role;
  const cause = systemCode(error);
  const [code, why, hint] = problems[cause] ?? [
    "FILE_UNREADABLE",
    `cannot be read${cause && ` (${cause})`}`,
    "Check the path and the drive.",
  ];
  // A PKCS#11 URI may hold the PIN, RFC 7512 §2.4.
  const file = code === "FILE_IS_PKCS11_URI" ? given : `${shownPath(path)} (${given})`;
  const message = `${file} ${why.replace("LIMIT", sizeText(limit))}`;
  return new EksX509Error({ category, hop, code, message, hint, cause: error });
}
