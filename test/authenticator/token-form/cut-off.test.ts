import { describe, expect, it } from "vitest";
import { readTokenForm } from "../../../src/authenticator/token-form/token-form.ts";
import { presignedUrl, tokenOf } from "./mutated-token.ts";

const now = new Date("2026-11-22T15:59:36Z");
const url = presignedUrl({});
const [base = "", query = ""] = url.split("?");
const sorted = `${base}?${query
  .split("&")
  .sort((one, other) =>
    one.startsWith("X-Amz-SignedHeaders") ? 1 : other.startsWith("X-Amz-SignedHeaders") ? -1 : 0,
  )
  .join("&")}`;

const failureOf = (token: string) => readTokenForm(token, { now }).failure;

describe.each([
  [
    "with the signature last",
    tokenOf(url),
    ["QUERY_MALFORMED", "PARAMETER_UNKNOWN", "SIGNED_HEADERS_MISSING"],
  ],
  // Cut between signature and signed headers, it may as well be a whole one without them.
  ["with the signed headers last", tokenOf(sorted), ["QUERY_MALFORMED", "PARAMETER_UNKNOWN"]],
])("a token without its end, %s", (_how, token, misleading) => {
  it("is reported as cut off, and not as incomplete", () => {
    expect(failureOf(token)).toBeUndefined();
    const firstSigned = tokenOf(url.slice(0, url.indexOf("&X-Amz-Credential"))).length;
    const codes = new Set<string>();
    for (let end = token.length - 1; end > firstSigned; end--)
      codes.add(failureOf(token.slice(0, end))?.code ?? "");
    expect(codes).toContain("TOKEN_CUT_OFF");
    for (const code of misleading) expect(codes).not.toContain(`TOKEN_${code}`);
  });
});

it.each([
  ["another header", url.replace("x-k8s-aws-id", "x-other"), "TOKEN_CLUSTER_HEADER_UNSIGNED"],
  ["a plain presigned URL", url.replace("%3Bx-k8s-aws-id", ""), "TOKEN_CLUSTER_HEADER_UNSIGNED"],
  ["no signed headers", url.replace(/X-Amz-SignedHeaders=[^&]*&/, ""), "TOKEN_SIGNED_HEADERS_MISSING"],
  ["a parameter more", `${url}&X-Amz-User-Agent=x`, "TOKEN_PARAMETER_UNKNOWN"],
  ["a broken escape within", url.replace("%2F", "%ZZ"), "TOKEN_QUERY_MALFORMED"],
])("whole, with %s, it is none of these", (_what, changed, code) => {
  expect(failureOf(tokenOf(changed))?.code).toBe(code);
});
