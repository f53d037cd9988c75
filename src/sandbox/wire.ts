/**
 * What travels between the sandbox's TLS server and its handlers. Handlers know nothing of sockets:
 * each takes a request and returns a response, so that a test can call one without a server.
 */

export interface WireRequest {
  method: string;
  /** Path as sent, percent-encoding untouched, without the query. */
  path: string;
  /** Query as sent, without the question mark; empty when there was none. */
  rawQuery: string;
  /** Names in lower case. A repeated header is joined with a comma, as HTTP allows. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
}

export interface WireResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export type Handler = (request: WireRequest) => Promise<WireResponse>;

/** One line of the sandbox's log: what arrived, what became of it, and for whom. Never a secret. */
export interface WireEvent {
  hop: "rolesanywhere" | "sts" | "eks" | "authenticator" | "kubernetes";
  /** Whose authenticator or Kubernetes API it was, where there are several clusters. */
  cluster?: string;
  /** For instance `POST /sessions`, `GetCallerIdentity`, `GET /api/v1/namespaces`. */
  what: string;
  verdict: "accepted" | "refused";
  /** For instance the certificate's subject, the assumed-role ARN, the Kubernetes user. */
  who: string;
  /** Why it was refused; empty when accepted. */
  why: string;
}

export type OnEvent = (event: WireEvent) => void;

/** A Kubernetes user, as TokenReview's `status.user` tells it. */
export interface UserInfo {
  username: string;
  uid: string;
  groups: readonly string[];
  extra: Readonly<Record<string, readonly string[]>>;
}
