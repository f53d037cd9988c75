import { describe, expect, it } from "vitest";
import { serverTls, type ServerTlsFields } from "../../src/kubernetes-api/server-tls.ts";
import { keyPair, leaf, root } from "../certificates.ts";
import { codeOf } from "../failure.ts";

const ca = root("Cluster CA");
const person = leaf(ca, { name: "admin", keys: keyPair("p256", "admin") });
const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("a kubeconfig's TLS", () => {
  it("of no field is the environment's", () => {
    expect(serverTls({})).toEqual({});
    expect(serverTls({ insecureSkipTlsVerify: false, tlsServerName: "", certificateAuthority: "" })).toEqual(
      {},
    );
  });

  it("of every field has each", () => {
    const fields = {
      certificateAuthority: `a comment\n${ca.pem}`,
      clientCertificate: person.pem,
      clientKey: person.keyPem,
      tlsServerName: "api.example",
      insecureSkipTlsVerify: true,
    };
    expect(serverTls(fields)).toEqual({
      ca: [ca.pem.trim()],
      cert: person.pem,
      key: person.keyPem,
      servername: "api.example",
      insecure: true,
    });
  });

  it("passes over a CA that cannot be read, as Go does, while one is left", () => {
    const other = root("Other CA");
    expect(serverTls({ certificateAuthority: broken + ca.pem + other.pem }).ca).toHaveLength(2);
  });

  it.each<[string, ServerTlsFields, string]>([
    ["a CA that is broken", { certificateAuthority: broken }, "API_CA_UNREADABLE"],
    ["a CA that is none", { certificateAuthority: "LS0tLS1CRUdJTg==" }, "API_CA_UNREADABLE"],
    ["a certificate alone", { clientCertificate: person.pem }, "API_CLIENT_CERTIFICATE_INCOMPLETE"],
    ["a key alone", { clientKey: person.keyPem }, "API_CLIENT_CERTIFICATE_INCOMPLETE"],
    [
      "a certificate that is broken",
      { clientCertificate: broken, clientKey: person.keyPem },
      "API_CLIENT_CERTIFICATE_UNREADABLE",
    ],
    ["a key that is none", { clientCertificate: person.pem, clientKey: "key" }, "API_CLIENT_KEY_UNREADABLE"],
    [
      "another's key",
      {
        clientCertificate: person.pem,
        clientKey: leaf(ca, { name: "x", keys: keyPair("p256", "x") }).keyPem,
      },
      "API_CLIENT_KEY_MISMATCH",
    ],
  ])("with %s is refused", (_what, fields, code) => {
    expect(codeOf(() => serverTls(fields))).toBe(code);
  });
});
