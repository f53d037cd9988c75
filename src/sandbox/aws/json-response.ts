/** How Roles Anywhere and EKS answer, refusals included: JSON. STS has a form of its own. */
import type { WireResponse } from "../wire.ts";

export function json(
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  const body = JSON.stringify(content);
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}
