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
  return new Confidential(secrets).isIn(text) || secrets.some((secret) => isScattered(text, secret));
}

/** Pieces of a secret with other words between them. Of a random text, even a long one, words have as many only by intent. */
function isScattered(text: string, secret: string): boolean {
  if (secret.length < longSecret) return false;
  const words = new Set(text.match(/[A-Za-z0-9]{3,8}/g));
  return [...words].filter((word) => secret.includes(word)).length >= mostByChance;
}

const longSecret = 64;
const mostByChance = 6;
