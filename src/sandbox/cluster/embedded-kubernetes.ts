/** The sandbox's own Kubernetes API behind TLS, for machines without a real one. */
import { createTokenReview } from "./authenticator/token-review.ts";
import { createKubernetesApi } from "./embedded-api/api.ts";
import { serverVersion } from "./embedded-api/paths.ts";
import type { KubernetesOptions, KubernetesSide } from "./kubernetes-side.ts";

export async function startEmbedded(
  options: KubernetesOptions & { now: () => Date },
): Promise<KubernetesSide> {
  const { authenticator, serve } = options;
  const api = createKubernetesApi({ ...options, authenticate: (token) => authenticator.authenticate(token) });
  const review = createTokenReview(authenticator);
  // The webhook for a user's own API server: kube-apiserver --authentication-token-webhook-config-file.
  const server = await serve((request) =>
    request.path === "/authenticate" ? review(request) : api.handler(request),
  );
  return {
    url: server.url,
    kind: "embedded",
    version: `${serverVersion.major}.${serverVersion.minor.replace("+", "")}`,
    awsAuth: api.awsAuth,
    close: () => server.close(),
  };
}
