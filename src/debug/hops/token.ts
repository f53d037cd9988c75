/** The token: its claims, each check that the cluster's authenticator makes before it asks STS, and STS's answer. */
import {
  readTokenForm,
  type TokenClaims,
  type TokenForm,
} from "../../authenticator/token-form/token-form.ts";
import { checks } from "../../authenticator/token-form/checks.ts";
import { longestToken } from "../../authenticator/token-form/token-text.ts";
import type { Partition } from "../../aws/partition.ts";
import { askSts, type StsRequest } from "../../aws/sts/ask-sts.ts";
import { callerIdentity, type CallerIdentity } from "../../authenticator/caller-identity.ts";
import type { Environment } from "../../foundation/ports.ts";
import { EksX509Error, errorsOf, settled } from "../../foundation/errors.ts";
import { stsEndpoint } from "../../http/endpoint.ts";
import { timeText, type Findings, type PossibleFact } from "../report/findings.ts";
import type { TokenReport } from "../report/report.ts";
import type { World } from "../world.ts";

/** @param partition the cluster's; undefined to use the token's */
export function tokenHop(findings: Findings, text: string, now: Date, partition?: Partition): TokenForm {
  const form = readTokenForm(text, { now, ...(partition && { partition }) });
  const { claims, failure } = form;
  findings.token = tokenReport(claims);
  const facts = claimFacts(claims, now);
  if (!failure) {
    findings.ok("token", `all ${checks.length} checks of its form succeed`, facts);
    return form;
  }
  const { name, code, why, hint } = failure;
  findings.fail("token", errorsOf("refused", "token")(code, `check ${name}: ${why}`, hint), facts);
  return form;
}

function tokenReport(claims: TokenClaims): TokenReport {
  return {
    length: claims.length,
    partition: claims.partition ?? null,
    region: claims.region ?? null,
    host: claims.host ?? null,
    accessKeyId: claims.accessKeyId ?? null,
    account: claims.account ?? null,
    signedAt: claims.signedAt?.toISOString() ?? null,
    validUntil: claims.validUntil?.toISOString() ?? null,
    clusterHeaderSigned: claims.isClusterHeaderSigned,
  };
}

function claimFacts(claims: TokenClaims, now: Date): PossibleFact[] {
  const { host, partition, region, accessKeyId, account, signedAt, validUntil } = claims;
  return [
    ["length", `${claims.length} of ${longestToken} bytes`],
    ["STS host", host],
    ["region", region && [region, partition && `partition ${partition}`].filter(Boolean).join(", ")],
    ["key id", accessKeyId && (account ? `${accessKeyId}, of account ${account}` : accessKeyId)],
    ["signed at", signedAt && timeText(signedAt, now)],
    ["valid until", validUntil && timeText(validUntil, now)],
    ["cluster header", claims.isClusterHeaderSigned ? "signed" : undefined],
  ];
}

interface StsQuestion {
  request: StsRequest;
  accessKeyId: string;
  /** Undefined if nothing names it. */
  clusterName: string | undefined;
  env: Environment;
  /** Whether STS is the only one asked. */
  isNeeded: boolean;
}

/** The request to STS contains the cluster's name. Without it, only the API server can be asked. */
export async function stsHop(
  findings: Findings,
  { request, accessKeyId, clusterName, env, isNeeded }: StsQuestion,
  world: Pick<World, "http" | "clock">,
): Promise<CallerIdentity | undefined> {
  if (clusterName === undefined && !isNeeded) {
    findings.skip("sts", "not asked: nothing names the token's cluster; give --cluster-name");
    return undefined;
  }
  const ports = { http: await world.http(env), clock: world.clock };
  return findings.on("sts", async () => {
    if (clusterName === undefined)
      throw unusable(
        "CLUSTER_NAME_UNKNOWN",
        "nothing names the token's cluster",
        "Give --cluster-name: the request to STS contains it. With --offline, only the form is checked.",
      );
    const endpoint = stsEndpoint(env) ?? new URL(`https://${request.host}`);
    const answer = await settled(askSts(request, { clusterName, endpoint }, ports));
    if (answer instanceof EksX509Error) throw isNeeded ? answer : ofClusterToo(answer);
    const identity = callerIdentity(answer, accessKeyId);
    findings.identity = identity;
    findings.ok("sts", `signed by ${identity.arn}`, [
      ["asked", `${endpoint.host}, for cluster ${clusterName}`],
      ["account", identity.account],
      ["user id", identity.userId],
      ["session name", identity.sessionName || undefined],
      ["canonical ARN", identity.canonicalArn],
    ]);
    return identity;
  });
}

/** kubectl sends the token to the cluster only. STS's own trouble is the cluster's, too. */
function ofClusterToo(failure: EksX509Error): EksX509Error {
  if (failure.category !== "network" || failure.code === "STS_SERVER_ERROR") return failure;
  return failure.withHint(
    `${failure.hint} A sign-in does not need this connection: the cluster calls STS, and kubectl does not. If kubectl works, only this check cannot be made from here.`,
  );
}

const unusable = errorsOf("usage", "sts");
