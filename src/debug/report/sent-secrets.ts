/** What is sent in confidence, noted when it is sent: whoever gets it may repeat it. */
import type { OutgoingRequest } from "../../http/exchange.ts";
import type { World } from "../world.ts";

/** @param secrets those that are sent are added to it */
export function notingSecrets(world: World, secrets: string[]): World {
  return {
    ...world,
    http: async (env) => {
      const http = await world.http(env);
      return (call) =>
        http({
          ...call,
          request: async () => {
            const request = await call.request();
            secrets.push(...secretsIn(request));
            return request;
          },
        });
    },
  };
}

/** A bearer token, the signature of a signed request, a session token. */
function secretsIn({ headers }: OutgoingRequest): string[] {
  const { authorization = "", "x-amz-security-token": sessionToken = "" } = headers;
  const [, bearer = ""] = /^bearer (.*)$/i.exec(authorization) ?? [];
  const [, signature = ""] = /signature=(\w+)/i.exec(authorization) ?? [];
  return [bearer, signature, sessionToken].filter((secret) => secret !== "");
}
