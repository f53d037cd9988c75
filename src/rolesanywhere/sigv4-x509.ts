/** SigV4-X509, the four tasks in order: from an unsigned request to its Authorization header. */
import type { Signer } from "../identity/signer.ts";
import { authorization } from "./authorization.ts";
import { canonicalRequest, signedHeaders, type UnsignedRequest } from "./canonical-request.ts";
import { signature } from "./signature.ts";
import { credentialScope, stringToSign } from "./string-to-sign.ts";

export interface SigningContext {
  signer: Signer;
  serial: bigint;
  region: string;
  /** The same text as the request's x-amz-date header. */
  amzDate: string;
}

export async function authorize(
  request: UnsignedRequest,
  { signer, serial, region, amzDate }: SigningContext,
): Promise<string> {
  const scope = credentialScope(amzDate, region);
  const text = stringToSign(signer.algorithm, amzDate, scope, canonicalRequest(request));
  return authorization({
    algorithm: signer.algorithm,
    serial,
    scope,
    signedHeaders: signedHeaders(request.headers),
    signature: await signature(signer, text),
  });
}
