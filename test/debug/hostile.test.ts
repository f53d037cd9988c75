/** A token from a stranger: whatever it holds, no stranger's server is called, and nothing of it is told that is secret. */
import { isThorough } from "../thorough.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  mutatedTokens,
  presignedUrl,
  signature,
  signedAt,
  sessionToken,
  tokenOf,
} from "../authenticator/token-form/mutated-token.ts";
import { answering, debugged, failures, printed, type Asked } from "./world.ts";

const at = new Date(signedAt.getTime() + 200);

/** Every second one a variation of a token, the others anything at all. */
function hostileTokens(): fc.Arbitrary<string> {
  const text = fc.oneof(fc.string(), fc.string({ unit: "binary", maxLength: 300 }));
  return fc.oneof(
    { weight: 4, arbitrary: mutatedTokens() },
    { weight: 2, arbitrary: fc.tuple(strangeHosts(), strangeQueries()).map(urlOf).map(tokenOf) },
    { weight: 1, arbitrary: text.map((url) => tokenOf(url)) },
    { weight: 1, arbitrary: text.map((payload) => `k8s-aws-v1.${payload}`) },
    { weight: 1, arbitrary: text },
  );
}

function urlOf([host, end]: [string, string]): string {
  return presignedUrl({ host, end });
}

function strangeHosts(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.webUrl().map((url) => new URL(url).host),
    fc.ipV4(),
    fc.domain().map((domain) => `sts.us-west-2.${domain}`),
    fc.domain().map((domain) => `sts.us-west-2.amazonaws.com.${domain}`),
    fc.domain().map((domain) => `sts.us-west-2.amazonaws.com@${domain}`),
    fc.domain().map((domain) => `sts.${domain}.amazonaws.com`),
    fc.domain().map((domain) => `${domain}/sts.us-west-2.amazonaws.com`),
    fc.domain().map((domain) => `${domain}\\@sts.us-west-2.amazonaws.com`),
    fc.domain().map((domain) => `${domain}%2f.sts.us-west-2.amazonaws.com`),
    fc.domain().map((domain) => `${domain}#sts.us-west-2.amazonaws.com`),
  );
}

function strangeQueries(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    fc.webQueryParameters().map((query) => `&${query}`),
  );
}

/** Written down from AWS's list of endpoints, and not from the code under test. */
const label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const suffixes: Readonly<Record<string, string>> = {
  aws: "amazonaws.com|api.aws",
  "aws-cn": "amazonaws.com.cn|api.amazonwebservices.com.cn",
  "aws-us-gov": "amazonaws.com|api.aws",
  "aws-iso": "c2s.ic.gov|api.aws.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov|api.aws.scloud",
  "aws-iso-e": "cloud.adc-e.uk|api.cloud-aws.adc-e.uk",
  "aws-iso-f": "csp.hci.ic.gov|api.aws.hci.ic.gov",
  "aws-eusc": "amazonaws.eu|api.amazonwebservices.eu",
};

function isSts({ endpoint, request }: Asked, partition = ""): boolean {
  const suffix = (suffixes[partition] ?? "").replaceAll(".", "\\.");
  const regional = new RegExp(`^https://sts(?:-fips)?\\.${label}\\.(?:${suffix})/$`, "i");
  const isKnown = (href: string): boolean =>
    regional.test(href) || (partition === "aws" && href === "https://sts.amazonaws.com/");
  return (
    isKnown(endpoint.href) &&
    isKnown(request.url.href) &&
    `https://${request.headers["host"] ?? ""}/` === request.url.href
  );
}

/** Refuses what it is asked, and sends back all of it. */
function echoing() {
  return answering(({ request: { target = "", headers } }) => ({
    status: 403,
    body: JSON.stringify({
      Error: { Code: "AccessDenied", Message: `${target} ${JSON.stringify(headers)}` },
    }),
  }));
}

const secrets = [sessionToken, encodeURIComponent(sessionToken), signature];

/** Pieces of eight characters are looked for: shorter ones may be there by chance. */
function piecesOf(text: string): string[] {
  return Array.from({ length: Math.max(0, Math.floor(text.length / 8)) }, (_, index) =>
    text.slice(index * 8, index * 8 + 8),
  );
}

function payloadOf(token: string): string {
  const payload = token.startsWith("k8s-aws-v1.") ? token.slice("k8s-aws-v1.".length) : "";
  return /^[\w-]{40,}$/.test(payload) ? payload : "";
}

function expectNoSecret(output: string, token: string): void {
  const found = [...secrets.flatMap(piecesOf), ...piecesOf(payloadOf(token))].filter((piece) =>
    output.includes(piece),
  );
  expect(found).toEqual([]);
}

/** 10,000 tokens in the complete run, and a quarter of them in the ordinary one. */
const part = isThorough ? 1 : 4;
const fuzz = { numRuns: 2500 / part, seed: 20261125 };

describe("hostile tokens:", () => {
  it.each(isThorough ? [1, 2, 3, 4] : [1])(
    "nobody is called but STS of the token's partition, and nothing secret is printed, part %i",
    async (number) => {
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(hostileTokens(), async (token) => {
          const sts = echoing();
          const report = await debugged(token, { at, http: sts.http });
          const strangers = sts.asked.filter((call) => !isSts(call, report.token?.partition ?? ""));
          expect(strangers.map(({ endpoint }) => endpoint.href)).toEqual([]);
          expectNoSecret(printed(report), token);
          asked += sts.asked.length;
        }),
        { seed: 20261125 + number * 100, numRuns: 1000 / part },
      );
      expect(asked).toBeGreaterThan(75 / part);
    },
  );

  it("nobody at all, offline", async () => {
    await fc.assert(
      fc.asyncProperty(hostileTokens(), async (token) => {
        const report = await debugged(token, { at }, { isOffline: true });
        expect(report.verdict).not.toBe("accepted");
        expectNoSecret(printed(report), token);
      }),
      { ...fuzz, seed: 20261126 },
    );
  });

  it.each(["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"])("that of %s alone, where it is set", async (name) => {
    const endpoint = "https://127.0.0.1:4433/";
    const sts = echoing();
    await fc.assert(
      fc.asyncProperty(hostileTokens(), async (token) => {
        await debugged(token, { at, http: sts.http, env: { [name]: "https://127.0.0.1:4433" } });
      }),
      { ...fuzz, numRuns: Math.floor(1750 / part), seed: 20261127 },
    );
    const called = new Set(sts.asked.flatMap((call) => [call.endpoint.href, call.request.url.href]));
    expect([...called]).toEqual([endpoint]);
  });

  const endlessPieces = ["\\", "%", "%25", "&#", "A", "\u001b[", "=", "&", "/", " "];
  it.each(endlessPieces)("an endless token, of %o", async (piece) => {
    const endless = piece.repeat(1_000_000 / piece.length);
    const forms = [
      endless,
      `k8s-aws-v1.${endless}`,
      tokenOf(endless),
      tokenOf(presignedUrl({ end: endless })),
    ];
    // Every second form of each piece in the ordinary run, and all of them in the complete one.
    const parity = endlessPieces.indexOf(piece) % 2;
    for (const token of forms.filter((_, index) => isThorough || index % 2 === parity)) {
      const report = await debugged(token, { at });
      expect([report.verdict, failures(report).map(({ code }) => code)]).toEqual([
        "refused",
        ["TOKEN_TOO_LONG"],
      ]);
      expect(printed(report).length).toBeLessThan(20_000);
    }
  });
});
