// A provider of OpenID Connect on loopback, which gives kubelogin the token that it then keeps in its cache.
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** @returns its URL, and `close` */
export async function openProvider() {
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const content = answers[new URL(request.url, issuer).pathname]?.(issuer);
    response.writeHead(content ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(content ?? {}));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { issuer: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const answers = {
  "/.well-known/openid-configuration": (issuer) => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  }),
  "/keys": () => ({
    keys: [{ ...publicKey.export({ format: "jwk" }), kid: "bench", alg: "RS256", use: "sig" }],
  }),
  "/token": (issuer) => ({
    token_type: "Bearer",
    access_token: "access",
    expires_in: 3600,
    id_token: idToken(issuer),
  }),
};

function idToken(issuer) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: "alice", aud: "bench", iat: now, exp: now + 3600 };
  const encoded = [{ alg: "RS256", kid: "bench", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const text = encoded.join(".");
  return `${text}.${sign("sha256", text, privateKey).toString("base64url")}`;
}
