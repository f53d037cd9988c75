/** The token that `token debug` is asked about: an argument, or stdin. */
import type { Streams } from "../../../foundation/ports.ts";
import { tokenIn } from "../../../authenticator/token-form/token-text.ts";
import { EksX509Error } from "../../../foundation/errors.ts";

/** A token has 4 KiB at most; what is far longer is told to be so, and not kept. */
const longestInput = 1024 * 1024;

/**
 * @param argument `-` for stdin
 * @returns undefined without one
 * @throws EksX509Error TOKEN_INPUT_…, STDIN_TOO_LONG
 */
export async function tokenGiven(
  argument: string | undefined,
  { stdin }: Pick<Streams, "stdin">,
): Promise<string | undefined> {
  if (argument === undefined) return undefined;
  const token = tokenIn(argument === "-" ? await stdin(longestInput) : argument);
  if (typeof token === "string") return token;
  const { code, why, hint } = token;
  throw new EksX509Error({ category: "usage", hop: "token", code, message: why, hint });
}
