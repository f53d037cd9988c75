/** Lists of texts that EKS tells a page at a time. */
import { malformedAnswer, type EksApi, type EksQuestion } from "./api.ts";

/** Ten thousand items: a server that always has one more page must come to an end. */
const mostPages = 100;

/**
 * @param field of the answer, which holds the page
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; as eksApi throws
 */
export async function eksPages(eks: EksApi, question: EksQuestion, field: string): Promise<string[]> {
  const items: string[] = [];
  let nextToken: unknown;
  for (let page = 0; page < mostPages; page += 1) {
    const more: Record<string, string> = typeof nextToken === "string" ? { nextToken } : {};
    const answer = await eks({ ...question, query: { maxResults: "100", ...more } });
    items.push(...texts(answer[field], question, field));
    nextToken = answer["nextToken"];
    if (typeof nextToken !== "string" || nextToken === "") return items;
  }
  throw malformedAnswer(question.permission, "nextToken");
}

function texts(page: unknown, { permission }: EksQuestion, field: string): string[] {
  const items: unknown[] = Array.isArray(page) ? page : [undefined];
  return items.map((item) => {
    if (typeof item === "string" && item.length <= 2048) return item;
    throw malformedAnswer(permission, field);
  });
}
