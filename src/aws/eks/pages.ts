/** Reads lists of texts that EKS returns in pages. */
import { wrongServer } from "../../http/faults.ts";
import { networkError, textsIn, type EksApi, type EksQuestion } from "./api.ts";

/** Ten thousand items. */
const mostPages = 100;

/** For all pages. The last page may take as long as any request. */
const longestTime = 60_000;

/**
 * @param field the field of the answer that contains the page
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; EKS_PAGES_ENDLESS past the limits, or if a page leads back to an earlier one;
 * also as eksApi throws
 */
export async function eksPages(eks: EksApi, question: EksQuestion, field: string): Promise<string[]> {
  const items: string[] = [];
  const followed = new Set<string>();
  const end = eks.clock().getTime() + longestTime;
  let query: Record<string, string> = { maxResults: "100" };
  for (;;) {
    const answer = await eks({ ...question, query });
    for (const item of textsIn(answer[field], question.permission, field)) items.push(item);
    const { nextToken } = answer;
    if (typeof nextToken !== "string" || nextToken === "") return items;
    if (followed.has(nextToken)) throw endless(question, "a page leads back to an earlier one");
    followed.add(nextToken);
    if (followed.size === mostPages) throw endless(question, `there are more than ${mostPages} pages`);
    if (eks.clock().getTime() >= end)
      throw endless(question, `the pages take more than ${longestTime / 1000} s`);
    query = { maxResults: "100", nextToken };
  }
}

function endless({ permission }: EksQuestion, why: string) {
  const message = `EKS's answer to ${permission.slice("eks:".length)} does not end: ${why}`;
  return networkError("EKS_PAGES_ENDLESS", message, wrongServer("EKS"));
}
