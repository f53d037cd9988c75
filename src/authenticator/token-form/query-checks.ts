/** The query: that it can be read, and which parameters it has. */
import { harmlessName, shownOr } from "./harmless.ts";
import { knownNames } from "./known-parameters.ts";
import type { Parameter } from "./query.ts";
import type { Finding } from "./token-check.ts";
import type { TokenReading } from "./token-reading.ts";

export function checkQuery({ query }: TokenReading): Finding {
  if (query.problem === undefined) return `${query.parameters.length} parameters`;
  return {
    code: "TOKEN_QUERY_MALFORMED",
    why: `the URL's query cannot be read: it ${query.problem}`,
    hint: "Percent-encode every value, semicolons included: SignedHeaders reads host%3Bx-k8s-aws-id.",
  };
}

/**
 * Names that differ in case alone are refused first, whoever they are; then, in no order, unknown names, and the same
 * name twice. A name that is both is reported as unknown.
 */
export function checkOnce({ query: { parameters } }: TokenReading): Finding {
  const repeated = repetition(parameters);
  if (!repeated) return "none is there twice";
  return {
    code: "TOKEN_PARAMETER_REPEATED",
    why: `the URL has the parameter ${nameOf(repeated)} more than once, in the same or in another case`,
    hint: "Sign anew, with every parameter once. A proxy or script that adds parameters to a URL already signed breaks the signature as well.",
  };
}

function repetition(parameters: readonly Parameter[]): Parameter | undefined {
  const spellings = new Map<string, string>();
  const isRepeated = ({ name, lowerName }: Parameter): boolean => {
    const earlier = spellings.get(lowerName);
    spellings.set(lowerName, earlier ?? name);
    return earlier !== undefined && (earlier !== name || knownNames.has(lowerName));
  };
  return parameters.find(isRepeated);
}

export function checkKnown({ query: { parameters } }: TokenReading): Finding {
  const unknown = parameters.find(({ lowerName }) => !knownNames.has(lowerName));
  if (!unknown) return "the verifier knows them all";
  if (unknown.lowerName === "x-k8s-aws-id")
    return {
      code: "TOKEN_CLUSTER_HEADER_IN_QUERY",
      why: "the URL has x-k8s-aws-id as a parameter, where it must be a signed header",
      hint: "The presigner moved the header into the query. Tell it not to (unhoistableHeaders in the JavaScript SDK).",
    };
  return {
    code: "TOKEN_PARAMETER_UNKNOWN",
    why: `the URL has the parameter ${nameOf(unknown)}, which the verifier does not take`,
    hint: "An SDK upgrade that adds a query parameter (X-Amz-User-Agent did) makes every cluster refuse its tokens. Sign without it, or use a tool that does.",
  };
}

function nameOf({ name }: Parameter): string {
  return shownOr(harmlessName(name), name);
}
