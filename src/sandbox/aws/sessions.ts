/** The temporary credentials that the sandbox has issued. STS and EKS look up the signer here. */
import { randomBytes } from "node:crypto";

export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
  /** `arn:aws:sts::111122223333:assumed-role/eks-read-only/alice`, without the role's path. */
  arn: string;
  accountId: string;
  /** `AROA…:alice`: GetCallerIdentity's UserId and AssumeRole's assumedRoleId. */
  userId: string;
  sourceIdentity: string;
  /** For credentials that the sandbox has issued: the role as IAM returns it, and the time of issue. */
  roleArn?: string;
  createdAt?: Date;
}

/** The input for a new session. The store creates the keys and the token. */
export type SessionRequest = Pick<
  Session,
  "arn" | "accountId" | "userId" | "sourceIdentity" | "expiration" | "roleArn" | "createdAt"
> & {
  /** Size of all session tags in bytes. Each tag makes the session token longer, and so the EKS token. */
  tagBytes: number;
};

export interface Sessions {
  issue(request: SessionRequest): Session;
  /** Adds credentials that were issued elsewhere, for example those of the captured vectors. */
  add(session: Session): void;
  find(accessKeyId: string): Session | undefined;
}

/** An empty store. Expired sessions stay, to distinguish them from unknown ones. */
export function createSessions(): Sessions {
  const byKeyId = new Map<string, Session>();
  const add = (session: Session): void => {
    byKeyId.set(session.accessKeyId, session);
  };
  const issue = ({ tagBytes, ...request }: SessionRequest): Session => {
    const session = {
      ...request,
      accessKeyId: temporaryAccessKeyId(request.accountId, randomBytes(5)),
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: sessionToken(tagBytes),
    };
    add(session);
    return session;
  };
  return { issue, add, find: (accessKeyId) => byKeyId.get(accessKeyId) };
}

/**
 * As long as a real token, with the same first letters (base64 of `"\n\torigin_ec`). It uses the standard alphabet,
 * with plus, slash and padding, because clients forget to escape these in a query.
 */
function sessionToken(tagBytes: number): string {
  const opening = Buffer.from("IQoJb3JpZ2luX2Vj", "base64");
  return Buffer.concat([opening, randomBytes(500 + tagBytes)]).toString("base64");
}

/** Access key ids contain their account, in the first bits of the base32 of their last 16 characters. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The bit above the account. If it is set, the fifth character is `Q` or later, which marks the present scheme. */
const scheme = 1n << 47n;

/**
 * Creates the id of temporary credentials (`ASIA` and 16 characters of base32) for a 12-digit account id.
 * `random` returns the 5 bytes that distinguish the keys of an account.
 */
export function temporaryAccessKeyId(accountId: string, random: Buffer): string {
  const lowest = BigInt(random.readUInt8(0) & 0x7f);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(scheme | (BigInt(accountId) << 7n) | lowest);
  return `ASIA${base32(Buffer.concat([head.subarray(2), random.subarray(1, 5)]))}`;
}

/** RFC 4648, section 6, for whole groups of 5 bytes. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group, 2))).join("");
}
