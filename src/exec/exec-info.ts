/**
 * What client-go gives an exec plugin, in KUBERNETES_EXEC_INFO, and what it reads on stdout.
 * Kubernetes reference, "client-go credential plugins", "Input and output formats".
 */
import { type EksX509Error, errorsOf } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import type { ClusterInfo } from "./cluster-server.ts";
import { type ApiVersion, apiVersions } from "../kubeconfig/exec-versions.ts";

const unfit = errorsOf("usage", "exec-info");

export interface ExecInfo {
  /** client-go refuses an answer with another one than it asked for. Undefined from a client that asks for none. */
  apiVersion: ApiVersion | undefined;
  /** With provideClusterInfo: true. */
  cluster: ClusterInfo | undefined;
}

/** Run by hand, without client-go. */
const byHand: ExecInfo = { apiVersion: undefined, cluster: undefined };

/** The most that a system hands over: Linux 128 KiB a variable, macOS 1 MiB of variables and arguments. */
const longestExecInfo = 1_048_576;

/** Kubernetes' client for .NET writes the plural (KubernetesClientConfiguration, CreateRunnableExternalProcess). */
const kinds: ReadonlySet<unknown> = new Set(["ExecCredential", "ExecCredentials"]);

/** @param text the variable's value; undefined when it is not set */
export function parseExecInfo(text: string | undefined): ExecInfo {
  if (text === undefined) return byHand;
  if (text.trim() === "") throw invalid("is set but empty");
  if (text.length > longestExecInfo)
    throw invalid(`has ${text.length} characters; ${longestExecInfo} are allowed`);
  const json = parseJson(text);
  if (!isObject(json)) throw invalid("is not a JSON object");
  if (!kinds.has(json["kind"])) throw invalid(`has kind ${excerpt(json["kind"])}, not ExecCredential`);
  const apiVersion = apiVersions.find((known) => known === json["apiVersion"]);
  if (!apiVersion)
    throw unfit(
      "EXEC_INFO_VERSION",
      `KUBERNETES_EXEC_INFO asks for apiVersion ${excerpt(json["apiVersion"])}`,
      `Set apiVersion in the kubeconfig's users.exec entry to ${apiVersions.join(" or ")}.`,
    );
  return { apiVersion, cluster: clusterInfo(json["spec"]) };
}

function clusterInfo(spec: unknown): ClusterInfo | undefined {
  const cluster = isObject(spec) ? spec["cluster"] : undefined;
  if (!isObject(cluster)) return undefined;
  const { server, config } = cluster;
  const authority = cluster["certificate-authority-data"];
  return {
    server: typeof server === "string" ? server : undefined,
    certificateAuthority: typeof authority === "string" ? authority : "",
    isVerified: !cluster["insecure-skip-tls-verify"],
    hasProxy: Boolean(cluster["proxy-url"]),
    hasOtherName: Boolean(cluster["tls-server-name"]),
    config: config ?? undefined,
  };
}

/** As much of a foreign value as a message needs. */
function excerpt(value: unknown): string {
  return typeof value === "string" ? `"${value.slice(0, 80)}"` : "no string";
}

function invalid(why: string): EksX509Error {
  return unfit(
    "EXEC_INFO_INVALID",
    `KUBERNETES_EXEC_INFO ${why}`,
    "Clients such as kubectl set this variable. Unset it to run eks-x509 by hand.",
  );
}

export interface IssuedToken {
  token: string;
  expiration: Date;
}

/** One line of JSON. The time is RFC 3339 in whole seconds, rounded down. */
export function execCredential(apiVersion: ApiVersion, { token, expiration }: IssuedToken): string {
  const expirationTimestamp = expiration.toISOString().replace(/\.\d+Z$/, "Z");
  return `${JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token, expirationTimestamp } })}\n`;
}
