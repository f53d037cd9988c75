/** ListClusters: the names of an account's clusters in a region. EKS API reference, ListClusters. */
import type { EksX509Error } from "../../foundation/errors.ts";
import { wrongServer } from "../../http/faults.ts";
import { type EksApi, malformedAnswer, networkError, repeatsSecret, textsIn } from "./api.ts";
import { clusterNameForm } from "./names.ts";

const permission = "eks:ListClusters";

/**
 * @returns unique names in the form that EKS allows, because they become part of requests, messages and files
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; EKS_PAGES_ENDLESS past the limits, or if a page leads back to an earlier one;
 * also as eksApi throws
 */
export async function listClusters(eks: EksApi): Promise<string[]> {
  const names = await namesOnPages(eks);
  if (names.every((name) => clusterNameForm.test(name) && !repeatsSecret(name, eks)))
    return [...new Set(names)];
  throw malformedAnswer(permission, "clusters");
}

const mostPages = 100;

/** Milliseconds for all pages. The last page may take as long as any request. */
const longestTime = 60_000;

async function namesOnPages(eks: EksApi): Promise<string[]> {
  const names: string[] = [];
  const followed = new Set<string>();
  const end = eks.clock().getTime() + longestTime;
  let query: Record<string, string> = { maxResults: "100" };
  for (;;) {
    const { clusters, nextToken } = await eks({ permission, path: ["clusters"], query });
    for (const name of textsIn(clusters, permission, "clusters")) names.push(name);
    if (typeof nextToken !== "string" || nextToken === "") return names;
    if (followed.has(nextToken)) throw endless("a page leads back to an earlier one");
    followed.add(nextToken);
    if (followed.size === mostPages) throw endless(`there are more than ${mostPages} pages`);
    if (eks.clock().getTime() >= end) throw endless(`the pages take more than ${longestTime / 1000} s`);
    query = { maxResults: "100", nextToken };
  }
}

function endless(why: string): EksX509Error {
  const message = `EKS's answer to ListClusters does not end: ${why}`;
  return networkError("EKS_PAGES_ENDLESS", message, wrongServer("EKS"));
}
