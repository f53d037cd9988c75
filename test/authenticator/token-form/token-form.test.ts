import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRegion, partitions, type Partition } from "../../../src/aws/partition.ts";
import { readTokenForm, type TokenForm } from "../../../src/authenticator/token-form/token-form.ts";
import verdicts from "../../vectors/eks-token/verdicts.json" with { type: "json" };
import {
  mutatedTokens,
  presignedUrl,
  sessionToken,
  signature,
  signedAt,
  tokenOf,
  type UrlParts,
} from "./mutated-token.ts";

describe("the verdicts of the real authenticator, with the check that failed", () => {
  const failed: Readonly<Record<string, string>> = {
    "no-prefix": "TOKEN_PREFIX_MISSING",
    "empty-payload": "TOKEN_SCHEME_REFUSED",
    "http-scheme": "TOKEN_SCHEME_REFUSED",
    "bare-evil-host": "TOKEN_HOST_UNKNOWN",
    "upper-case-host": "TOKEN_HOST_SPELLING",
    "other-path": "TOKEN_PATH_REFUSED",
    "double-slash-path": "TOKEN_PATH_REFUSED",
    "no-action": "TOKEN_ACTION_MISSING",
    "duplicate-action": "TOKEN_PARAMETER_REPEATED",
    "x-amz-user-agent": "TOKEN_PARAMETER_UNKNOWN",
    "expires-negative": "TOKEN_EXPIRES_OUT_OF_RANGE",
    "no-expires": "TOKEN_EXPIRES_MISSING",
    "no-date": "TOKEN_DATE_MISSING",
    "date-malformed": "TOKEN_DATE_MALFORMED",
    "length-4097": "TOKEN_TOO_LONG",
  };

  it.each(verdicts.rows)("$name", ({ name, token, verifiedAt, stage, accepted }) => {
    const form = readTokenForm(token, { now: new Date(verifiedAt), partition: partition("us-west-2") });
    expect(form.failure?.code).toBe(failed[name]);
    expect(form.failure === undefined).toBe(stage === "sts" || accepted);
    expect(form.request === undefined).toBe(form.failure !== undefined);
  });
});

describe("every cause has its code", () => {
  it.each<[code: string, parts: UrlParts]>([
    ["TOKEN_URL_MALFORMED", { path: "/%zz" }],
    ["TOKEN_URL_MALFORMED", { end: "#%zz" }],
    ["TOKEN_URL_MALFORMED", { host: "x:1:2" }],
    ["TOKEN_SCHEME_REFUSED", { start: "ftp://" }],
    ["TOKEN_HOST_MISSING", { host: "" }],
    ["TOKEN_HOST_UNKNOWN", { host: "sts.us-west-2.amazonaws.com.evil.example" }],
    ["TOKEN_HOST_UNKNOWN", { host: "sts.global.evil.example" }],
    ["TOKEN_HOST_PORT", { host: "sts.us-west-2.amazonaws.com:443" }],
    ["TOKEN_HOST_SPELLING", { host: "sts.us-west-2.amazonaws.com." }],
    ["TOKEN_HOST_GOV_FIPS", { host: "sts-fips.us-gov-west-1.amazonaws.com" }],
    ["TOKEN_HOST_ISO_DUAL_STACK", { host: "sts.us-iso-east-1.api.aws.ic.gov" }],
    ["TOKEN_HOST_PSEUDO_REGION", { host: "sts.aws-global.amazonaws.com" }],
    ["TOKEN_PATH_MISSING", { path: "" }],
    ["TOKEN_PATH_REFUSED", { path: "/%2f" }],
    ["TOKEN_QUERY_MALFORMED", { parameters: { "X-Amz-SignedHeaders": "host;x-k8s-aws-id" } }],
    ["TOKEN_QUERY_MALFORMED", { end: "&%" }],
    ["TOKEN_PARAMETER_REPEATED", { end: "&Version=2011-06-15" }],
    ["TOKEN_PARAMETER_REPEATED", { end: "&version=2011-06-15" }],
    ["TOKEN_PARAMETER_UNKNOWN", { end: "&X-Amz-User-Agent=aws-sdk" }],
    ["TOKEN_CLUSTER_HEADER_IN_QUERY", { end: "&x-k8s-aws-id=demo" }],
    ["TOKEN_ACTION_MISSING", { parameters: { Action: undefined } }],
    ["TOKEN_ACTION_REFUSED", { parameters: { Action: "AssumeRole" } }],
    ["TOKEN_SIGNED_HEADERS_MISSING", { parameters: { "X-Amz-SignedHeaders": undefined } }],
    ["TOKEN_CLUSTER_HEADER_UNSIGNED", { parameters: { "X-Amz-SignedHeaders": "host" } }],
    ["TOKEN_EXPIRES_MISSING", { parameters: { "X-Amz-Expires": undefined } }],
    ["TOKEN_EXPIRES_MALFORMED", { parameters: { "X-Amz-Expires": "60.0" } }],
    ["TOKEN_EXPIRES_OUT_OF_RANGE", { parameters: { "X-Amz-Expires": "3600" } }],
    ["TOKEN_DATE_MISSING", { parameters: { "X-Amz-Date": "" } }],
    ["TOKEN_DATE_MALFORMED", { parameters: { "X-Amz-Date": "2026-11-22T15:59:35Z" } }],
    ["TOKEN_DATE_IMPOSSIBLE", { parameters: { "X-Amz-Date": "20260229T155935Z" } }],
    ["TOKEN_EXPIRED", { parameters: { "X-Amz-Date": "20261122T154434Z" } }],
  ])("%s: %j", (code, parts) => {
    const { failure } = read(tokenOf(presignedUrl(parts)));
    expect(failure?.code).toBe(code);
    expect(failure?.hint).toMatch(/^[A-Z].*\.$/);
    expect(failure?.why).toMatch(/^[a-zA-Z].*[^.]$/);
  });

  const token = tokenOf(presignedUrl());

  it.each([
    ["TOKEN_TOO_LONG", token.padEnd(4097, "A")],
    ["TOKEN_EMPTY", ""],
    ["TOKEN_IS_JWT", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2ln"],
    ["TOKEN_PREFIX_MISSING", ` ${token}`],
    ["TOKEN_BASE64_PADDED", `${token}=`],
    ["TOKEN_BASE64_ALPHABET", token.replace(/.$/, "+")],
    ["TOKEN_BASE64_WHITE_SPACE", `${token.slice(0, 80)} ${token.slice(80)}`],
    ["TOKEN_BASE64_CHARACTER", `${token}"`],
    ["TOKEN_BASE64_CUT_OFF", `k8s-aws-v1.${"aHR0".repeat(9)}c`],
  ])("%s", (code, text) => {
    expect(read(text).failure?.code).toBe(code);
  });
});

describe("the checks", () => {
  it("run in the verifier's order, and end with the one that fails", () => {
    const { failure } = read(tokenOf(presignedUrl({ path: "/x", parameters: { Action: "AssumeRole" } })));
    expect(failure?.name).toBe("path");
  });

  it.each<[what: string, parts: UrlParts]>([
    ["a scheme in capitals", { start: "HTTPS://" }],
    ["a user name", { start: "https://user:password@" }],
    ["a fragment", { end: "#anything" }],
    ["an empty parameter", { end: "&&" }],
    ["a region that does not exist", { host: "sts.us-nowhere-9.amazonaws.com" }],
    ["a FIPS and dual-stack host", { host: "sts-fips.us-gov-west-1.api.aws" }],
    ["a plus before the seconds", { parameters: { "X-Amz-Expires": "%2B0060" } }],
    ["a fraction of a second", { parameters: { "X-Amz-Date": "20261122T154434.9Z" } }],
    ["a date in the future: for STS to refuse", { parameters: { "X-Amz-Date": "20271122T155935Z" } }],
    ["a Kelvin sign for a k", { parameters: { "X-Amz-SignedHeaders": "x-%E2%84%AA8s-aws-id" } }],
    ["a Turkish I", { parameters: { Action: undefined, "Act%C4%B0on": "GetCallerIdentity" } }],
  ])("let pass what the verifier lets pass: %s", (_, parts) => {
    expect(read(tokenOf(presignedUrl(parts)), new Date("2026-11-22T15:59:34.900Z")).failure).toBeUndefined();
  });

  it("let line ends in the base64 pass", () => {
    expect(read(`${tokenOf(presignedUrl()).replace(/.{64}/g, "$&\r\n")}\n`).failure).toBeUndefined();
  });

  it("hold for 15 minutes to the millisecond", () => {
    const token = tokenOf(presignedUrl());
    const end = signedAt.getTime() + 15 * 60_000;
    expect(read(token, new Date(end)).failure).toBeUndefined();
    expect(read(token, new Date(end + 1)).failure?.code).toBe("TOKEN_EXPIRED");
  });
});

describe("the partition", () => {
  it("is the cluster's, where it is given", () => {
    const token = tokenOf(presignedUrl({ host: "sts.cn-north-1.amazonaws.com.cn" }));
    expect(read(token).failure).toBeUndefined();
    expect(judged(token, "cn-north-1").failure).toBeUndefined();
    expect(judged(token, "us-west-2").failure).toMatchObject({
      name: "host",
      code: "TOKEN_HOST_OTHER_PARTITION",
      why: "the URL's host sts.cn-north-1.amazonaws.com.cn is a host of STS, but not for a cluster in partition aws",
    });
  });

  it("aws-us-gov shares its hosts with aws, but for the global one", () => {
    expect(
      judged(tokenOf(presignedUrl({ host: "sts.us-gov-west-1.amazonaws.com" })), "us-west-2").failure,
    ).toBeUndefined();
    expect(judged(tokenOf(presignedUrl()), "us-gov-west-1").failure).toBeUndefined();
    expect(judged(tokenOf(presignedUrl({ host: "sts.amazonaws.com" })), "us-gov-west-1").failure?.code).toBe(
      "TOKEN_HOST_OTHER_PARTITION",
    );
  });

  it("takes the hosts of the cluster's own region, before the SDK knows it", () => {
    const token = tokenOf(presignedUrl({ host: "sts.eusc-fr-west-1.amazonaws.eu" }));
    const own = { now: signedAt, partition: partition("eusc-fr-west-1") };
    expect(readTokenForm(token, own).failure?.code).toBe("TOKEN_HOST_UNKNOWN");
    expect(readTokenForm(token, { ...own, region: "eusc-fr-west-1" }).failure).toBeUndefined();
  });
});

describe("the claims", () => {
  it("are what the token says", () => {
    expect(read(tokenOf(presignedUrl())).claims).toEqual({
      length: tokenOf(presignedUrl()).length,
      host: "sts.us-west-2.amazonaws.com",
      partition: "aws",
      region: "us-west-2",
      accessKeyId: "ASIAQNZGKIQY56JQ7WML",
      account: "029608264753",
      signedAt,
      validUntil: new Date("2026-11-22T16:14:35Z"),
      isClusterHeaderSigned: true,
    });
  });

  it("name a partition and a region only for a host of STS", () => {
    expect(read(tokenOf(presignedUrl({ host: "evil.example" }))).claims).toMatchObject({
      host: "evil.example",
      partition: undefined,
      region: undefined,
    });
    expect(read(tokenOf(presignedUrl({ host: "sts.0dab2570f9.amazonaws.com" }))).claims).toMatchObject({
      host: undefined,
      partition: undefined,
      region: undefined,
    });
  });

  it("of the global endpoint: the region of the credential", () => {
    expect(read(tokenOf(presignedUrl({ host: "sts.amazonaws.com" }))).claims).toMatchObject({
      region: "us-west-2",
      partition: "aws",
    });
  });

  it.each([
    ["padded", `${tokenOf(presignedUrl())}==`],
    ["without its prefix", tokenOf(presignedUrl()).slice("k8s-aws-v1.".length)],
    ["for a stranger's host", tokenOf(presignedUrl({ host: "evil.example" }))],
    ["expired", tokenOf(presignedUrl({ parameters: { "X-Amz-Date": "20201122T155935Z" } }))],
    ["too long", tokenOf(presignedUrl({ end: `&X-Amz-Long=${"x".repeat(5000)}` }))],
  ])("are read from a refused token, too: %s", (_, token) => {
    const { failure, claims } = read(token);
    expect(failure).toBeDefined();
    expect(claims).toMatchObject({ accessKeyId: "ASIAQNZGKIQY56JQ7WML", isClusterHeaderSigned: true });
  });

  it("are few for what is no token", () => {
    expect(read("\u{1f600}").claims).toMatchObject({
      length: 4,
      host: undefined,
      accessKeyId: undefined,
    });
  });
});

describe("the request is what the verifier sends", () => {
  it("path and query as signed, and no fragment", () => {
    const url = presignedUrl();
    expect(read(tokenOf(`${url}#fragment`)).request).toEqual({
      host: "sts.us-west-2.amazonaws.com",
      target: url.slice("https://sts.us-west-2.amazonaws.com".length),
    });
  });
});

describe("hostile tokens", () => {
  it("of any kind: every secret stays unsaid, and no host is asked but STS's", () => {
    fc.assert(
      fc.property(mutatedTokens(), (token) => {
        const form = read(token);
        const said = JSON.stringify([form.claims, form.failure]);
        expect(pieces.filter((piece) => said.includes(piece))).toEqual([]);
        expect(said.length).toBeLessThan(4000);
        expect(form.request?.host ?? "sts.amazonaws.com").toMatch(stsHosts);
      }),
      { numRuns: 3000, seed: 20261123 },
    );
  });

  it.each([
    ["a lost =", presignedUrl().replace("X-Amz-Signature=", "X-Amz-Signature")],
    ["an escaped =", presignedUrl().replace("X-Amz-Signature=", "X-Amz-Signature%3D")],
    ["a misspelt name", presignedUrl().replace("X-Amz-Signature", "X-Amz-Signatur")],
    ["an & in the session token", presignedUrl().replace("EXAMPLE", "EXA&MPLE")],
    ["the signature as the date", presignedUrl({ parameters: { "X-Amz-Date": signature } })],
    ["the signature as the seconds", presignedUrl({ parameters: { "X-Amz-Expires": signature } })],
    ["the signature as the action", presignedUrl({ parameters: { Action: signature } })],
    [
      "the session token as a header",
      presignedUrl({ parameters: { "X-Amz-SignedHeaders": encodeURIComponent(sessionToken) } }),
    ],
    [
      "the session token as the key id",
      presignedUrl({ parameters: { "X-Amz-Credential": encodeURIComponent(sessionToken) } }),
    ],
    ["the signature as the host", presignedUrl({ host: `${signature.slice(0, 40)}.amazonaws.com` })],
    ["the signature as the region", presignedUrl({ host: `sts.${signature}.amazonaws.com` })],
    ["the session token as the scheme", presignedUrl({ start: `${sessionToken.slice(0, 20)}://` })],
    [
      "the session token as the user",
      presignedUrl({ start: `https://${encodeURIComponent(sessionToken)}@` }),
    ],
  ])("say no secret for %s", (_, url) => {
    const { claims, failure } = read(tokenOf(url));
    const said = JSON.stringify([claims, failure]);
    expect(pieces.filter((piece) => said.includes(piece))).toEqual([]);
  });

  it("of any text, crash nothing", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }).map((url) => `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`),
      fc.string({ unit: "binary" }).map((rest) => tokenOf(`https://sts.us-west-2.amazonaws.com/?${rest}`)),
    );
    fc.assert(
      fc.property(text, (token) => {
        expect(read(token).failure).toBeDefined();
      }),
      { numRuns: 1000, seed: 20261123 },
    );
  });

  it.each(["%", "&", "=", "&a=", ":", "[", "@", "/", ".", "\n", "%25", "İ", "-", "9", "sts.a."])(
    "of megabytes of %j, and of as much as is read, end",
    (piece) => {
      for (const length of [1_000_000, 45_000]) {
        const filling = piece.repeat(Math.floor(length / piece.length));
        read(filling);
        read(`k8s-aws-v1.${filling}`);
        for (const start of [
          "",
          "https://",
          "https://[",
          "https://sts.us-west-2.amazonaws.com/?",
          "https://h/?X-Amz-Date=",
        ])
          expect(read(tokenOf(start + filling)).failure?.code).toBe("TOKEN_TOO_LONG");
      }
    },
  );
});

const stsHosts = new RegExp(
  `^sts(?:\\.|-fips\\.|\\.[A-Za-z0-9-]+\\.|-fips\\.[A-Za-z0-9-]+\\.)(?:${partitions
    .flatMap(({ dnsSuffix, dualStackDnsSuffix }) => [dnsSuffix, dualStackDnsSuffix])
    .map((suffix) => suffix.replaceAll(".", "\\."))
    .join("|")})$`,
);

/** No twelve characters in a row. */
const pieces = [sessionToken, signature].flatMap((secret) =>
  Array.from({ length: secret.length - 11 }, (_, at) => secret.slice(at, at + 12)),
);

function read(token: string, now = signedAt): TokenForm {
  return readTokenForm(token, { now });
}

function judged(token: string, clusterRegion: string): TokenForm {
  return readTokenForm(token, { now: signedAt, partition: partition(clusterRegion) });
}

function partition(region: string): Partition | undefined {
  return parseRegion(region)?.partition;
}
