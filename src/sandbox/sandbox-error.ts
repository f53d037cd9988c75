/** The failures of `eks-x509 sandbox`. */
import { errorsOf } from "../foundation/errors.ts";

/** For an input that the sandbox cannot use. */
export const sandboxUsage = errorsOf("usage", "sandbox");

export const sandboxFailure = errorsOf("other", "sandbox");
