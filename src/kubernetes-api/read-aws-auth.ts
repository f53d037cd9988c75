/** The ConfigMap aws-auth, read from the cluster itself: only who may read kube-system's ConfigMaps is given it. */
import { isObject } from "../foundation/json.ts";
import { isStatus, malformed, objectIn, statusMessage, unexpected } from "./answer-failure.ts";
import { ask, type ApiAccess } from "./api-server.ts";

export type AwsAuthReading =
  | { found: true; data: Readonly<Record<string, string>> }
  /** `missing`: there is none, and access entries alone decide. `forbidden`: the caller may not read it. */
  | { found: false; why: "missing" | "forbidden"; reason: string };

const path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/** @throws EksX509Error of hop api-server */
export async function readAwsAuth(access: ApiAccess): Promise<AwsAuthReading> {
  const answer = await ask(access, { method: "GET", path });
  const reason = statusMessage(answer, access);
  if (answer.status === 403) return { found: false, why: "forbidden", reason };
  if (answer.status === 404 && isStatus(answer)) return { found: false, why: "missing", reason };
  if (answer.status !== 200) throw unexpected(answer, access, path);
  const { data = {} } = objectIn(answer, "ConfigMap", access);
  if (isTexts(data)) return { found: true, data };
  throw malformed("ConfigMap", access.server.url);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
