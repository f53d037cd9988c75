/**
 * The requests and responses between the sandbox's TLS server and its handlers. A handler takes a request and returns a
 * response, without sockets, so that a test can call it without a server.
 */
import type { MappedUser } from "../authenticator/mapping/user.ts";

export interface WireRequest {
  method: string;
  /** Path as sent, still percent-encoded, without the query. */
  path: string;
  /** Query as sent, without the question mark; empty if there is none. */
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

/** One line of the sandbox's log: the request, the result and the identity. Never a secret. */
export interface WireEvent {
  hop: "rolesanywhere" | "iam" | "acm-pca" | "sts" | "eks" | "authenticator" | "kubernetes";
  /** The cluster whose authenticator or Kubernetes API it was, if there are several clusters. */
  cluster?: string;
  /** For example `POST /sessions`, `GetCallerIdentity`, `GET /api/v1/namespaces`. */
  what: string;
  verdict: "accepted" | "refused";
  /** For example the certificate's subject, the assumed-role ARN, the Kubernetes user. */
  who: string;
  why: string;
}

export type OnEvent = (event: WireEvent) => void;

/** A Kubernetes user, in the form of TokenReview's `status.user`. */
export type UserInfo = MappedUser;
