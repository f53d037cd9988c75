/** The failures of `eks-x509 sandbox`. */
import { EksX509Error, type CodeOf } from "../foundation/errors.ts";

/** For an input that the sandbox cannot use. */
export function sandboxUsage(code: CodeOf<"usage", "sandbox">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "sandbox", code, message, hint });
}

/** For what fails on this machine. */
export function sandboxFailure(
  code: CodeOf<"other", "sandbox">,
  message: string,
  hint: string,
): EksX509Error {
  return new EksX509Error({ category: "other", hop: "sandbox", code, message, hint });
}
