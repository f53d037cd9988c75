/** A query as Go's url.ParseQuery reads it, on strings of bytes. */
import { unescapeQuery } from "./escapes.ts";
import { lowerCase } from "./lower-case.ts";

export interface Parameter {
  /** As given, unescaped. */
  name: string;
  /** As the verifier compares names. */
  lowerName: string;
  value: string;
}

export interface QueryReading {
  /** Those that could be read. */
  parameters: readonly Parameter[];
  /** The first thing that Go refuses, to follow "the query "; undefined when it refuses nothing. */
  problem: string | undefined;
}

export function readQuery(rawQuery: string): QueryReading {
  const pairs = rawQuery.split("&").filter((pair) => pair !== "");
  const readings = pairs.map(readPair);
  return {
    parameters: readings.filter((reading) => typeof reading === "object"),
    problem: readings.find((reading) => typeof reading === "string"),
  };
}

/** A string tells what is wrong. */
function readPair(pair: string): Parameter | string {
  if (pair.includes(";")) return "holds a semicolon";
  const equals = pair.indexOf("=");
  const name = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
  const value = unescapeQuery(equals < 0 ? "" : pair.slice(equals + 1));
  if (name === undefined || value === undefined) return "has a broken percent escape";
  return { name, lowerName: lowerCase(name), value };
}

/** The value of the first parameter of that name, whatever its case; empty when there is none, as the verifier has it. */
export function valueOf({ parameters }: QueryReading, lowerName: string): string {
  return parameters.find((parameter) => parameter.lowerName === lowerName)?.value ?? "";
}
