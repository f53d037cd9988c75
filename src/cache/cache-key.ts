/**
 * The names of cache entries: a hash of every input that changes the result, so that one entry is never used for another.
 * A hash reveals nothing, so it can be in a keychain's account, in a lock's name and in a list.
 */
import type { Sha256 } from "../foundation/ports.ts";
import type { AssumeRoleParameters } from "../aws/sts/assume-role.ts";
import type { TokenParameters } from "../token/eks-token.ts";
import type { SessionParameters } from "../rolesanywhere/session.ts";

/** Increases when the content of an entry, or the input of the hash, changes its meaning. */
const formatVersion = 1;

/** The state of the files when they were read. */
export interface Fingerprints {
  /** SHA-256 of the certificate file with its chain. A renewed certificate is a new identity at once. */
  certificate: string;
  intermediates: string | undefined;
  /** Device, inode, size and time of change of the key file, which identify the key without reading it. Of a pipe, SHA-256. */
  privateKey: string;
}

export interface SessionKeyInputs {
  fingerprints: Fingerprints;
  parameters: SessionParameters;
  endpoint: URL;
  /** The role that the session of Roles Anywhere assumes. */
  second?: (AssumeRoleParameters & { endpoint: URL }) | undefined;
}

export interface KeyInputs extends SessionKeyInputs {
  token: TokenParameters;
}

export interface CacheKeys {
  /** `token/<hash>`: the ready token of one cluster. */
  token: string;
  /** `session/<hash>`: the credentials, for any cluster. */
  session: string;
}

export function cacheKeys(inputs: KeyInputs, sha256: Sha256): CacheKeys {
  const { clusterName, region, variant } = inputs.token;
  const fields = [...sessionFields(inputs), clusterName, region.name, variant.fips, variant.dualStack];
  return { token: `token/${hash(fields, sha256)}`, session: sessionKey(inputs, sha256) };
}

/** `session/<hash>`, for a command that needs no token. */
export function sessionKey(inputs: SessionKeyInputs, sha256: Sha256): string {
  return `session/${hash(sessionFields(inputs), sha256)}`;
}

type Field = string | number | boolean | undefined;

function sessionFields({ fingerprints, parameters, endpoint, second }: SessionKeyInputs): Field[] {
  return [
    formatVersion,
    fingerprints.certificate,
    fingerprints.intermediates,
    fingerprints.privateKey,
    parameters.trustAnchor.text,
    parameters.profile.text,
    parameters.role.text,
    parameters.durationSeconds,
    parameters.roleSessionName,
    endpoint.href,
    ...(second ? [second.role.text, second.externalId, second.sessionName, second.endpoint.href] : []),
  ];
}

/** JSON separates the fields: `["a","b"]` and `["ab"]` differ, as do null, "" and "null". */
function hash(fields: Field[], sha256: Sha256): string {
  return sha256(JSON.stringify(fields.map((field) => field ?? null)));
}
