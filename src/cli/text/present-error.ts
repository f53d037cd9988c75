/** Prints errors for people: one message on stderr, never a stack trace. */
import { EksX509Error, usageError, exitCodes } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { printable } from "../../foundation/shown.ts";

export interface Presented {
  text: string;
  exitCode: number;
}

/**
 * ```text
 * eks-x509: certificate: alice.pem: the certificate expired 1 day ago, at … (CERTIFICATE_EXPIRED)
 *   Renew it with your CA. …
 * ```
 */
export function presentError(error: unknown): Presented {
  if (isBrokenPipe(error)) return { text: "", exitCode: exitCodes.other };
  const known = error instanceof EksX509Error ? error : unexpected(error);
  return {
    text: `eks-x509: ${known.hop}: ${printable(known.message)} (${known.code})\n  ${printable(known.hint)}\n`,
    exitCode: exitCodes[known.category],
  };
}

/** The reader of our stdout has gone, so nothing is reported. */
function isBrokenPipe(error: unknown): boolean {
  return systemCode(error) === "EPIPE";
}

/** A full disk, a size limit or a quota; a descriptor that is closed or read-only; a device that fails. */
const outputCodes = new Set(["ENOSPC", "EFBIG", "EDQUOT", "EBADF", "EIO"]);

/** Names only the kind of error, because its message can quote the input. */
function unexpected(error: unknown): EksX509Error {
  const code = systemCode(error);
  const kind = error instanceof Error ? error.name : typeof error;
  if (outputCodes.has(code)) return outputFailed(code);
  if (isCurrentFolderMissing(error)) return currentFolderMissing();
  return new EksX509Error({
    category: "other",
    hop: "configuration",
    code: "UNEXPECTED",
    message: `an unexpected error: ${[kind, code].filter(Boolean).join(" ")}`,
    hint: "This is a defect of eks-x509. Report it with the command and its --verbose output.",
  });
}

function outputFailed(code: string): EksX509Error {
  return new EksX509Error({
    category: "other",
    hop: "output",
    code: "OUTPUT_FAILED",
    message: `the output cannot be written: ${code}`,
    hint: "Check the free space, the limits and the mode of the file or device behind stdout.",
  });
}

/** The error of process.cwd() and of its callers. */
function isCurrentFolderMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT" && isObject(error) && error["syscall"] === "uv_cwd";
}

function currentFolderMissing(): EksX509Error {
  return usageError(
    "CURRENT_FOLDER_MISSING",
    "the current folder does not exist",
    "Change to an existing folder and run the command there.",
  );
}
