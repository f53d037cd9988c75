import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExecCredential } from "../../src/exec/exec-credential-reading.ts";
import { keyPair, leaf, pkcs8, root } from "../certificates.ts";
import { codeOf, failureOf } from "../failure.ts";

const v1 = "client.authentication.k8s.io/v1";
const read = (stdout: string) => readExecCredential(stdout, { plugin: "aws", apiVersion: v1 });
const answer = (fields: object) =>
  JSON.stringify({ apiVersion: v1, kind: "ExecCredential", status: { token: "t" }, ...fields });
const status = (fields: object) => answer({ status: { token: "t", ...fields } });

describe("a plugin's answer is taken", () => {
  it("with a token, for as long as it says", () => {
    expect(read(status({ expirationTimestamp: "2026-11-23T10:30:00.123456+02:00" }))).toEqual({
      token: "t",
      clientCertificate: undefined,
      expiration: new Date("2026-11-23T08:30:00.123Z"),
    });
  });

  it("without an expiry, and without a kind", () => {
    expect(read(status({ expirationTimestamp: null })).expiration).toBeUndefined();
    expect(read(answer({ kind: undefined })).token).toBe("t");
  });

  it("as YAML, since kubectl takes it", () => {
    expect(read(`apiVersion: ${v1}\nkind: ExecCredential\nstatus:\n  token: t\n`).token).toBe("t");
  });

  it("with a client certificate and its key", () => {
    const { pem, keys } = leaf(root());
    const pair = { clientCertificateData: pem, clientKeyData: pkcs8(keys) };
    expect(read(answer({ status: pair })).clientCertificate).toEqual({ certificate: pem, key: pkcs8(keys) });
  });
});

describe("a plugin's answer is refused", () => {
  const otherKey = pkcs8(keyPair("p256", "another"));
  it.each([
    ["", "PLUGIN_OUTPUT_EMPTY"],
    [" \n", "PLUGIN_OUTPUT_EMPTY"],
    ["Opening the browser\nSigned in\n", "PLUGIN_OUTPUT_INVALID"],
    ["k8s-aws-v1.abc", "PLUGIN_OUTPUT_INVALID"],
    ["[1]", "PLUGIN_OUTPUT_INVALID"],
    ["null", "PLUGIN_OUTPUT_INVALID"],
    ["5", "PLUGIN_OUTPUT_INVALID"],
    ['{"apiVersion": ', "PLUGIN_OUTPUT_INVALID"],
    [`Signing in …\n${answer({})}`, "PLUGIN_OUTPUT_EXTRA_TEXT"],
    [`${answer({})}\nA new version is available`, "PLUGIN_OUTPUT_EXTRA_TEXT"],
    [`${answer({})}${answer({})}`, "PLUGIN_OUTPUT_EXTRA_TEXT"],
    [answer({ apiVersion: "client.authentication.k8s.io/v1alpha1" }), "PLUGIN_API_VERSION"],
    [answer({ apiVersion: "client.authentication.k8s.io/v1beta1" }), "PLUGIN_API_VERSION"],
    [answer({ apiVersion: 1 }), "PLUGIN_API_VERSION"],
    [answer({ apiVersion: undefined }), "PLUGIN_API_VERSION_MISSING"],
    ["{}", "PLUGIN_API_VERSION_MISSING"],
    [answer({ kind: "Pod" }), "PLUGIN_KIND"],
    [answer({ kind: 1 }), "PLUGIN_KIND"],
    [answer({ status: undefined }), "PLUGIN_STATUS_MISSING"],
    [answer({ status: null }), "PLUGIN_STATUS_MISSING"],
    [answer({ status: "t" }), "PLUGIN_FIELD_INVALID"],
    [answer({ spec: 1 }), "PLUGIN_FIELD_INVALID"],
    [answer({ spec: { interactive: "no" } }), "PLUGIN_FIELD_INVALID"],
    [status({ token: 1 }), "PLUGIN_FIELD_INVALID"],
    [status({ expirationTimestamp: 1 }), "PLUGIN_FIELD_INVALID"],
    [answer({ status: {} }), "PLUGIN_NO_CREDENTIAL"],
    [answer({ status: { Token: "t" } }), "PLUGIN_NO_CREDENTIAL"],
    [status({ token: "a\nb" }), "PLUGIN_TOKEN_UNSENDABLE"],
    [status({ clientCertificateData: "c" }), "PLUGIN_CERTIFICATE_HALF"],
    [status({ clientKeyData: "k" }), "PLUGIN_CERTIFICATE_HALF"],
    [status({ clientCertificateData: "c", clientKeyData: "k" }), "PLUGIN_CERTIFICATE_INVALID"],
    [status({ clientCertificateData: root().pem, clientKeyData: otherKey }), "PLUGIN_CERTIFICATE_INVALID"],
    ...[
      "tomorrow",
      "",
      "2026-11-23T10:00:00",
      "2026-11-23 10:00:00Z",
      "2026-13-23T10:00:00Z",
      "2027-02-30T10:00:00Z",
    ].map((expirationTimestamp): [string, string] => [
      status({ expirationTimestamp }),
      "PLUGIN_EXPIRATION_INVALID",
    ]),
  ])("%j: %s", (stdout, code) => {
    expect(failureOf(() => read(stdout))).toMatchObject({ code, hop: "plugin" });
  });

  it("in another version than the entry's: both are named, and what to do", () => {
    const failure = (apiVersion: string) => failureOf(() => read(answer({ apiVersion })));
    expect(failure("client.authentication.k8s.io/v1beta1")).toMatchObject({
      message: `the exec entry has apiVersion ${v1}, and aws returned "client.authentication.k8s.io/v1beta1"`,
      hint: 'Set apiVersion in the exec entry to "client.authentication.k8s.io/v1beta1", or update aws to a version that answers with the apiVersion in KUBERNETES_EXEC_INFO.',
    });
    expect(failure("client.authentication.k8s.io/v1alpha1").hint).toMatch(
      /^Update aws: kubectl 1\.24 and later/,
    );
  });

  it("or taken, whatever it is; and never repeated at length", () => {
    const shape = fc.record(
      {
        apiVersion: fc.oneof(fc.constant(v1), fc.jsonValue()),
        kind: fc.constantFrom("ExecCredential", "x", 1),
        status: fc.oneof(
          fc.jsonValue(),
          fc.record({ token: fc.jsonValue(), expirationTimestamp: fc.jsonValue() }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    );
    const stdout = fc.oneof(
      fc.string(),
      fc.json(),
      shape.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(stdout, (text) => {
        expect(codeOf(() => read(text)) ?? "PLUGIN_").toMatch(/^PLUGIN_/);
      }),
      { seed: 20261123, numRuns: 500 },
    );
    expect(failureOf(() => read(answer({ apiVersion: "x".repeat(5000) }))).message.length).toBeLessThan(300);
  });
});
