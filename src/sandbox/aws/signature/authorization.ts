/** The Authorization header of SigV4 and of its X.509 variant: one form with two kinds of credential and signature. */
import type { CredentialScope } from "./canonical-request.ts";

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
  const at = header.indexOf(" ");
  const pairs = header
    .slice(at + 1)
    .split(",")
    .map(keyAndValue);
  const fields = new Map(pairs);
  return at < 0 || pairs.length !== 3
    ? undefined
    : authorizationOf({
        algorithm: header.slice(0, at),
        credential: fields.get("Credential"),
        signedHeaders: fields.get("SignedHeaders"),
        signature: fields.get("Signature"),
      });
}

/** The same from the four texts, wherever they were sent; undefined if one is missing or malformed. */
export function authorizationOf(texts: {
  algorithm: string | undefined;
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
}): Authorization | undefined {
  const { algorithm, signedHeaders, signature } = texts;
  const credential = parseCredential(texts.credential ?? "");
  if (algorithm === undefined || credential === undefined || !signedHeaders) return undefined;
  if (signature === undefined || !/^(?:[0-9a-f]{2})+$/.test(signature)) return undefined;
  return { algorithm, ...credential, signedHeaders: signedHeaders.split(";"), signature };
}

/** `id/date/region/service/aws4_request`. */
function parseCredential(text: string): Pick<Authorization, "credentialId" | "scope"> | undefined {
  const [credentialId, date, region, service, terminator, ...rest] = text.split("/");
  if (credentialId === undefined || date === undefined || region === undefined) return undefined;
  if (service === undefined || terminator === undefined || rest.length > 0) return undefined;
  return { credentialId, scope: { date, region, service, terminator } };
}

function keyAndValue(field: string): [string, string] {
  const text = field.trim();
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
