/** Checks the query: whether it can be read, and its parameters. */
import { shown, shownName } from "./shown.ts";
import { knownNames, type Parameter, characters, valueOf } from "./query.ts";
import type { Finding } from "./checks.ts";
import type { TokenReading } from "./token-reading.ts";

function checkQuery({ query }: TokenReading): Finding {
  if (query.problem === undefined) return `${query.parameters.length} parameters`;
  return {
    code: "TOKEN_QUERY_MALFORMED",
    why: `the URL's query cannot be read: it ${query.problem}`,
    hint: "Percent-encode every value, semicolons included: SignedHeaders reads host%3Bx-k8s-aws-id.",
  };
}

/**
 * Names that differ only in case are refused first. Then unknown names and repeated names are refused, in no order. A
 * name that is both is reported as unknown.
 */
function checkOnce({ query: { parameters } }: TokenReading): Finding {
  const repeated = repetition(parameters);
  if (!repeated) return "no parameter is repeated";
  return {
    code: "TOKEN_PARAMETER_REPEATED",
    why: `the URL has the parameter ${shownName(repeated.name)} more than once, in the same or in another case`,
    hint: "Sign again with every parameter once. A proxy or script that adds parameters to a signed URL also breaks the signature.",
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

function checkKnown({ query: { parameters } }: TokenReading): Finding {
  const unknown = parameters.find(({ lowerName }) => !knownNames.has(lowerName));
  if (!unknown) return "the authenticator accepts them all";
  if (unknown.lowerName === "x-k8s-aws-id")
    return {
      code: "TOKEN_CLUSTER_HEADER_IN_QUERY",
      why: "the URL has x-k8s-aws-id as a parameter instead of a signed header",
      hint: "The presigner moved the header into the query. Disable this (unhoistableHeaders in the JavaScript SDK).",
    };
  return {
    code: "TOKEN_PARAMETER_UNKNOWN",
    why: `the URL has the parameter ${shownName(unknown.name)}, which the authenticator does not accept`,
    hint: "An SDK upgrade that adds a query parameter (X-Amz-User-Agent did) makes every cluster refuse its tokens. Sign without it, or use a tool that does.",
  };
}

// The values of the parameters: the action, the signed headers, and the times.

/** STS accepts a presigned URL for 15 minutes from X-Amz-Date and ignores X-Amz-Expires. */
const urlLifetime = 15 * 60_000;
const longestExpires = 900;

function checkAction({ query }: TokenReading): Finding {
  const action = valueOf(query, "action");
  if (action === "GetCallerIdentity") return action;
  const hint = "Presign GetCallerIdentity, in this spelling. The authenticator accepts no other action.";
  if (action === "") return { code: "TOKEN_ACTION_MISSING", why: "the URL has no Action", hint };
  const why = `the URL's Action is ${shown("action", action)}`;
  return { code: "TOKEN_ACTION_REFUSED", why, hint };
}

function checkClusterHeader({ query }: TokenReading): Finding {
  const signed = valueOf(query, "x-amz-signedheaders");
  if (isClusterHeaderSigned(signed)) return "x-k8s-aws-id is signed";
  const hint = "Presign with the header x-k8s-aws-id: {cluster name}. It binds the token to one cluster.";
  if (signed === "")
    return {
      code: "TOKEN_SIGNED_HEADERS_MISSING",
      why: "the URL has no list of signed headers",
      hint: `${hint} X-Amz-SignedHeaders then names it.`,
    };
  return {
    code: "TOKEN_CLUSTER_HEADER_UNSIGNED",
    why: "x-k8s-aws-id is not a signed header, so the URL is not bound to a cluster",
    hint,
  };
}

/** Compares as Go's strings.EqualFold does: by Unicode's simple case folding, which the flags iu request. */
export function isClusterHeaderSigned(signedHeaders: string): boolean {
  return signedHeaders.split(";").some((name) => /^x-k8s-aws-id$/iu.test(characters(name).join("")));
}

function checkExpires({ query }: TokenReading): Finding {
  const text = valueOf(query, "x-amz-expires");
  const hint =
    "Presign with X-Amz-Expires=60. STS ignores the number, and the authenticator requires 0 to 900.";
  if (text === "") return { code: "TOKEN_EXPIRES_MISSING", why: "the URL has no X-Amz-Expires", hint };
  const seconds = secondsOf(text);
  const number = shown("number", text);
  if (seconds === undefined)
    return {
      code: "TOKEN_EXPIRES_MALFORMED",
      why: `X-Amz-Expires is ${number}, which is not a whole number`,
      hint,
    };
  if (seconds < 0 || seconds > longestExpires)
    return { code: "TOKEN_EXPIRES_OUT_OF_RANGE", why: `X-Amz-Expires is ${number} seconds`, hint };
  return `${seconds} seconds, which STS ignores`;
}

/** Reads as Go's strconv.Atoi does: a sign and leading zeros are allowed. Too large a number is out of range in both. */
export function secondsOf(text: string): number | undefined {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

function checkDate({ query }: TokenReading): Finding {
  const text = valueOf(query, "x-amz-date");
  if (text === "")
    return {
      code: "TOKEN_DATE_MISSING",
      why: "the URL has no X-Amz-Date",
      hint: "Presign with Signature Version 4 in the query, which adds the date.",
    };
  const date = readSigningDate(text);
  if (typeof date === "object") return `signed at ${date.toISOString()}`;
  const shownDate = shown("date", text);
  const hint = "Write the date as 20261122T155836Z, in UTC and without separators between the digits.";
  if (date === "impossible")
    return {
      code: "TOKEN_DATE_IMPOSSIBLE",
      why: `X-Amz-Date is ${shownDate}, a date or time that does not exist`,
      hint,
    };
  return {
    code: "TOKEN_DATE_MALFORMED",
    why: `X-Amz-Date is ${shownDate}, which does not have the form of a date`,
    hint,
  };
}

function checkAge({ query }: TokenReading, { now }: { now: Date }): Finding {
  const validUntil = validUntilOf(readSigningDate(valueOf(query, "x-amz-date")));
  if (!validUntil || now.getTime() <= validUntil.getTime())
    return validUntil ? `valid until ${validUntil.toISOString()}` : "no date";
  return {
    code: "TOKEN_EXPIRED",
    why: `the token was valid until ${validUntil.toISOString()}, 15 minutes after its signing, and now it is ${now.toISOString()}`,
    hint: "Sign a new token. If this token is new, the clock of the machine that signed it is slow: correct it with NTP. If kubectl continues to send old tokens, the plugin or its cache returns an expirationTimestamp that is too late.",
  };
}

export function validUntilOf(signedAt: Date | string): Date | undefined {
  return typeof signedAt === "string" ? undefined : new Date(signedAt.getTime() + urlLifetime);
}

// X-Amz-Date as Go's time.Parse reads it in the layout 20060102T150405Z: a fraction can follow the seconds.

export type DateReading = Date | "malformed" | "impossible";

const layout = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:[.,](\d+))?Z$/;

/** In UTC, to the millisecond. */
export function readSigningDate(text: string): DateReading {
  const [, year, month, day, hour, minute, second, fraction = ""] = layout.exec(text) ?? [];
  if (year === undefined) return "malformed";
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  // JavaScript turns 31 February into 3 March, and 24:00 into the next midnight. Go refuses both.
  return date.getUTCDate() === Number(day) ? date : "impossible";
}

export const checksOfQuery = [
  ["query", checkQuery],
  ["parameters-once", checkOnce],
  ["parameters-known", checkKnown],
  ["action", checkAction],
  ["cluster-header", checkClusterHeader],
  ["expires", checkExpires],
  ["date", checkDate],
  ["age", checkAge],
] as const;
