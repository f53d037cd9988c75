import { randomUUID } from "node:crypto";
import type { Handler, OnEvent, WireRequest } from "../../wire.ts";
import { jsonAnswer, type Answer } from "./exchange/answer.ts";
import { userOf, type Authenticate } from "./access/authentication.ts";
import { fill } from "./objects/default-objects.ts";
import { respond, type Cluster } from "./dispatch.ts";
import { textMapIn } from "./exchange/json.ts";
import { storedPolicy } from "./access/policy.ts";
import { StatusError } from "./exchange/status.ts";
import { Store } from "./objects/store.ts";

/** The Kubernetes API of the sandbox, in the order of the real one: authentication, authorization, the request. */

export interface KubernetesApiOptions {
  readonly authenticate: Authenticate;
  /** The initial data of ConfigMap kube-system/aws-auth; undefined if there is none. */
  readonly awsAuth:
    | {
        readonly mapRoles?: string | undefined;
        readonly mapUsers?: string | undefined;
        readonly mapAccounts?: string | undefined;
      }
    | undefined;
  readonly onEvent: OnEvent;
  readonly now: () => Date;
}

export interface KubernetesApi {
  readonly handler: Handler;
  /** The present data of the ConfigMap; empty if there is none. */
  readonly awsAuth: () => Readonly<Record<string, string>>;
}

interface Context {
  readonly options: KubernetesApiOptions;
  readonly cluster: Cluster;
}

const awsAuthKey = { group: "", resource: "configmaps", namespace: "kube-system", name: "aws-auth" };

export function createKubernetesApi(options: KubernetesApiOptions): KubernetesApi {
  const store = new Store();
  const awsAuth = options.awsAuth && textMapIn({ ...options }, "awsAuth");
  fill(store, awsAuth, () => ({ uid: randomUUID(), now: options.now() }));
  const context = { options, cluster: { store, policy: storedPolicy(store), now: options.now } };
  return {
    handler: async (request) => {
      const { status, contentType, body } = await answered(context, request);
      const headers = { "content-type": contentType, "cache-control": "no-cache, private" };
      return { status, headers, body: await body };
    },
    awsAuth: () => textMapIn(store.get(awsAuthKey) ?? {}, "data"),
  };
}

/** Reports the request when its verdict is known. For a watch, this is long before the body ends. */
async function answered(context: Context, request: WireRequest): Promise<Answer> {
  let who = "";
  const answer = await (async () => {
    const user = await userOf(request.headers, context.options.authenticate);
    who = user.username;
    return respond(context.cluster, request, user);
  })().catch(refused);
  const { why } = answer;
  context.options.onEvent({
    hop: "kubernetes",
    what: `${request.method} ${request.path}`,
    verdict: why === "" ? "accepted" : "refused",
    who,
    why: oneLine(why),
  });
  return answer;
}

/** A refusal can quote the request, so control characters are removed for the log. */
const oneLine = (text: string) => text.replaceAll(/\p{Cc}/gu, " ").trim();

function refused(error: unknown): Answer {
  const known = error instanceof StatusError ? error : undefined;
  const status = known ?? new StatusError(500, "InternalError", "Internal error occurred");
  return { ...jsonAnswer(status.code, status.status), why: status.message };
}
