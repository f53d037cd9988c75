/** The temporary credentials that the sandbox has issued: what lets STS and EKS know who signed. */
import { randomBytes } from "node:crypto";
import { temporaryAccessKeyId } from "./access-key-id.ts";

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
  /** Of credentials that the sandbox has issued: the role as IAM tells it, and since when. */
  roleArn?: string;
  createdAt?: Date;
}

/** What a new session is for; the keys and the token are made here. */
export type SessionRequest = Pick<
  Session,
  "arn" | "accountId" | "userId" | "sourceIdentity" | "expiration" | "roleArn" | "createdAt"
> & {
  /** Bytes of all session tags together: each makes the session token longer, and so the EKS token. */
  tagBytes: number;
};

export interface Sessions {
  issue(request: SessionRequest): Session;
  /** Makes credentials known that were issued elsewhere, such as those of the captured vectors. */
  add(session: Session): void;
  find(accessKeyId: string): Session | undefined;
}

/** An empty store. Expired sessions stay, so that they are told apart from unknown ones. */
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
 * As long as real ones, and opened by the same letters (base64 of `"\n\torigin_ec`). Standard alphabet,
 * plus, slash and padding included, because those are what a client forgets to escape in a query.
 */
function sessionToken(tagBytes: number): string {
  const opening = Buffer.from("IQoJb3JpZ2luX2Vj", "base64");
  return Buffer.concat([opening, randomBytes(500 + tagBytes)]).toString("base64");
}
