/**
 * To whom a token was given: one line a client, and one more when the token was made in place of another that seemed to be
 * refused. Pure; the lines lie in a file of the token's own (ledger.ts).
 */
import { sha256 } from "../cache-key.ts";

export interface Given {
  /** The same client process has had this very token. */
  again: boolean;
  /** It was made in place of one that seemed to be refused. */
  substitute: boolean;
}

const substitute = "substitute";

export function givenIn(text: string, client: string): Given {
  const lines = text.split("\n");
  return { again: lines.includes(entryOf(client)), substitute: lines.includes(substitute) };
}

/** What to append, for a client that is not in it yet. */
export function noteOf(client: string, as?: "substitute"): string {
  return `${as ? `${substitute}\n` : ""}${entryOf(client)}\n`;
}

/** Of one length, whatever a client is called. */
function entryOf(client: string): string {
  return sha256(client).slice(0, 16);
}
