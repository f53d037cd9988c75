/** The sandbox's own Kubernetes API behind TLS, for machines without a real one. */
import type { AwsAuthLists } from "./cluster-access.ts";
import type { Authenticator } from "./authenticator/authenticator.ts";
import { createTokenReview } from "./authenticator/token-review.ts";
import { createKubernetesApi } from "./embedded-api/api.ts";
import { version } from "./embedded-api/paths.ts";
import type { KubernetesSide } from "./kubernetes-side.ts";
import type { LoopbackServer } from "../server.ts";
import type { Handler, OnEvent } from "../wire.ts";

export interface EmbeddedOptions {
  authenticator: Authenticator;
  /** The initial data of the ConfigMap; undefined if there is none. */
  awsAuth: AwsAuthLists | undefined;
  now: () => Date;
  onEvent: OnEvent;
  serve: (handler: Handler) => Promise<LoopbackServer>;
}

export async function startEmbedded({
  authenticator,
  serve,
  ...options
}: EmbeddedOptions): Promise<KubernetesSide> {
  const api = createKubernetesApi({ ...options, authenticate: (token) => authenticator.authenticate(token) });
  const review = createTokenReview(authenticator);
  // The webhook for a user's own API server: kube-apiserver --authentication-token-webhook-config-file.
  const server = await serve((request) =>
    request.path === "/authenticate" ? review(request) : api.handler(request),
  );
  return {
    url: server.url,
    kind: "embedded",
    version: `${version.major}.${version.minor.replace("+", "")}`,
    awsAuth: api.awsAuth,
    close: () => server.close(),
  };
}
