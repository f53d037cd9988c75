/** The services, the faults on the way to each, and the code of each fault: no two causes share a code. See docs/errors.md. */
import type { CodeOf, Hop } from "../foundation/errors.ts";

/** The name in messages. */
export type Service = "Roles Anywhere" | "STS" | "EKS" | "the API server";

export type FaultKind =
  /** The name of the server, or of the proxy, does not resolve. */
  | "unresolved"
  | "refused"
  /** The connection ended before an answer. */
  | "broken"
  | "silent"
  /** No trusted CA issued the server's certificate. */
  | "untrusted"
  /** The server's certificate is for other names. */
  | "otherName"
  /** The server's certificate has expired or is not valid yet. */
  | "outdated"
  | "handshake"
  | "proxyRefused"
  /** The proxy requires a user name and a password, RFC 9110 §15.5.8. */
  | "proxyStranger"
  | "tooLarge";

export const faultCodes: Readonly<Record<Service, Readonly<Record<FaultKind, CodeOf<"network", Hop>>>>> = {
  "Roles Anywhere": {
    unresolved: "DNS_FAILED",
    refused: "CONNECTION_REFUSED",
    broken: "CONNECTION_FAILED",
    silent: "NO_ANSWER",
    untrusted: "TLS_UNTRUSTED",
    otherName: "TLS_NAME_DIFFERS",
    outdated: "TLS_OUTDATED",
    handshake: "TLS_FAILED",
    proxyRefused: "PROXY_REFUSED",
    proxyStranger: "PROXY_AUTHENTICATION",
    tooLarge: "RESPONSE_TOO_LARGE",
  },
  STS: {
    unresolved: "STS_DNS_FAILED",
    refused: "STS_CONNECTION_REFUSED",
    broken: "STS_CONNECTION_FAILED",
    silent: "STS_NO_ANSWER",
    untrusted: "STS_TLS_UNTRUSTED",
    otherName: "STS_TLS_NAME_DIFFERS",
    outdated: "STS_TLS_OUTDATED",
    handshake: "STS_TLS_FAILED",
    proxyRefused: "STS_PROXY_REFUSED",
    proxyStranger: "STS_PROXY_AUTHENTICATION",
    tooLarge: "STS_RESPONSE_TOO_LARGE",
  },
  EKS: {
    unresolved: "EKS_DNS_FAILED",
    refused: "EKS_CONNECTION_REFUSED",
    broken: "EKS_CONNECTION_FAILED",
    silent: "EKS_NO_ANSWER",
    untrusted: "EKS_TLS_UNTRUSTED",
    otherName: "EKS_TLS_NAME_DIFFERS",
    outdated: "EKS_TLS_OUTDATED",
    handshake: "EKS_TLS_FAILED",
    proxyRefused: "EKS_PROXY_REFUSED",
    proxyStranger: "EKS_PROXY_AUTHENTICATION",
    tooLarge: "EKS_RESPONSE_TOO_LARGE",
  },
  "the API server": {
    unresolved: "API_DNS_FAILED",
    refused: "API_CONNECTION_REFUSED",
    broken: "API_CONNECTION_FAILED",
    silent: "API_NO_ANSWER",
    untrusted: "API_TLS_UNTRUSTED",
    otherName: "API_TLS_NAME_DIFFERS",
    outdated: "API_TLS_OUTDATED",
    handshake: "API_TLS_FAILED",
    proxyRefused: "API_PROXY_REFUSED",
    proxyStranger: "API_PROXY_AUTHENTICATION",
    tooLarge: "API_RESPONSE_TOO_LARGE",
  },
};
