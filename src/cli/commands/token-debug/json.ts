/** The findings of `token debug` for programs: one stable object, described in docs/token-debug.md. */
import type { Report } from "../../../debug/report/report.ts";

export function debugJson({ verdict, hops, token, identity, mapping }: Report): string {
  const told = hops.map(({ name, status, code, detail, hint, facts }) => ({
    name,
    status,
    code,
    detail,
    hint,
    facts: facts.map(([label, value]) => ({ label, value })),
  }));
  return `${JSON.stringify({ verdict, hops: told, token, identity, mapping }, undefined, 2)}\n`;
}
