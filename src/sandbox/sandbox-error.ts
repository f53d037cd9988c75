/** The failures of `eks-x509 sandbox`. */
import { errorsOf } from "../foundation/errors.ts";

export const sandboxUsage = errorsOf("usage", "sandbox");

export const sandboxFailure = errorsOf("other", "sandbox");
