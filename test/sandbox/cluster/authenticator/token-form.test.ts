import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../../vectors/eks-token/verdicts.json" with { type: "json" };
import { type TokenForm, checkTokenForm } from "../../../../src/sandbox/cluster/authenticator/token-form.ts";
import { TokenError } from "../../../../src/sandbox/cluster/authenticator/token-error.ts";

// Each row below was answered so by aws-iam-authenticator 81b1dab, in a differential run against this code.

const now = new Date("2026-11-22T15:59:35Z");
const good = vectors.rows[0]?.token ?? "";
const url = Buffer.from(good.slice("k8s-aws-v1.".length), "base64url").toString();
const host = "sts.us-west-2.amazonaws.com";

interface Asked {
  partition?: string;
  region?: string;
  at?: Date;
}

function token(content: string | Buffer): string {
  return `k8s-aws-v1.${Buffer.from(content).toString("base64url")}`;
}

function check(text: string, { partition = "aws", region = "", at = now }: Asked = {}): TokenForm | string {
  try {
    return checkTokenForm(text, { partition, region }, at);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    expect(error.kind).toBe("format");
    return error.message.replace("input token was not properly formatted: ", "");
  }
}

function withParameter(name: string, value: string | undefined): string {
  const [base = "", query = ""] = url.split("?");
  const others = query.split("&").filter((pair) => !pair.startsWith(`${name}=`));
  return token(`${base}?${[...others, ...(value === undefined ? [] : [`${name}=${value}`])].join("&")}`);
}

describe("base64url", () => {
  it.each([
    ["padding", `${good}=`, 542],
    ["a plus of the standard alphabet", good.replace("aHR0", "aH+0"), 2],
    ["a slash of the standard alphabet", good.replace("aHR0", "aH/0"), 2],
    ["a space", good.replace("aHR0", "aHR 0"), 3],
    ["one digit left over", good.slice(0, -1), 540],
  ])("refused: %s", (_, text, at) => {
    expect(check(text)).toBe(`illegal base64 data at input byte ${at}`);
  });

  it.each([
    ["line ends anywhere", good.replace("aHR0", "aH\r\nR\n0")],
    ["loose bits at the end", `${good.slice(0, -1)}R`],
  ])("accepted: %s", (_, text) => {
    expect(check(text)).toMatchObject({ url });
  });

  it("refused: any other prefix", () => {
    expect(check(good.replace("k8s", "K8s"))).toBe('token is missing expected "k8s-aws-v1." prefix');
  });

  it("4096 bytes, not characters", () => {
    expect(check(`${good}${"é".repeat(1800)}`)).toBe("token is too large");
    expect(check(`${good}${"A".repeat(4096 - good.length)}`)).not.toBe("token is too large");
  });
});

describe("the URL", () => {
  it.each([
    ["HTTPS in capitals", url.replace("https", "HTTPS")],
    ["a fragment", `${url}#x`],
    ["a user", url.replace("//", "//user:password@")],
    ["line ends in the fragment", `${url}#\n`],
  ])("accepted: %s", (_, text) => {
    expect(check(token(text))).toEqual({
      url,
      host,
      region: "us-west-2",
      accessKeyId: "ASIAQNZGKIQY56JQ7WML",
    });
  });

  it.each([
    ["ftp", url.replace("https", "ftp"), 'unexpected scheme "ftp" in pre-signed URL'],
    ["no scheme", url.replace("https:", ""), 'unexpected scheme "" in pre-signed URL'],
    ["an opaque URL", url.replace("//", ""), "could not parse region for pre-signed URL , host is empty"],
    ["no path", url.replace("/?", "?"), "unexpected path in pre-signed URL"],
    ["a dot segment", url.replace("/?", "/.?"), "unexpected path in pre-signed URL"],
    ["an escaped slash", url.replace("/?", "/%2F?"), "unexpected path in pre-signed URL"],
    ["a semicolon", url.replace("&", ";"), "malformed query parameter"],
    ["a broken escape", `${url}%`, "malformed query parameter"],
  ])("refused: %s", (_, text, reason) => {
    expect(check(token(text))).toBe(reason);
  });

  it.each([
    ["a control character", `${url}\x01`, "net/url: invalid control character in URL"],
    ["a line end", `${url}\n`, "net/url: invalid control character in URL"],
    ["a leading space", ` ${url}`, "first path segment in URL cannot contain colon"],
    ["no scheme but a colon", url.replace("https", ""), "missing protocol scheme"],
    ["an escaped ASCII character in the host", url.replace("sts.", "%73ts."), 'invalid URL escape "%73"'],
    ["a space in the host", url.replace("sts.", "s ts."), 'invalid character " " in host name'],
    ["a backslash in the host", url.replace(".com", ".com\\"), 'invalid character "\\\\" in host name'],
    ["a port of letters", url.replace(".com", ".com:https"), 'invalid port ":https" after host'],
    ["two ports", url.replace(".com", ".com:1:2"), 'invalid port ":1:2" after host'],
    ["half a literal address", url.replace(host, "[::1"), "missing ']' in host"],
    ["a broken escape in the path", url.replace("/?", "/%zz?"), 'invalid URL escape "%zz"'],
    ["a broken escape in the fragment", `${url}#%z`, 'invalid URL escape "%z"'],
    ["a space in the user", url.replace("//", "//a b@"), "net/url: invalid userinfo"],
  ])("not a URL: %s", (_, text, reason) => {
    const answer = check(token(text));
    expect(typeof answer === "string" ? answer.replace(/^parse ".*": /s, "") : answer).toBe(reason);
  });

  it("is quoted in the message, but not in what is logged", () => {
    try {
      checkTokenForm(token(`${url}\x01`), { partition: "aws", region: "" }, now);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TokenError);
      if (!(error instanceof TokenError)) throw error;
      expect(error.message).toContain("X-Amz-Signature");
      expect(error.why).not.toContain("X-Amz-Signature");
    }
  });
});

describe("hosts", () => {
  const ask = (name: string, asked: Asked): TokenForm | string =>
    check(token(url.replace(host, name)), asked);

  it.each([
    ["aws", "sts.amazonaws.com", "global"],
    ["aws", "sts-fips.us-west-2.amazonaws.com", "us-west-2"],
    ["aws", "sts-fips.us-west-2.api.aws", "us-west-2"],
    ["aws", "sts.not-a-region.amazonaws.com", "not-a-region"],
    // The domains of the two partitions are the same.
    ["aws", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["aws-us-gov", "sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["aws-us-gov", "sts.us-gov-east-1.api.aws", "us-gov-east-1"],
    ["aws-us-gov", "sts.us-west-2.amazonaws.com", "us-west-2"],
    ["aws-cn", "sts.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["aws-cn", "sts.cn-northwest-1.api.amazonwebservices.com.cn", "cn-northwest-1"],
    ["aws-eusc", "sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
    ["aws-iso", "sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"],
    ["aws-iso-b", "sts.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"],
    ["aws-iso-e", "sts.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"],
    ["aws-iso-f", "sts.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"],
  ])("%s takes %s", (partition, name, region) => {
    expect(ask(name, { partition })).toMatchObject({ host: name, region });
  });

  it.each([
    [
      "aws",
      "sts.cn-north-1.amazonaws.com.cn",
      "partition {aws} does not support hostname sts.cn-north-1.amazonaws.com.cn",
    ],
    ["aws-cn", host, `partition {aws-cn} does not support hostname ${host}`],
    ["aws-cn", "sts.amazonaws.com", "global endpoint unsupported in partition aws-cn"],
    [
      "aws-iso",
      "sts.us-iso-east-1.api.aws.ic.gov",
      "partition {aws-iso} does not support hostname sts.us-iso-east-1.api.aws.ic.gov",
    ],
    [
      "aws-us-gov",
      "sts-fips.us-gov-west-1.amazonaws.com",
      'unexpected hostname "sts-fips.us-gov-west-1.amazonaws.com" in pre-signed URL',
    ],
    [
      "aws",
      "sts.cn-north-1.amazonaws.com",
      'unexpected hostname "sts.cn-north-1.amazonaws.com" in pre-signed URL',
    ],
    ["aws", `${host}:443`, `unexpected hostname "${host}:443" in pre-signed URL`],
    ["aws", `${host}.`, `unexpected hostname "${host}." in pre-signed URL`],
    ["aws", `${host}.evil.example`, `unexpected hostname "${host}.evil.example" in pre-signed URL`],
    [
      "aws",
      "sts.us-west-2.evil.example",
      'unexpected hostname "sts.us-west-2.evil.example" in pre-signed URL',
    ],
    ["aws", "sts.-x.amazonaws.com", "invalid region identifier format provided: -x"],
    ["aws", "sts..amazonaws.com", "invalid region identifier format provided: "],
    [
      "aws",
      "localhost",
      "could not parse region for pre-signed URL localhost, invalid host format: localhost",
    ],
    ["aws", "[::1]", "could not parse region for pre-signed URL [::1], invalid host format: [::1]"],
  ])("%s refuses %s", (partition, name, reason) => {
    expect(ask(name, { partition })).toBe(reason);
  });

  it("a verifier takes its own region's host, even if nobody knows that region", () => {
    const asked = { partition: "aws-cn", region: "zz-north-1" };
    expect(ask("sts.zz-north-1.amazonaws.com.cn", asked)).toMatchObject({ region: "zz-north-1" });
    expect(ask("sts.zz-north-1.api.amazonwebservices.com.cn", asked)).toMatchObject({ region: "zz-north-1" });
    expect(ask("sts.zz-north-2.amazonaws.com.cn", asked)).toMatch(/^unexpected hostname/);
  });
});

describe("parameters", () => {
  it.each([
    ["X-Amz-Expires", "0"],
    ["X-Amz-Expires", "%2B60"],
    ["X-Amz-Expires", "-0"],
    ["X-Amz-Expires", "060"],
    ["X-Amz-SignedHeaders", "HOST%3BX-K8S-AWS-ID"],
    ["X-Amz-Date", "20261122T155935.5Z"],
    ["X-Amz-Date", "20261122T161500Z"],
    ["X-Amz-Date", "99991231T235959Z"],
    ["X-Amz-Credential", "%2F"],
    ["Version", "2010-01-01"],
    ["x-amz-signature", undefined],
  ])("accepted: %s=%s", (name, value) => {
    expect(check(withParameter(name, value))).toMatchObject({ host });
  });

  const expires = "invalid X-Amz-Expires parameter in pre-signed URL";
  const date = (value: string, reason: string): string =>
    `error parsing X-Amz-Date parameter ${value} into format 20060102T150405Z: parsing time "${value}"${reason}`;
  const unsigned = "client did not sign the x-k8s-aws-id header in the pre-signed URL";
  const layout = ' as "20060102T150405Z": cannot parse';

  it.each([
    ["Action", "getcalleridentity", "unexpected action parameter in pre-signed URL"],
    ["Action", "AssumeRole", "unexpected action parameter in pre-signed URL"],
    ["action", "GetCallerIdentity", 'duplicate query parameter found: "action"'],
    ["x-id", "GetCallerIdentity", 'non-whitelisted query parameter "x-id"'],
    ["%C3%A9", "", 'non-whitelisted query parameter "é"'],
    ["a%0A", "", 'non-whitelisted query parameter "a\\n"'],
    ["X-Amz-SignedHeaders", "host", unsigned],
    ["X-Amz-SignedHeaders", "host%3Bx-k8s-aws-idx", unsigned],
    ["X-Amz-SignedHeaders", undefined, unsigned],
    ["X-Amz-Expires", "901", `${expires}: 901`],
    ["X-Amz-Expires", "60.0", `${expires}: 0`],
    ["X-Amz-Expires", "+60", `${expires}: 0`],
    ["X-Amz-Expires", "0x10", `${expires}: 0`],
    ["X-Amz-Expires", "", `${expires}: 0`],
    ["X-Amz-Expires", "99999999999999999999", `${expires}: 9223372036854775807`],
    ["X-Amz-Expires", "-99999999999999999999", `${expires}: -9223372036854775808`],
    ["X-Amz-Date", "", "X-Amz-Date parameter must be present in pre-signed URL"],
    ["X-Amz-Date", "20261322T155935Z", date("20261322T155935Z", ": month out of range")],
    ["X-Amz-Date", "20260229T155935Z", date("20260229T155935Z", ": day out of range")],
    ["X-Amz-Date", "20261122T245935Z", date("20261122T245935Z", ": hour out of range")],
    ["X-Amz-Date", "20261122T155960Z", date("20261122T155960Z", ": second out of range")],
    ["X-Amz-Date", "20261122T155935Zx", date("20261122T155935Zx", ': extra text: "x"')],
    ["X-Amz-Date", "20261122 155935Z", date("20261122 155935Z", `${layout} " 155935Z" as "T"`)],
    ["X-Amz-Date", "20261122T1559Z", date("20261122T1559Z", `${layout} "Z" as "05"`)],
    [
      "X-Amz-Date",
      "20261122T154434Z",
      "X-Amz-Date parameter is expired (15 minute expiration) 2026-11-22 15:44:34 +0000 UTC",
    ],
  ])("refused: %s=%s", (name, value, reason) => {
    expect(check(withParameter(name, value?.replace(" ", "%20")))).toBe(reason);
  });

  it("a date counts for 15 minutes to the second, and no longer", () => {
    const last = new Date("2026-11-22T16:14:35.000Z");
    expect(check(good, { at: last })).toMatchObject({ host });
    expect(check(good, { at: new Date(last.getTime() + 1) })).toMatch(/is expired/);
  });
});

it("whatever it is given, it answers a form or a TokenError", () => {
  const characters = fc.string({ unit: "binary" });
  const mutated = fc
    .tuple(fc.nat(url.length), characters)
    .map(([at, text]) => url.slice(0, at) + text + url.slice(at));
  const anything = fc.oneof(
    characters,
    mutated.map(token),
    fc.uint8Array().map((bytes) => token(Buffer.from(bytes))),
  );
  fc.assert(
    fc.property(anything, (text) => void check(text)),
    { numRuns: 2000 },
  );
});
