/** Tokens, and what can become of them: for the tests that no token may break. */
import fc from "fast-check";

export const signedAt = new Date("2026-11-22T15:59:35Z");
export const sessionToken = "IQoJb3JpZ2luX2VjEXAMPLE/w+tJ4xQ9kLmN0pRsTuVwXyZaBcDeFgHiJ";
export const signature = "0dab2570f9a3e1db709345d4ef14a079b977523c183bdc658e2e1772407e5cbe";

export interface UrlParts {
  start?: string;
  host?: string;
  path?: string;
  /** Replaces the parameters of these names, or drops them if undefined; adds the others. */
  parameters?: Readonly<Record<string, string | undefined>>;
  /** As it stands, after the last parameter. */
  end?: string;
}

const parameters = {
  Action: "GetCallerIdentity",
  Version: "2011-06-15",
  "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
  "X-Amz-Credential": "ASIAQNZGKIQY56JQ7WML%2F20261122%2Fus-west-2%2Fsts%2Faws4_request",
  "X-Amz-Date": "20261122T155935Z",
  "X-Amz-Expires": "60",
  "X-Amz-Security-Token": encodeURIComponent(sessionToken),
  "X-Amz-SignedHeaders": "host%3Bx-k8s-aws-id",
  "X-Amz-Signature": signature,
};

/** Values as they stand in the URL, percent-encoded. */
export function presignedUrl(parts: UrlParts = {}): string {
  const { start = "https://", host = "sts.us-west-2.amazonaws.com", path = "/", end = "" } = parts;
  const all: Readonly<Record<string, string | undefined>> = { ...parameters, ...parts.parameters };
  const query = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return `${start}${host}${path}?${query.join("&")}${end}`;
}

/** Of a URL as a string of bytes. */
export function tokenOf(url: string): string {
  return `k8s-aws-v1.${Buffer.from(url, "latin1").toString("base64url")}`;
}

/** Whole parts exchanged, then bytes of the URL, or else characters of the token. */
export function mutatedTokens(): fc.Arbitrary<string> {
  const url = oddParts.map(presignedUrl);
  return fc.oneof(
    { weight: 3, arbitrary: url.map(tokenOf) },
    {
      weight: 6,
      arbitrary: fc.tuple(url, edits(urlPieces)).map(([text, all]) => tokenOf(edited(text, all))),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(url, edits(tokenPieces)).map(([text, all]) => edited(tokenOf(text), all)),
    },
  );
}

const oddParts: fc.Arbitrary<UrlParts> = fc.record({
  start: mostly(20, "https://", [
    "HTTPS://",
    "http://",
    "https:",
    "//",
    "",
    "ftp://",
    "https://u:p@",
    "https://u%zz@",
    "https://@",
    "https://u@v@",
    "https:///",
    "https:/",
    "hTTps://",
    "https://[u]@",
  ]),
  host: mostly(6, "sts.us-west-2.amazonaws.com", [
    "sts.amazonaws.com",
    "sts-fips.us-east-1.api.aws",
    "sts.us-gov-west-1.amazonaws.com",
    "sts-fips.us-gov-west-1.amazonaws.com",
    "sts.cn-north-1.amazonaws.com.cn",
    "sts.eusc-de-east-1.amazonaws.eu",
    "sts.us-iso-east-1.api.aws.ic.gov",
    "STS.us-west-2.amazonaws.com",
    "sts.US-WEST-2.amazonaws.com",
    "sts.us-west-2.amazonaws.com:443",
    "sts.us-west-2.amazonaws.com:",
    "sts.us-west-2.amazonaws.com.",
    "sts.aws-global.amazonaws.com",
    "[::1]",
    "[1.2.3.4]",
    "evil.example",
    "x:1:2",
    "",
    "sts.us-west-2.amazonaws.com:0443",
    "sts.us-west-2.amazonaws.com:https",
    "sts%2eus-west-2.amazonaws.com",
    "sts.us-west-2.amazonaws.com%2e",
    "sts.us-west-2.amazonaws.com\xff",
    "[fe80::1%25en%20x]:443",
    "[::ffff:1.2.3.4]",
    "[fe80::1%25]",
  ]),
  path: mostly(20, "/", ["", "//", "/x", "/%2f", "/%2F", "/%zz", "/.", "/;", "/ ", "/\xe9", "/%", "/?"]),
  end: mostly(12, "", [
    "&X-Amz-User-Agent=a",
    "&x-k8s-aws-id=demo",
    "&action=x",
    "&Action=GetCallerIdentity",
    "&b=1&B=2",
    "&b=1&b=2",
    "&%C3%89=1&%C3%A9=2",
    "&%zz",
    "&;",
    "&&",
    "&X-Amz-Date=20261122T155935Z",
    "&x-amz-date=20261122T155935Z",
    "&X-Amz-Signature=",
    "&X-Amz-SignedHeaders=host",
    "&=",
    "&=x",
    "&%",
    "&a=%4",
    "&+=1",
    "&\xff=1",
    "&Action",
    "&X%2DAmz%2DExpires=60",
    "#fragment",
    "#%zz",
  ]),
  parameters: fc.record({
    Action: mostly(20, parameters.Action, ["getcalleridentity", "AssumeRole", "", "GetCallerIdentit%79"]),
    "X-Amz-Date": mostly(12, parameters["X-Amz-Date"], [
      "20261122T154435Z",
      "20261122T154434Z",
      "20261122T154434.9Z",
      "20261122T154435,5Z",
      "20261131T155935Z",
      "20261122T240000Z",
      "2026-11-22T15:59:35Z",
      "20271122T155935Z",
      "",
    ]),
    "X-Amz-Expires": mostly(12, "60", [
      "0",
      "900",
      "901",
      "-1",
      "-0",
      "%2B60",
      "+60",
      "0060",
      "",
      "6e1",
      "9".repeat(30),
    ]),
    "X-Amz-SignedHeaders": mostly(12, parameters["X-Amz-SignedHeaders"], [
      "x-k8s-aws-id",
      "host",
      "HOST%3BX-K8S-AWS-ID",
      "x-%E2%84%AA8%C5%BF-aws-id",
      "",
    ]),
  }),
});

/** The usual value, that many times out of one more. */
function mostly(weight: number, usual: string, odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

const urlPieces = [
  ...Array.from("%&=?#/:@[];+-.~ ^\"'Az0"),
  "%25",
  "%2",
  "\n",
  "\t",
  "\0",
  "\x7f",
  "\x80",
  "\xff",
  "\xe2\x84\xaa",
];
const tokenPieces = ["=", "+", "/", "-", "_", "\n", "\r\n", " ", ".", "é", "A", "k8s-aws-v1."];

export interface Edit {
  at: number;
  length: number;
  piece: string | number;
}

/** One to three places of a text, each with what replaces it. */
export function edits(pieces: readonly string[]): fc.Arbitrary<readonly Edit[]> {
  const edit = fc.record({
    at: fc.nat(800),
    length: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(30)),
    // A number is where a run of 20 is copied from.
    piece: fc.oneof(fc.constantFrom("", ...pieces), fc.nat(800)),
  });
  return fc.array(edit, { minLength: 1, maxLength: 3 });
}

export function edited(text: string, all: readonly Edit[]): string {
  return all.reduce((before, { at, length, piece }) => {
    const from = at % (before.length + 1);
    const inserted =
      typeof piece === "string" ? piece : before.slice(piece % (before.length + 1)).slice(0, 20);
    return before.slice(0, from) + inserted + before.slice(from + length);
  }, text);
}
