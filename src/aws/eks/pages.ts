/** Reads lists of texts that EKS returns in pages. */
import { malformedAnswer, type EksApi, type EksQuestion } from "./api.ts";

/** Ten thousand items. The limit ends the loop if a server always returns one more page. */
const mostPages = 100;

/**
 * @param field the field of the answer that contains the page
 * @throws EksX509Error EKS_RESPONSE_MALFORMED; also as eksApi throws
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
