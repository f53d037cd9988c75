import { createVerify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { identityOf } from "../identity/given.ts";
import { httpClient } from "../../src/http/client.ts";
import type { Answer } from "../../src/http/exchange.ts";
import { createSession } from "../../src/rolesanywhere/create-session.ts";
import { createSessionRequest } from "../../src/rolesanywhere/session.ts";
import { amzDate } from "../../src/rolesanywhere/sigv4-x509.ts";
import { type KeyKind, from, intermediate, keyPair, leaf, named, now, root } from "../certificates.ts";
import { rejectionOf } from "../failure.ts";
import { httpServer } from "../http/servers.ts";
import { parameters } from "./parameters.ts";

type Validity = Partial<Record<"notBefore" | "notAfter", Date>>;

const endpoint = new URL("https://rolesanywhere.us-west-2.amazonaws.com");
const issuer = intermediate(root());

function identity(kind: KeyKind = "p256", chain = true, validity: Validity = {}) {
  const mine = leaf(issuer, { serial: 255n, keys: keyPair(kind, "alice"), ...validity });
  return identityOf(
    { certificate: named(chain ? mine.pem + issuer.pem : mine.pem), privateKey: named(mine.keyPem) },
    now,
  );
}

describe("the CreateSession request", () => {
  it("is POST /sessions with the three ARNs as parameters, percent-encoded", async () => {
    const { method, url, body } = await createSessionRequest(parameters, identity(), endpoint, now);
    expect(method).toBe("POST");
    expect(url.pathname).toBe("/sessions");
    expect([...url.searchParams]).toEqual([
      ["profileArn", parameters.profile.text],
      ["roleArn", parameters.role.text],
      ["trustAnchorArn", parameters.trustAnchor.text],
    ]);
    expect(url.search).toContain("role%2Fteam%2Feks%2Bread%3Donly");
    expect(body).toBe('{"durationSeconds":3600}');
  });

  it("carries the leaf, and the intermediates where there are any, each in base64 DER; and signs all it carries", async () => {
    const { headers } = await createSessionRequest(parameters, identity(), endpoint, now);
    expect(headers["x-amz-x509-chain"]).toBe(issuer.der.toString("base64"));
    expect(headers["authorization"]).toContain(
      "SignedHeaders=content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain,",
    );
    const alone = await createSessionRequest(parameters, identity("p256", false), endpoint, now);
    expect(alone.headers["x-amz-x509-chain"]).toBeUndefined();
    expect(alone.headers["authorization"]).toContain(
      "SignedHeaders=content-type;host;x-amz-date;x-amz-x509,",
    );
  });

  it("names the serial in decimal, and the trust anchor's region whatever the endpoint", async () => {
    const { headers } = await createSessionRequest(
      parameters,
      identity(),
      new URL("http://127.0.0.1:8080"),
      now,
    );
    const date = now.toISOString().slice(0, 10).replaceAll("-", "");
    expect(headers["authorization"]).toContain(`Credential=255/${date}/us-west-2/rolesanywhere/aws4_request`);
    expect(headers["host"]).toBe("127.0.0.1:8080");
  });

  it.each<[KeyKind, string]>([
    ["rsa-2048", "AWS4-X509-RSA-SHA256"],
    ["p256", "AWS4-X509-ECDSA-SHA256"],
    ["p384", "AWS4-X509-ECDSA-SHA256"],
    ["p521", "AWS4-X509-ECDSA-SHA256"],
  ])("is signed with %s as %s", async (kind, algorithm) => {
    const { headers } = await createSessionRequest(parameters, identity(kind), endpoint, now);
    const [, signature = ""] = /Signature=([0-9a-f]+)$/.exec(headers["authorization"] ?? "") ?? [];
    expect(headers["authorization"]?.startsWith(`${algorithm} `)).toBe(true);
    // What was signed is known by the vectors; that the right key signs is enough here.
    expect(
      createVerify("sha256")
        .update("something else")
        .verify(keyPair(kind, "alice").publicKey, signature, "hex"),
    ).toBe(false);
    expect(signature.length).toBeGreaterThan(100);
  });
});

describe("each attempt is signed anew, at its own time", () => {
  it("so that a retry is as fresh as a first one", async () => {
    const seen: Record<string, unknown>[] = [];
    const { origin } = await httpServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(500).end();
    });
    let seconds = 0;
    const clock = () => new Date(now.getTime() + 1000 * seconds++);
    const http = httpClient({
      env: {},
      trustStore: () => Promise.resolve(undefined),
      maxAttempts: 3,
      onAttempt: () => undefined,
    });
    const failure = await rejectionOf(
      createSession(parameters, () => Promise.resolve(identity("rsa-2048")), new URL(origin), {
        http,
        clock,
      }),
    );
    expect(failure.code).toBe("SERVER_ERROR");
    expect(seen.map((headers) => headers["x-amz-date"])).toEqual(
      [0, 1, 2].map((second) => amzDate(from(second * 1000))),
    );
    expect(new Set(seen.map((headers) => headers["authorization"])).size).toBe(3);
  });
});

describe("CreateSession", () => {
  const answered = (answer: Partial<Answer>, own = identity()) => {
    const http = () => Promise.resolve({ status: 201, headers: {}, body: "", ...answer });
    return createSession(parameters, () => Promise.resolve(own), endpoint, { http, clock: () => now });
  };

  it("gives the session of a 201", async () => {
    const credentials = {
      accessKeyId: "ASIAQNZGKIQY56JQ7WML",
      secretAccessKey: "s",
      sessionToken: "t",
      expiration: "2099-01-01T00:00:00Z",
    };
    expect(
      (await answered({ body: JSON.stringify({ credentialSet: [{ credentials }] }) })).credentials
        .accessKeyId,
    ).toBe("ASIAQNZGKIQY56JQ7WML");
  });

  it.each<[Partial<Answer>, string, string]>([
    [{ status: 200, body: "<html>" }, "network", "RESPONSE_UNEXPECTED"],
    [{ status: 204 }, "network", "RESPONSE_UNEXPECTED"],
    [{ status: 302, headers: { location: "https://evil.example" } }, "network", "REDIRECTED"],
    [{ status: 304 }, "network", "REDIRECTED"],
    [{ status: 500 }, "network", "SERVER_ERROR"],
    [{ status: 503, headers: { "x-amzn-requestid": "abc" } }, "network", "SERVER_ERROR"],
    [
      { status: 403, body: '{"message":"Untrusted signing certificate"}' },
      "refused",
      "REFUSED_UNTRUSTED_CERTIFICATE",
    ],
    [{ status: 429 }, "refused", "REFUSED_THROTTLED"],
    [
      { status: 403, headers: { "content-type": "text/html" }, body: "<html>Blocked by the proxy</html>" },
      "network",
      "RESPONSE_UNEXPECTED",
    ],
    [{ status: 404, body: "no such page" }, "network", "RESPONSE_UNEXPECTED"],
    [
      { status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" } },
      "refused",
      "REFUSED_NOT_FOUND",
    ],
    [{ status: 201, body: "{}" }, "network", "SESSION_MALFORMED"],
  ])("of %o is a failure: %s, %s", async (answer, category, code) => {
    expect(await rejectionOf(answered(answer))).toMatchObject({ category, code });
  });

  it.each<[Validity, RegExp]>([
    [{ notAfter: from(-90_000) }, /^Most likely the reason is that the certificate expired 1 minute ago/],
    [
      { notBefore: from(90_000) },
      /^Most likely the reason is that the certificate becomes valid in 1 minute/,
    ],
    [{}, /^Either trust anchor/],
  ])("of a refused certificate with %j is explained by its time", async (validity, hint) => {
    const refused = { status: 403, body: '{"message":"Untrusted signing certificate"}' };
    const error = await rejectionOf(answered(refused, identity("p256", true, validity)));
    expect(error).toMatchObject({ code: "REFUSED_UNTRUSTED_CERTIFICATE" });
    expect(error.hint).toMatch(hint);
  });
});
