/** The initial objects of the sandbox's cluster that a real API server without controllers does not create. */
import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textMapIn } from "../../json-value.ts";
import { sandboxObjects, type DefaultObject } from "../embedded-api/objects/default-objects.ts";
import { groupVersion, pathOf } from "../embedded-api/resources.ts";
import type { KubernetesOptions } from "../kubernetes-side.ts";
import type { AdminApi, ApiAnswer } from "./admin-api.ts";

/** Can be called again after a failure. @throws if the API server does not accept one of them yet */
export async function createInitialObjects(
  api: AdminApi,
  awsAuth: KubernetesOptions["awsAuth"],
): Promise<void> {
  for (const object of sandboxObjects(awsAuth)) await create(api, object);
  await aggregateRoles(api);
}

async function create(
  api: AdminApi,
  { resource: { group, kind, name: plural }, namespace, name, body }: DefaultObject,
): Promise<void> {
  const place = namespace === "" ? "" : `/namespaces/${namespace}`;
  const metadata = { ...objectIn(body, "metadata"), name };
  const manifest = { ...body, apiVersion: groupVersion(group), kind, metadata };
  const answer = await api.request("POST", `${pathOf(group)}${place}/${plural}`, manifest);
  if (answer.status !== 409) accepted(answer);
}

const clusterRoles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

/**
 * `view`, `edit` and `admin` aggregate the rules of other roles by label, which is a controller's task. Each is part of
 * the next one, so the order matters.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
async function aggregateRoles(api: AdminApi): Promise<void> {
  for (const name of ["view", "edit", "admin"]) {
    const roles = listIn(accepted(await api.request("GET", clusterRoles)), "items").filter(isJsonObject);
    const role = roles.find(({ metadata }) => isJsonObject(metadata) && textIn(metadata, "name") === name);
    if (role === undefined) throw new Error(`there is no ClusterRole ${name}`);
    const collected = roles
      .filter((other) => isSelected(other, role))
      .flatMap((other) => listIn(other, "rules"));
    accepted(await api.request("PUT", `${clusterRoles}/${name}`, { ...role, rules: collected }));
  }
}

function isSelected(role: JsonObject, aggregated: JsonObject): boolean {
  const labels = textMapIn(objectIn(role, "metadata"), "labels");
  const selectors = listIn(objectIn(aggregated, "aggregationRule"), "clusterRoleSelectors");
  return selectors.filter(isJsonObject).some((selector) => {
    const wanted = Object.entries(textMapIn(selector, "matchLabels"));
    return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
  });
}

function accepted({ status, body }: ApiAnswer): JsonObject {
  if (status < 300 && isJsonObject(body)) return body;
  throw new Error(`it answered with ${status}`);
}
