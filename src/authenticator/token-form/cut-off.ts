/** A token that was copied without its end: the check that fails by it is the verifier's, and its reason would mislead. */
import { knownNames } from "./known-parameters.ts";
import { readQuery, valueOf } from "./query.ts";
import type { Fault } from "./token-check.ts";
import type { TokenReading } from "./token-reading.ts";

/** @returns the fault, or what is behind it where the query breaks off */
export function withCutOffTold(fault: Fault, reading: TokenReading): Fault {
  if (!breaksOff(fault.code, reading)) return fault;
  return {
    code: "TOKEN_CUT_OFF",
    why: "the URL in the token breaks off inside its query: the token's end is missing",
    hint: `Copy the whole token: this one has ${reading.length} bytes. Where a terminal or a ticket cuts long lines, pipe what the plugin prints into "eks-x509 token debug -".`,
  };
}

function breaksOff(code: string, reading: TokenReading): boolean {
  const { rawQuery } = reading.url;
  switch (code) {
    case "TOKEN_QUERY_MALFORMED":
      return /=[^&]*%[0-9A-Fa-f]?$/.test(rawQuery) && readQuery(withoutLast(rawQuery)).problem === undefined;
    case "TOKEN_PARAMETER_UNKNOWN":
      return endsInsideName(reading);
    case "TOKEN_SIGNED_HEADERS_MISSING":
      return lacksSignature(reading) || lastName(reading) === "x-amz-signedheaders";
    case "TOKEN_CLUSTER_HEADER_UNSIGNED":
      return lacksSignature(reading) || endsInsideHeaders(reading);
    default:
      return false;
  }
}

function withoutLast(rawQuery: string): string {
  return rawQuery.slice(0, Math.max(rawQuery.lastIndexOf("&"), 0));
}

/** The only unknown one is the last, and a known one begins so. */
function endsInsideName({ url: { rawQuery }, query: { parameters } }: TokenReading): boolean {
  const [last, ...others] = [...parameters].reverse();
  if (!last || last.lowerName === "" || /[=&]$/.test(rawQuery) || last.value !== "") return false;
  const isBeginning = [...knownNames].some((name) => name.startsWith(last.lowerName));
  return isBeginning && others.every(({ lowerName }) => knownNames.has(lowerName));
}

/** Of a request that is signed in its query. */
function lacksSignature({ query }: TokenReading): boolean {
  return (
    valueOf(query, "x-amz-algorithm") !== "" && !/^[0-9a-f]{64}$/i.test(valueOf(query, "x-amz-signature"))
  );
}

/** Some presigners put the signed headers last. */
function endsInsideHeaders(reading: TokenReading): boolean {
  if (lastName(reading) !== "x-amz-signedheaders") return false;
  const names = valueOf(reading.query, "x-amz-signedheaders").split(";");
  return names.length > 1 && "x-k8s-aws-id".startsWith(names.at(-1) ?? "");
}

function lastName({ query: { parameters } }: TokenReading): string | undefined {
  return parameters.at(-1)?.lowerName;
}
