import { createKubernetesApi, type KubernetesApi } from "../../../../src/sandbox/cluster/embedded-api/api.ts";
import { createCertificates } from "../../../../src/sandbox/sandbox-certificates.ts";
import { startServer } from "../../../../src/sandbox/server.ts";
import type { UserInfo, WireEvent } from "../../../../src/sandbox/wire.ts";

/** The embedded API on a loopback port, over TLS, with static tokens instead of the authenticator. */
export interface Loopback {
  readonly url: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly api: KubernetesApi;
  readonly events: readonly WireEvent[];
  /** Resolves when so many events that fit have come after the first `from`. */
  eventCount(fits: (event: WireEvent) => boolean, count: number, from: number): Promise<void>;
  close(): Promise<void>;
}

export const users: Readonly<Record<string, UserInfo>> = {
  "viewer-token": {
    username: "viewer",
    uid: "aws-iam-authenticator:029608264753:AROAEXAMPLEROLEID0001",
    groups: ["eks-x509:viewers"],
    extra: { sessionName: ["alice"], arn: ["arn:aws:sts::029608264753:assumed-role/eks-read-only/alice"] },
  },
  "admin-token": { username: "admin", uid: "admin-uid", groups: ["system:masters"], extra: {} },
};

export async function startLoopback(): Promise<Loopback> {
  const certificates = await createCertificates(new Date());
  const events: WireEvent[] = [];
  const listeners = new Set<() => void>();
  const api = createKubernetesApi({
    authenticate: (token) => Promise.resolve(users[token] ?? null),
    awsAuth: { mapRoles: "- rolearn: arn:aws:iam::029608264753:role/eks-read-only\n  username: viewer\n" },
    onEvent: (event) => {
      events.push(event);
      for (const listener of listeners) listener();
    },
    now: () => new Date(),
  });
  const now = () => new Date();
  const server = await startServer({ handler: api.handler, ...certificates.server, now });
  return {
    url: server.url,
    certificateAuthority: certificates.tlsAuthority.certificate,
    api,
    events,
    eventCount: (fits, count, from) =>
      new Promise((resolve) => {
        const check = () => {
          if (events.slice(from).filter(fits).length < count) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
      }),
    close: () => server.close(),
  };
}
