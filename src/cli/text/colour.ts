/** Colour, on terminals that support it. */
import type { Environment } from "../../foundation/ports.ts";

const codes = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

export type Paint = (tone: keyof typeof codes, text: string) => string;

export function colour(isOn: boolean): Paint {
  return (tone, text) => (isOn ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text);
}

/** NO_COLOR with any value except an empty one: https://no-color.org */
export function hasColour(isTerminal: boolean, env: Environment): boolean {
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
