/** ListClusters: the names of an account's clusters in one region, all pages. EKS API reference, ListClusters. */
import { malformedAnswer, repeatsSecret, type EksApi } from "./api.ts";
import { clusterNameForm } from "./describe-cluster.ts";
import { eksPages } from "./pages.ts";

const permission = "eks:ListClusters";

/**
 * @returns unique names in the form that EKS allows, because they become part of requests, messages and files
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; also as eksApi throws
 */
export async function listClusters(eks: EksApi): Promise<string[]> {
  const names = await eksPages(eks, { permission, path: ["clusters"] }, "clusters");
  if (names.every((name) => clusterNameForm.test(name) && !repeatsSecret(name, eks)))
    return [...new Set(names)];
  throw malformedAnswer(permission, "clusters");
}
