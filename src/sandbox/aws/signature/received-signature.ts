/** Finds the SigV4 signature of a request, in the Authorization header or in the query of a presigned URL. */
import { Refusal } from "../refusal.ts";
import type { CredentialScope } from "./canonical-request.ts";
import { type Parameter, parameter, parseParameters } from "./parameters.ts";
import type { WireRequest } from "../../wire.ts";

export interface ReceivedSignature {
  authorization: Authorization;
  amzDate: string;
  sessionToken: string | undefined;
  /** The query parameter with the signature, if there is one. It is not part of the signed text. */
  except?: string;
}

/** @throws {Refusal} MissingAuthenticationToken, IncompleteSignature or MalformedQueryString. */
export function readSignature(request: WireRequest): ReceivedSignature {
  const parameters = parseParameters(request.rawQuery);
  if (parameters === undefined) throw malformedQuery();
  // Clients create `Authorization: Basic …` from a URL's user info. SigV4 ignores it.
  const header = request.headers.get("authorization");
  if (header?.startsWith("AWS4-") === true) return fromHeaders(request, header);
  if (parameters.some(({ name }) => name.startsWith("X-Amz-"))) return fromParameters(parameters);
  const message = "Request is missing Authentication Token";
  throw new Refusal(403, "MissingAuthenticationToken", message);
}

function fromHeaders(request: WireRequest, header: string): ReceivedSignature {
  const authorization = parseAuthorization(header);
  const amzDate = request.headers.get("x-amz-date");
  if (authorization === undefined) {
    throw incompleteSignature(
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
    );
  }
  if (amzDate === undefined) {
    throw incompleteSignature("Authorization header requires existence of a 'X-Amz-Date' header.");
  }
  return { authorization, amzDate, sessionToken: request.headers.get("x-amz-security-token") };
}

/** STS distinguishes the case of names; the EKS authenticator does not. */
function fromParameters(parameters: readonly Parameter[]): ReceivedSignature {
  const value: Values = (name) => parameter(parameters, `X-Amz-${name}`);
  const required = ["Algorithm", "Credential", "SignedHeaders", "Signature", "Date"];
  const missing = required.find((name) => !value(name));
  const authorization = authorizationOf(value);
  if (missing !== undefined || authorization === undefined) {
    const names = missing === undefined ? "well-formed values" : `'X-Amz-${missing}'`;
    throw incompleteSignature(`AWS query-string parameters must include ${names}.`);
  }
  return {
    authorization,
    amzDate: value("Date") ?? "",
    sessionToken: value("Security-Token"),
    except: "X-Amz-Signature",
  };
}

/** Of SigV4 or of its X.509 variant: one form with two kinds of credential and signature. */
export interface Authorization {
  algorithm: string;
  /** An access key id, or a certificate's serial number in decimal. */
  credentialId: string;
  scope: CredentialScope;
  /** As listed. The verifier uses this list, whatever it contains. */
  signedHeaders: readonly string[];
  /** Lower-case hexadecimal. */
  signature: string;
}

/** Reads `ALGORITHM Credential=…, SignedHeaders=…, Signature=…`; undefined if it has another form. */
export function parseAuthorization(header: string): Authorization | undefined {
  const [, algorithm, fields = ""] = /^([^ ]*) (.*)$/s.exec(header) ?? [];
  const pairs = fields.split(",").map((field) => /^([^=]*)=?(.*)$/s.exec(field.trim()) ?? []);
  if (pairs.length !== 3) return undefined;
  return authorizationOf((name) =>
    name === "Algorithm" ? algorithm : pairs.find((pair) => pair[1] === name)?.[2],
  );
}

type Values = (name: string) => string | undefined;

/** The same from the four values, wherever they were sent; undefined if one is missing or malformed. */
export function authorizationOf(value: Values): Authorization | undefined {
  const [algorithm, signedHeaders, signature] = ["Algorithm", "SignedHeaders", "Signature"].map(value);
  const credential = parseCredential(value("Credential") ?? "");
  if (algorithm === undefined || credential === undefined || !signedHeaders) return undefined;
  if (signature === undefined || !/^(?:[0-9a-f]{2})+$/.test(signature)) return undefined;
  const names = signedHeaders.split(";");
  // A header that is named a thousand times would be signed, and so copied, a thousand times.
  if (new Set(names).size < names.length) return undefined;
  return { algorithm, ...credential, signedHeaders: names, signature };
}

/** `id/date/region/service/aws4_request`. */
function parseCredential(text: string): Pick<Authorization, "credentialId" | "scope"> | undefined {
  const [credentialId, date, region, service, terminator, ...rest] = text.split("/");
  if (credentialId === undefined || date === undefined || region === undefined) return undefined;
  if (service === undefined || terminator === undefined || rest.length > 0) return undefined;
  return { credentialId, scope: { date, region, service, terminator } };
}

/** The signature is missing or malformed. EKS returns this and the other errors of STS under longer names. */
export function incompleteSignature(message: string): Refusal {
  return new Refusal(403, "IncompleteSignature", message);
}

/** The signature is for another date, region or service. */
export function wrongScope(message: string): Refusal {
  return new Refusal(403, "SignatureDoesNotMatch", message);
}

/** The signature differs from the one that the sandbox computed. AWS gives no reason; `why` gives it in the log. */
export function signatureMismatch(why: string): Refusal {
  const message =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret " +
    "Access Key and signing method. Consult the service documentation for details.";
  return new Refusal(403, "SignatureDoesNotMatch", message, why);
}

export function malformedQuery(): Refusal {
  const message = "The query string contains a syntax error.";
  return new Refusal(404, "MalformedQueryString", message);
}
