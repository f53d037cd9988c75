/** CreateSession requests of aws_signing_helper, of keys, serial numbers, chains and ARNs of many forms. */
import { createVerify, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseRoleArn, parseRolesAnywhereArn } from "../../src/aws/arn.ts";
import { createSessionRequest, type SessionParameters } from "../../src/rolesanywhere/session.ts";
import { authorize, canonicalRequest, stringToSign } from "../../src/rolesanywhere/sigv4-x509.ts";
import { identityOf } from "../identity/given.ts";
import { requestVectors, type RequestVector } from "../vectors.ts";
import { right } from "./parameters.ts";

describe.each(requestVectors)("the request of $name", (vector) => {
  const { query, headers, body } = vector.request;
  const { algorithm, credential, scope, signedNames, signature } = authorizationIn(headers);
  const amzDate = headers["x-amz-date"] ?? "";
  const identity = identityOf(filesOf(vector), timeOf(amzDate));
  const signedByHelper = {
    method: "POST",
    path: "/sessions",
    query: [...new URLSearchParams(query)],
    headers: Object.fromEntries(signedNames.map((name) => [name, headers[name] ?? ""])),
    body,
  };

  it("has the same bytes, but for the headers of the SDK", async () => {
    const endpoint = new URL(`http://${headers["host"] ?? ""}`);
    const ours = await createSessionRequest(parametersOf(vector), identity, endpoint, timeOf(amzDate));
    const { authorization, ...others } = ours.headers;
    expect(ours.url.search).toBe(`?${query}`);
    expect(ours.body).toBe(body);
    expect(headers).toMatchObject(others);
    expect(authorization).toContain(`${algorithm} Credential=${credential},`);
  });

  it("is signed over the same text", async () => {
    const [, region = ""] = scope.split("/");
    const context = { signer: identity.signer, serial: identity.leaf.serial, region, amzDate };
    const ours = await authorize(signedByHelper, context);
    const text = stringToSign(identity.signer.algorithm, amzDate, scope, canonicalRequest(signedByHelper));
    const { publicKey } = new X509Certificate(identity.leaf.der);
    const isValid = (hex: string) => createVerify("sha256").update(text).verify(publicKey, hex, "hex");
    expect([isValid(signature), isValid(ours.signature)]).toEqual([true, true]);
    if (algorithm.includes("RSA")) expect(ours.signature).toBe(signature);
  });
});

function filesOf({ certificate, privateKey, intermediates }: RequestVector) {
  const named = (text: string) => ({ name: "file", bytes: Buffer.from(text) });
  const more = intermediates === "" ? {} : { intermediates: named(intermediates) };
  return { certificate: named(certificate), privateKey: named(privateKey), ...more };
}

function parametersOf(vector: RequestVector): SessionParameters {
  return {
    trustAnchor: right(parseRolesAnywhereArn(vector.trustAnchorArn, "trust-anchor")),
    profile: right(parseRolesAnywhereArn(vector.profileArn, "profile")),
    role: right(parseRoleArn(vector.roleArn)),
    durationSeconds: vector.durationSeconds ?? 3600,
    roleSessionName: vector.roleSessionName,
  };
}

function authorizationIn({ authorization = "" }: Record<string, string>) {
  const form = /^(\S+) Credential=(\d+)\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/;
  const [, algorithm = "", serial = "", scope = "", names = "", signature = ""] =
    form.exec(authorization) ?? [];
  return { algorithm, credential: `${serial}/${scope}`, scope, signedNames: names.split(";"), signature };
}

function timeOf(amzDate: string): Date {
  return new Date(amzDate.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, "$1-$2-$3:$4:"));
}
