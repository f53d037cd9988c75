/** The pages of EKS's lists: a maximum number of names, and the start of the next page. */
import type { WireRequest } from "../../wire.ts";
import { parameter, parseParameters } from "../signature/query-parameters.ts";
import { Refusal } from "../refusal.ts";

export interface Page {
  names: readonly string[];
  nextToken: string | null;
}

/** A page of all names, sorted. `maxResults` is 1 to 100; `nextToken` is the first name of the next page. @throws {Refusal} */
export function pageOf(all: readonly string[], { rawQuery }: WireRequest): Page {
  const parameters = parseParameters(rawQuery) ?? [];
  const size = Number(parameter(parameters, "maxResults") ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    const message = "maxResults must be between 1 and 100.";
    throw new Refusal({ status: 400, code: "InvalidParameterException", message });
  }
  const names = [...all].sort();
  const token = parameter(parameters, "nextToken");
  const start = token === undefined ? 0 : Math.max(names.indexOf(token), 0);
  return { names: names.slice(start, start + size), nextToken: names[start + size] ?? null };
}
