/** ListClusters: the names of an account's clusters in one region, all pages. EKS API reference, ListClusters. */
import type { EksApi } from "./eks-api.ts";
import { eksPages } from "./eks-pages.ts";

/** @throws EksX509Error as eksApi does */
export function listClusters(eks: EksApi): Promise<string[]> {
  return eksPages(eks, { permission: "eks:ListClusters", path: ["clusters"] }, "clusters");
}
