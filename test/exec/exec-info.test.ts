import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExecInfo } from "../../src/exec/exec-info.ts";
import { codeOf, failureOf } from "../failure.ts";

const v1 = "client.authentication.k8s.io/v1";
const info = (fields: object) =>
  JSON.stringify({ apiVersion: v1, kind: "ExecCredential", spec: { interactive: false }, ...fields });

describe("KUBERNETES_EXEC_INFO", () => {
  it("not set, asks for no version: the program is run by hand, or by a client that does not say", () => {
    expect(parseExecInfo(undefined)).toEqual({ apiVersion: undefined, cluster: undefined });
  });

  it.each([v1, "client.authentication.k8s.io/v1beta1"])("asks for %s, which is echoed", (apiVersion) => {
    expect(parseExecInfo(info({ apiVersion }))).toEqual({ apiVersion, cluster: undefined });
  });

  it("is taken from Kubernetes' client for .NET, which names the kind in the plural", () => {
    expect(parseExecInfo(info({ kind: "ExecCredentials" }))).toEqual({ apiVersion: v1, cluster: undefined });
  });

  it("carries the cluster's extension as spec.cluster.config, whatever it holds", () => {
    for (const config of [{ "cluster-name": "demo" }, [], "text", 1])
      expect(
        parseExecInfo(info({ spec: { cluster: { server: "https://x", config } } })).cluster?.config,
      ).toEqual(config);
  });

  it.each([
    { spec: { cluster: { config: null } } },
    { spec: { cluster: {} } },
    { spec: { cluster: [] } },
    { spec: null },
    { spec: "x" },
  ])("carries none: %o", (fields) => {
    expect(parseExecInfo(info(fields)).cluster?.config).toBeUndefined();
  });

  it("is taken at the length that Linux hands over, with a CA bundle in it", () => {
    const padding = "x".repeat(131_050 - info({ padding: "" }).length);
    expect(parseExecInfo(info({ padding })).apiVersion).toBe("client.authentication.k8s.io/v1");
  });

  it.each([
    ["", "is set but empty"],
    [" \n", "is set but empty"],
    ["{", "is not a JSON object"],
    ["not JSON", "is not a JSON object"],
    ["null", "is not a JSON object"],
    ["[]", "is not a JSON object"],
    ["{}", "has kind no string, not ExecCredential"],
    [info({ kind: "Pod" }), 'has kind "Pod", not ExecCredential'],
    [info({ kind: "x".repeat(5000) }), `has kind "${"x".repeat(80)}", not ExecCredential`],
    [info({ padding: "x".repeat(1_100_000) }), "allowed"],
  ])("is refused (%#)", (text, why) => {
    const failure = failureOf(() => parseExecInfo(text));
    expect(failure).toMatchObject({ category: "usage", hop: "exec-info", code: "EXEC_INFO_INVALID" });
    expect(failure.message).toContain(why);
  });

  it.each(["client.authentication.k8s.io/v1alpha1", "v1", 1, undefined])(
    "asks for a version that is not spoken: %s",
    (apiVersion) => {
      const failure = failureOf(() => parseExecInfo(info({ apiVersion })));
      expect(failure.code).toBe("EXEC_INFO_VERSION");
      expect(failure.hint).toContain(
        "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1",
      );
    },
  );

  it("whatever it holds, is read or refused", () => {
    const known = [undefined, "EXEC_INFO_INVALID", "EXEC_INFO_VERSION"];
    const check = (text: string) => {
      expect(known).toContain(codeOf(() => parseExecInfo(text)));
    };
    fc.assert(fc.property(fc.string({ maxLength: 500 }), check));
    fc.assert(fc.property(fc.json(), check));
    const shape = fc.record(
      {
        apiVersion: fc.oneof(fc.constant(v1), fc.jsonValue()),
        kind: fc.constantFrom("ExecCredential", "x"),
        spec: fc.oneof(fc.jsonValue(), fc.record({ cluster: fc.jsonValue() })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(shape, (value) => {
        check(JSON.stringify(value));
      }),
    );
  });
});
