/** Acting as somebody else: as, as-groups, as-uid and as-user-extra of a kubeconfig's user. Kubernetes documentation, "User impersonation". */
import { EksX509Error } from "../foundation/errors.ts";
import type { Answer } from "../http/exchange.ts";
import type { Impersonation } from "../kubeconfig/read/entries.ts";
import { statusMessage } from "./answer-failure.ts";
import type { ApiAccess } from "./api-server.ts";
import { unusable } from "./unusable.ts";

/** Each is sent once a value, as client-go sends them: transport, ImpersonatingRoundTripper. */
export function impersonationHeaders({ user, uid, groups, extra }: Impersonation): Record<string, string[]> {
  const headers: [string, readonly string[]][] = [
    ["impersonate-user", [user]],
    ["impersonate-uid", uid === "" ? [] : [uid]],
    ["impersonate-group", groups],
    ...extra.map(([key, values]): [string, readonly string[]] => [
      `impersonate-extra-${headerName(key)}`,
      values,
    ]),
  ];
  return Object.fromEntries(
    headers.filter(([, values]) => values.length > 0).map(([name, values]) => [name, values.map(octets)]),
  );
}

/** `bob, groups "a", "b"`. */
export function impersonated({ user, uid, groups, extra }: Impersonation): string {
  const shown = groups.slice(0, 10).map((group) => group.slice(0, 200));
  return [
    user.slice(0, 200),
    ...(groups.length > 0 ? [`groups ${shown.join(", ")}`] : []),
    ...(uid === "" ? [] : [`uid ${uid.slice(0, 200)}`]),
    ...(extra.length > 0 ? [`extra ${extra.map(([key]) => key.slice(0, 200)).join(", ")}`] : []),
  ].join("; ");
}

/** What no header can hold; Go refuses to send it too. */
export function unsendable({ user, uid, groups, extra }: Impersonation): EksX509Error | undefined {
  const values = [user, uid, ...groups, ...extra.flatMap(([, texts]) => texts)];
  // eslint-disable-next-line no-control-regex -- RFC 9110 §5.5
  if (!values.some((value) => /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))) return undefined;
  return unusable(
    "API_IMPERSONATION_INVALID",
    "the user's as, as-uid, as-groups or as-user-extra in the kubeconfig has a control character, such as a line break",
    "Correct it, or remove it: they are sent as headers.",
  );
}

/** The server's refusal of anybody's wish to be somebody else, told from its other refusals by its words alone. */
export function impersonationForbidden(answer: Answer, access: ApiAccess): EksX509Error | undefined {
  const words = statusMessage(answer, access);
  if (!access.impersonate || !words.includes("cannot impersonate")) return undefined;
  return new EksX509Error({
    category: "refused",
    hop: "authorization",
    code: "API_IMPERSONATION_FORBIDDEN",
    message: `the API server (${access.server.url.host}) does not let the caller act as ${access.impersonate.user.slice(0, 200)}: ${words}`,
    hint: "The kubeconfig's user has as, so that kubectl asks to be somebody else. Remove as (and as-groups, as-uid, as-user-extra) from it, or let an administrator grant the verb impersonate.",
  });
}

/** client-go escapes what no header's name may hold, and the percent sign itself. RFC 9110 §5.6.2. */
function headerName(key: string): string {
  return [...Buffer.from(key, "utf8")]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      if (/[\w!#$&'*+.^`|~-]/.test(letter)) return letter;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** Node writes a header's value letter by letter, an octet each; Go writes UTF-8. */
function octets(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}
