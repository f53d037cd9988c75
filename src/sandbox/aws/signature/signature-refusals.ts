/** The signature errors of STS. EKS returns the same errors under longer names. */
import { Refusal } from "../refusal.ts";

/** The signature is missing or malformed. */
export function incompleteSignature(message: string): Refusal {
  return new Refusal({ status: 403, code: "IncompleteSignature", message });
}

/** The signature is for another date, region or service. */
export function wrongScope(message: string): Refusal {
  return new Refusal({ status: 403, code: "SignatureDoesNotMatch", message });
}

/** The signature differs from the one that the sandbox computed. AWS gives no reason; `why` gives it in the log. */
export function signatureMismatch(why: string): Refusal {
  const message =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret " +
    "Access Key and signing method. Consult the service documentation for details.";
  return new Refusal({ status: 403, code: "SignatureDoesNotMatch", message, why });
}

export function missingAuthentication(): Refusal {
  const message = "Request is missing Authentication Token";
  return new Refusal({ status: 403, code: "MissingAuthenticationToken", message });
}

export function malformedQuery(): Refusal {
  const message = "The query string contains a syntax error.";
  return new Refusal({ status: 404, code: "MalformedQueryString", message });
}
