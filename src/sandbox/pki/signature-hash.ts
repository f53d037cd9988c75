/** Which hash a certificate was signed with: Roles Anywhere wants SHA-256 or stronger. */
import { type DerValue, members, objectIdentifier, tagged } from "./der.ts";

/** `intrinsic`: the scheme brings its own strong hash. `weak`: SHA-1, MD5, or unknown to us. */
export type SignatureHash = "sha256" | "sha384" | "sha512" | "intrinsic" | "weak";

const byAlgorithm: Readonly<Record<string, SignatureHash>> = {
  // RSASSA-PKCS1-v1_5, RFC 4055
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  // ECDSA, RFC 5758
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  // Ed25519 and Ed448, RFC 8410
  "1.3.101.112": "intrinsic",
  "1.3.101.113": "intrinsic",
  // ML-DSA-44, -65 and -87, RFC 9881
  "2.16.840.1.101.3.4.3.17": "intrinsic",
  "2.16.840.1.101.3.4.3.18": "intrinsic",
  "2.16.840.1.101.3.4.3.19": "intrinsic",
};

const byHash: Readonly<Record<string, SignatureHash>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

const rsaPss = "1.2.840.113549.1.1.10";

/** Reads an AlgorithmIdentifier. RSASSA-PSS names its hash in its parameters, and means SHA-1 without them. */
export function signatureHash(algorithm: DerValue): SignatureHash {
  const [id, parameters] = members(algorithm);
  const name = objectIdentifier(id) ?? "";
  if (name !== rsaPss) return byAlgorithm[name] ?? "weak";
  const hash = members(members(tagged(parameters, 0))[0])[0];
  return byHash[objectIdentifier(hash) ?? ""] ?? "weak";
}
