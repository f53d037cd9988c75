/** The JSON answers of Roles Anywhere and EKS, including refusals. STS has its own form. */
import type { WireResponse } from "../wire.ts";

export function json(
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  const body = JSON.stringify(content);
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}
