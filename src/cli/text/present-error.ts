/** Prints errors for people: one message on stderr, never a stack trace. */
import { EksX509Error, errorsOf, exitCodes, usageError } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { systemCode } from "../../foundation/system-error.ts";
import { printable } from "../../foundation/shown.ts";

/**
 * ```text
 * eks-x509: certificate: alice.pem: the certificate expired 1 day ago, at … (CERTIFICATE_EXPIRED)
 *   Renew it with your CA. …
 * ```
 */
export function presentError(error: unknown): { text: string; exitCode: number } {
  // The reader of our stdout has gone, so nothing is reported.
  if (systemCode(error) === "EPIPE") return { text: "", exitCode: exitCodes.other };
  const known = error instanceof EksX509Error ? error : unexpected(error);
  return {
    text: `eks-x509: ${known.hop}: ${printable(known.message)} (${known.code})\n  ${printable(known.hint)}\n`,
    exitCode: exitCodes[known.category],
  };
}

/** A full disk, a size limit or a quota; a descriptor that is closed or read-only; a device that fails. */
const outputCodes = new Set(["ENOSPC", "EFBIG", "EDQUOT", "EBADF", "EIO"]);

/** Names only the kind of error, because its message can quote the input. */
function unexpected(error: unknown): EksX509Error {
  const code = systemCode(error);
  const kind = error instanceof Error ? error.name : typeof error;
  if (outputCodes.has(code))
    return errorsOf("other", "output")(
      "OUTPUT_FAILED",
      `the output cannot be written: ${code}`,
      "Check the free space, the limits and the mode of the file or device behind stdout.",
    );
  // Of process.cwd() and of its callers.
  if (code === "ENOENT" && isObject(error) && error["syscall"] === "uv_cwd")
    return usageError(
      "CURRENT_FOLDER_MISSING",
      "the current folder does not exist",
      "Change to an existing folder and run the command there.",
    );
  return errorsOf("other", "configuration")(
    "UNEXPECTED",
    `an unexpected error: ${[kind, code].filter(Boolean).join(" ")}`,
    "This is a defect of eks-x509. Report it with the command and its --verbose output.",
  );
}
