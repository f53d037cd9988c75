/** What can go wrong with another tool's plugin. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";

/** The entry cannot be run as it stands. */
export function pluginNotStarted(
  code: CodeOf<"usage", "plugin">,
  message: string,
  hint: string,
): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "plugin", code, message, hint });
}

/** The program ran, and gave no credential. */
export function pluginProblem(code: CodeOf<"other", "plugin">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "other", hop: "plugin", code, message, hint });
}
