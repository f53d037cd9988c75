/**
 * The cluster's authenticator. It asks the sandbox's STS who signed a token, and decides who that is in the cluster. It reads
 * tokens and aws-auth by the rules in src/authenticator, which `token debug` uses too.
 */
import { type CallerIdentity, callerIdentity } from "../../../authenticator/caller-identity.ts";
import { decide as decideBy } from "../../../authenticator/mapping/decision.ts";
import { nodeNameTemplate } from "../../../authenticator/mapping/user.ts";
import { readTokenForm } from "../../../authenticator/token-form/token-form.ts";
import type { AuthenticationMode } from "../../../aws/eks/describe-cluster.ts";
import { partitions } from "../../../aws/partition.ts";
import { parseStsIdentity } from "../../../aws/sts/answer.ts";
import type { StsRequest } from "../../../aws/sts/ask-sts.ts";
import { EksX509Error } from "../../../foundation/errors.ts";
import { parseJson } from "../../../foundation/json.ts";
import { accessPolicyGroup, accessPolicyName } from "../../aws/eks/access-policies.ts";
import type { AccessEntry } from "../../aws/account.ts";
import { isJsonObject, jsonMember } from "../../json-value.ts";
import type { Handler, OnEvent, UserInfo, WireResponse } from "../../wire.ts";

export interface StsAnswer {
  status: number;
  body: string;
}

export interface AuthenticatorOptions {
  clusterName: string;
  /** Of the cluster. */
  partition: string;
  region: string;
  /** CONFIG_MAP when undefined. */
  authenticationMode?: AuthenticationMode;
  /** None when undefined. */
  accessEntries?: readonly AccessEntry[];
  /** The data of `kube-system/aws-auth` at present. */
  awsAuth: () => Readonly<Record<string, string>>;
  /** Asks STS with the token's URL and `x-k8s-aws-id: {clusterName}`. Rejects when STS does not answer. */
  ask: (request: StsRequest, clusterName: string) => Promise<StsAnswer>;
  now: () => Date;
  onEvent: OnEvent;
}

interface Denied {
  user: null;
  /** Of the webhook's answer: 429 if STS throttles the call. */
  status: 403 | 429;
  why: string;
}

export type Decision = { user: UserInfo } | Denied;

export type Authenticator = ReturnType<typeof createAuthenticator>;

/** `decide` returns the user that a token belongs to, and reports the decision as an event. `authenticate` leaves out the reason. */
export function createAuthenticator(options: AuthenticatorOptions) {
  const decide = async (token: string): Promise<Decision> => {
    const identity = await identityOf(token, options);
    const [decision, arn] = "user" in identity ? [identity, ""] : [userOf(identity, options), identity.arn];
    const outcome =
      decision.user === null
        ? ({ verdict: "refused", who: arn, why: decision.why } as const)
        : ({ verdict: "accepted", who: `${arn} as ${decision.user.username}`, why: "" } as const);
    options.onEvent({ hop: "authenticator", what: "token", ...outcome });
    return decision;
  };
  return { decide, authenticate: async (token: string) => (await decide(token)).user };
}

async function identityOf(token: string, options: AuthenticatorOptions): Promise<CallerIdentity | Denied> {
  const { region } = options;
  const partition = partitions.find(({ name }) => name === options.partition);
  const { request, failure, accessKeyId } = readTokenForm(token, { partition, region, now: options.now() });
  if (!request) return denied(failure?.why ?? "");
  try {
    return identityIn(await options.ask(request, options.clusterName), accessKeyId);
  } catch (error) {
    if (error instanceof EksX509Error) return denied(error.message);
    return denied(`STS does not answer: ${error instanceof Error ? error.message : "unknown error"}`);
  }
}

/** aws-iam-authenticator searches the whole body of an error for the word Throttling. (pkg/token, Verify) */
function identityIn({ status, body }: StsAnswer, accessKeyId: string): CallerIdentity | Denied {
  if (status !== 200)
    return denied(`STS answered ${status}: ${body}`, body.includes("Throttling") ? 429 : 403);
  const identity = parseStsIdentity(body);
  return identity ? callerIdentity(identity, accessKeyId) : denied("STS's answer names no identity");
}

/** An access entry belongs to a principal id: a role that is deleted and created again needs a new one. (EKS user guide) */
function userOf(identity: CallerIdentity, options: AuthenticatorOptions): Decision {
  const { authenticationMode = "CONFIG_MAP", accessEntries = [], awsAuth } = options;
  const own = accessEntries.filter(({ principalId }) => principalId === identity.principalId);
  const decision = decideBy(authenticationMode, own, awsAuth(), identity);
  if (decision.kind === "denied") return denied(decision.why);
  const { user } = decision;
  if ([user.username, ...user.groups].some((text) => text.includes(nodeNameTemplate)))
    return denied(`the mapping needs ${nodeNameTemplate}, and the sandbox has no EC2`);
  const isByEntry = decision.by === "access-entry";
  return { user: isByEntry ? withPolicies(user, own) : user };
}

function withPolicies(user: UserInfo, entries: readonly AccessEntry[]): UserInfo {
  const names = entries.flatMap(({ policies }) =>
    policies.map(({ policyArn }) => accessPolicyName(policyArn)),
  );
  const groups = names.flatMap((name) => (name === undefined ? [] : [accessPolicyGroup(name)]));
  return { ...user, groups: [...user.groups, ...groups] };
}

const denied = (why: string, status: Denied["status"] = 403): Denied => ({ user: null, status, why });

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
