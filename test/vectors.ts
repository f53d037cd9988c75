/** The captured vectors, typed. See test/vectors/README.md for where they come from. */
import { readFileSync } from "node:fs";

export interface SigningVector {
  region: string;
  certificate: string;
  privateKey: string;
  intermediates: string[];
  trustAnchor: string;
  request: { method: string; path: string; query: string; headers: Record<string, string>; body: string };
  signedHeaders: string[];
  canonicalRequest: string;
  stringToSign: string;
  authorization: string;
  deterministic: boolean;
}

export interface PresignedVector {
  source: string;
  region: string;
  clusterName: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  url: string;
  token: string;
  expirationTimestamp: string;
}

/** A token for an endpoint that the environment or the region chooses. */
export interface EndpointVector extends Omit<PresignedVector, "token" | "expirationTimestamp"> {
  fips: boolean;
  dualStack: boolean;
}

/** What a request was made of, and the request as it was sent. Of the headers, those that are signed, and Authorization. */
export interface RequestVector {
  name: string;
  certificate: string;
  privateKey: string;
  /** Empty if there are none. */
  intermediates: string;
  trustAnchorArn: string;
  profileArn: string;
  roleArn: string;
  durationSeconds?: number;
  roleSessionName?: string;
  request: { query: string; headers: Record<string, string>; body: string };
}

export const signingVectors: readonly (readonly [string, SigningVector])[] = [
  "rsa",
  "ec-p256",
  "ec-p384-chain",
].map((name) => [name, read(`rolesanywhere/${name}.json`)]);

export const presignedVectors: readonly PresignedVector[] = read("eks-token/presigned.json");

export const endpointVectors: readonly EndpointVector[] = read("eks-token/endpoints.json");

export const requestVectors = read<{ rows: readonly RequestVector[] }>("rolesanywhere/requests.json").rows;

function read<Vector>(path: string): Vector {
  return JSON.parse(readFileSync(new URL(`vectors/${path}`, import.meta.url), "utf8"));
}
