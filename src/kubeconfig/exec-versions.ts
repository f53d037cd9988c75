/** The versions of the exec credential API that client-go accepts: v1 since 1.22, v1beta1 before it; 1.24 removed v1alpha1. */
export const apiVersions = [
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1",
] as const;
export type ApiVersion = (typeof apiVersions)[number];
