/** The credentials that the sandbox knows: those that it has issued, and an administrator's. Its services look up the signer here. */
import { randomBytes } from "node:crypto";
import { Secrets } from "../../foundation/secrets.ts";

export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty for an access key of a user, which has none. */
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
  /** Of the role and of the session: aws:PrincipalTag. */
  tags?: ReadonlyMap<string, string>;
}

/** The input for a new session. The store creates the keys and the token. */
export type SessionRequest = Omit<Session, "accessKeyId" | "secretAccessKey" | "sessionToken"> & {
  /** Size of all session tags in bytes. Each tag makes the session token longer, and so the EKS token. */
  tagBytes: number;
};

export interface Sessions {
  issue(request: SessionRequest): Session;
  add(session: Session): void;
  find(accessKeyId: string): Session | undefined;
}

/** An empty store. The keys and tokens that it creates are added to the secrets. Expired sessions stay, to distinguish them from unknown ones. */
export function createSessions(secrets: Pick<Secrets, "add"> = new Secrets()): Sessions {
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
    secrets.add(session.secretAccessKey, session.sessionToken);
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

/** The digits of RFC 4648, section 6. */
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Creates the id of temporary credentials: `ASIA` and 16 characters of base32, which contain the 12-digit account id. The
 * highest bit makes the first character `Q` or a later one, which marks the present scheme.
 * @param random 5 bytes that distinguish the keys of an account
 */
export function temporaryAccessKeyId(accountId: string, random: Buffer): string {
  const lowest = BigInt(`0x${random.toString("hex")}`) & ((1n << 39n) - 1n);
  const bits = (1n << 79n) | (BigInt(accountId) << 39n) | lowest;
  const digits = Array.from(bits.toString(32), (digit) => base32.charAt(Number.parseInt(digit, 32)));
  return `ASIA${digits.join("")}`;
}
