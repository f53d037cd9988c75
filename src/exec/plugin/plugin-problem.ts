/** Whatever can go wrong with another tool's plugin before it has answered, told alike. */
import { EksX509Error, type Category } from "../../foundation/errors.ts";

export function pluginProblem(
  code: string,
  message: string,
  hint: string,
  category: Category = "other",
): EksX509Error {
  return new EksX509Error({ category, hop: "plugin", code, message, hint });
}
