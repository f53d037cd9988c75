/**
 * The names of cache entries: a hash of every input that changes the result, so that no entry can ever be
 * taken for another's. A hash tells nothing, so it may stand in a keychain's account, in a lock's name and in a list.
 */
import { createHash } from "node:crypto";
import type { TokenParameters } from "../token/eks-token.ts";
import type { SessionParameters } from "../rolesanywhere/create-session-request.ts";

/** Counts up whenever an entry's content, or what belongs into the hash, changes its meaning. */
const formatVersion = 1;

/** What the files held when they were looked at. */
export interface Fingerprints {
  /** SHA-256 of the certificate file, chain included: a renewed certificate is a new identity at once. */
  certificate: string;
  intermediates: string | undefined;
  /** Device, inode, size and time of change of the key file: which key it holds, without reading it. */
  privateKey: string;
}

export interface SessionKeyInputs {
  fingerprints: Fingerprints;
  session: SessionParameters;
  endpoint: URL;
}

export interface KeyInputs extends SessionKeyInputs {
  token: TokenParameters;
}

export interface CacheKeys {
  /** `token/<hash>`: the ready token of one cluster. */
  token: string;
  /** `session/<hash>`: the credentials, whatever the cluster. */
  session: string;
}

export function cacheKeys(inputs: KeyInputs): CacheKeys {
  const session = sessionFields(inputs);
  return {
    token: `token/${hash([...session, ...tokenFields(inputs)])}`,
    session: `session/${hash(session)}`,
  };
}

/** `session/<hash>`, for who wants no token. */
export function sessionKey(inputs: SessionKeyInputs): string {
  return `session/${hash(sessionFields(inputs))}`;
}

type Field = string | number | boolean | undefined;

function sessionFields({ fingerprints, session, endpoint }: SessionKeyInputs): Field[] {
  return [
    formatVersion,
    fingerprints.certificate,
    fingerprints.intermediates,
    fingerprints.privateKey,
    session.trustAnchor.text,
    session.profile.text,
    session.role.text,
    session.durationSeconds,
    session.roleSessionName,
    endpoint.href,
  ];
}

function tokenFields({ token: { clusterName, region, variant } }: KeyInputs): Field[] {
  return [clusterName, region.name, variant.fips, variant.dualStack];
}

/** JSON keeps the fields apart: `["a","b"]` and `["ab"]` differ, as do null, "" and "null". */
function hash(fields: Field[]): string {
  return sha256(JSON.stringify(fields.map((field) => field ?? null)));
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
