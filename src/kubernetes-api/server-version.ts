/** GET /version: that a Kubernetes API server is there, and which. */
import { EksX509Error } from "../foundation/errors.ts";
import { isObject, parseJson } from "../foundation/json.ts";
import { notKubernetes, statusMessage, unexpected } from "./answer-failure.ts";
import { ask, type ApiAccess } from "./api-server.ts";

/**
 * `v1.34.4-eks-3025e55`. With and without a token: the ClusterRole system:public-info-viewer lets anybody ask.
 * @throws EksX509Error of hop api-server
 */
export async function serverVersion(access: ApiAccess): Promise<string> {
  const path = "/version";
  const answer = await ask(access, { method: "GET", path });
  const { host } = access.server.url;
  if (answer.status === 403) throw forbidden(host, statusMessage(answer, access));
  if (answer.status !== 200) throw unexpected(answer, access, path);
  const json = parseJson(answer.body);
  const version = isObject(json) ? json["gitVersion"] : undefined;
  if (typeof version === "string" && /^v[\w.+-]{1,63}$/.test(version)) return version;
  throw notKubernetes(200, host);
}

function forbidden(host: string, words: string): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "API_VERSION_FORBIDDEN",
    message: `the API server (${host}) does not tell its version${words && `: ${words}`}`,
    hint: "The server is there. Its ClusterRoleBinding system:public-info-viewer, which lets everybody ask for the version, has been removed or changed.",
  });
}
