/** The sandbox's cloudtrail.jsonl, and the API server's audit log, as their readers find them. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromJson } from "../json.ts";

/** As far as the tests look at it. */
export interface TrailRecord {
  eventTime: string;
  eventSource: string;
  eventName: string;
  userIdentity: {
    accessKeyId?: string;
    arn?: string;
    sessionContext?: { sourceIdentity: string; sessionIssuer: { arn: string; principalId: string } };
  };
  requestParameters: { cert: string; roleArn: string; roleSessionName?: string } | null;
  responseElements: { credentialSet: [CredentialSet]; subjectArn: string } | null;
}

export interface CredentialSet {
  assumedRoleUser: { arn: string; assumedRoleId: string };
  credentials: { accessKeyId: string; expiration: string; secretAccessKey: string; sessionToken: string };
  roleArn: string;
  sourceIdentity: string;
}

/** audit.k8s.io/v1 Event, as far as the tests look at it. */
export interface AuditEvent {
  stage: string;
  verb: string;
  requestURI: string;
  userAgent: string;
  user: { username: string; uid: string; groups: string[]; extra?: Record<string, string[]> };
  responseStatus?: { code: number };
}

export function trailOf(env: NodeJS.ProcessEnv): TrailRecord[] {
  return lines(join(folderOf(env), "cloudtrail.jsonl"));
}

export function auditLogOf(env: NodeJS.ProcessEnv): AuditEvent[] {
  return lines(join(folderOf(env), "control-plane", "audit.log"));
}

/** Where the sandbox's kubeconfig is. */
export function folderOf(env: NodeJS.ProcessEnv): string {
  return dirname(env["KUBECONFIG"] ?? "");
}

/** Whole ones: the last may be just being written. */
function lines<Line>(path: string): Line[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)
    .map((line) => fromJson<Line>(line));
}
