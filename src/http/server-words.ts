/** What a server said, as far as a message may repeat it: a line, bounded, and nothing of what was sent to it in confidence. */
import { Confidential } from "../foundation/confidential.ts";
import { firstLine } from "../foundation/foreign-text.ts";

/** More than the line that is repeated has. */
const longestRead = 1024;

/**
 * @param secrets what the request carried; a text that repeats a piece of one is not repeated at all
 * @returns empty when nothing may be repeated
 */
export function serverWords(text: string, secrets: readonly string[]): string {
  return sharesPiece(text.slice(0, longestRead), secrets) ? "" : firstLine(text);
}

/** Whether a text reveals something of a secret. */
export function sharesPiece(text: string, secrets: readonly string[]): boolean {
  return new Confidential(secrets).isIn(text);
}
