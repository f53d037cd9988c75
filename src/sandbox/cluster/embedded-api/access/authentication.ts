import type { UserInfo } from "../../../wire.ts";
import { isDiscovery } from "../paths.ts";
import { StatusError } from "../exchange/status.ts";

/**
 * Authenticates a request.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */

export type Authenticate = (bearerToken: string) => Promise<UserInfo | null>;

const anonymous: UserInfo = {
  username: "system:anonymous",
  uid: "",
  groups: ["system:unauthenticated"],
  extra: {},
};
const authenticated = "system:authenticated";

/** A request without a token is anonymous. A token that is wrong or could not be checked is refused. */
export async function userOf(
  headers: ReadonlyMap<string, string>,
  authenticate: Authenticate,
): Promise<UserInfo> {
  // Another scheme counts as no token, because the real server has no authenticator for it.
  const [scheme = "", token = ""] = (headers.get("authorization") ?? "").trim().split(" ");
  if (scheme.toLowerCase() !== "bearer" || token === "") return anonymous;
  const user = await authenticate(token).catch(() => null);
  if (user === null) throw new StatusError("Unauthorized", "Unauthorized");
  return user.groups.includes(authenticated) ? user : { ...user, groups: [...user.groups, authenticated] };
}

/**
 * The user that a request asks to be; undefined if it asks for none. Discovery is the same for every user, and kubectl
 * does not print why it was refused, so the request that follows is refused instead.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonatedUser(headers: ReadonlyMap<string, string>, path: string): string | undefined {
  const impersonates = [...headers.keys()].some((name) => name.startsWith("impersonate-"));
  return impersonates && !isDiscovery(path) ? (headers.get("impersonate-user") ?? "") : undefined;
}
