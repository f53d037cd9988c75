/** Finds the SigV4 signature of a request, in the Authorization header or in the query of a presigned URL. */
import type { WireRequest } from "../../wire.ts";
import { type Authorization, authorizationOf, parseAuthorization } from "./authorization.ts";
import { type Parameter, parameter, parseParameters } from "./query-parameters.ts";
import { incompleteSignature, malformedQuery, missingAuthentication } from "./signature-refusals.ts";

export interface ReceivedSignature {
  authorization: Authorization;
  /** X-Amz-Date as sent. */
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
  throw missingAuthentication();
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
  const names = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Date",
  ];
  const missing = names.find((name) => !parameter(parameters, name));
  const authorization = authorizationOf({
    algorithm: parameter(parameters, "X-Amz-Algorithm"),
    credential: parameter(parameters, "X-Amz-Credential"),
    signedHeaders: parameter(parameters, "X-Amz-SignedHeaders"),
    signature: parameter(parameters, "X-Amz-Signature"),
  });
  if (missing !== undefined || authorization === undefined) {
    const names = missing === undefined ? "well-formed values" : `'${missing}'`;
    throw incompleteSignature(`AWS query-string parameters must include ${names}.`);
  }
  return {
    authorization,
    amzDate: parameter(parameters, "X-Amz-Date") ?? "",
    sessionToken: parameter(parameters, "X-Amz-Security-Token"),
    except: "X-Amz-Signature",
  };
}
