/** The webhook that kube-apiserver asks: TokenReview of authentication.k8s.io/v1 and v1beta1. */
import { parseJson } from "../../../foundation/json.ts";
import { isJsonObject, jsonMember } from "../../json-value.ts";
import type { Handler, WireResponse } from "../../wire.ts";
import type { Authenticator, Decision } from "./authenticator.ts";

const apiVersions = ["authentication.k8s.io/v1", "authentication.k8s.io/v1beta1"];

/** Answers `POST /authenticate`: 200 with the user, 403 when denied, 429 when STS throttles, 400 and 405. */
export function createTokenReview({ decide }: Pick<Authenticator, "decide">): Handler {
  return async ({ method, path, body }) => {
    if (path !== "/authenticate") return plain(404, "404 page not found");
    if (method !== "POST") return plain(405, "expected POST");
    const review = parseJson(body.toString("utf8"));
    const token = tokenOf(review);
    if (token === undefined) return plain(400, "expected a request body to be a TokenReview");
    return answer(review, await decide(token));
  };
}

/** Empty when there is none, which is denied like any other; undefined when it is of another type than text. */
function tokenOf(review: unknown): string | undefined {
  if (review === null) return "";
  const spec = jsonMember(review, "spec") ?? {};
  const token = jsonMember(spec, "token") ?? "";
  return isJsonObject(review) && isJsonObject(spec) && typeof token === "string" ? token : undefined;
}

/** The answer is of the version that was asked in. */
function answer(review: unknown, decision: Decision): WireResponse {
  const apiVersion = apiVersions.find((version) => version === jsonMember(review, "apiVersion"));
  const type = apiVersion === undefined ? {} : { apiVersion, kind: "TokenReview" };
  const { user } = decision;
  const groups = user?.groups.length === 0 ? undefined : user?.groups;
  const status = user === null ? { user: {} } : { authenticated: true, user: { ...user, groups } };
  return {
    status: decision.user === null ? decision.status : 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify({ ...type, metadata: {}, spec: {}, status }),
  };
}

function plain(status: number, text: string): WireResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${text}\n` };
}
