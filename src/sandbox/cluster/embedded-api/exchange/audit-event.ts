/** An event of the API server's audit log at level Metadata. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
import { randomUUID } from "node:crypto";
import type { UserInfo, WireRequest } from "../../../wire.ts";
import { type ResourceRequest, requestInfo } from "./request-info.ts";

export type OnAudit = (event: AuditEvent) => void;

export type AuditEvent = ReturnType<typeof auditEvent>;

interface Audited {
  request: WireRequest;
  /** Undefined for a token that is not accepted. */
  user: UserInfo | undefined;
  status: number;
  /** Empty if the request is not refused. */
  why: string;
  at: Date;
}

export function auditEvent({ request, user, status, why, at }: Audited) {
  const { method, path, rawQuery, headers } = request;
  const info = requestInfo(method, path, new URLSearchParams(rawQuery));
  const time = at.toISOString().replace("Z", "000Z");
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: randomUUID(),
    stage: "ResponseComplete",
    requestURI: rawQuery === "" ? path : `${path}?${rawQuery}`,
    verb: info.verb,
    user: user ?? {},
    // Every client of the sandbox is on the same machine.
    sourceIPs: ["127.0.0.1"],
    userAgent: headers.get("user-agent"),
    objectRef: info.isResourceRequest ? objectRef(info) : undefined,
    responseStatus: {
      metadata: {},
      ...(why === "" ? {} : { status: "Failure", message: why }),
      code: status,
    },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  };
}

function objectRef({ resource, namespace, name, apiGroup, apiVersion, subresource }: ResourceRequest) {
  const given = Object.entries({ resource, namespace, name, apiGroup, apiVersion, subresource });
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}
