/** The token: what it claims, and every check that the cluster's authenticator makes of it, in its order. */
import type { Partition } from "../../aws/partition.ts";
import {
  readTokenForm,
  type FailedCheck,
  type TokenClaims,
  type TokenForm,
} from "../../authenticator/token-form/token-form.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { Findings } from "../report/findings.ts";
import { moment } from "../report/moment.ts";
import type { Fact, TokenReport } from "../report/report.ts";

export interface JudgedToken {
  text: string;
  form: TokenForm;
}

/** @param partition the cluster's; undefined for the token's own */
export function tokenHop(findings: Findings, text: string, now: Date, partition?: Partition): JudgedToken {
  const form = readTokenForm(text, { now, ...(partition && { partition }) });
  const facts = claimFacts(form.claims, now);
  if (form.failure) findings.fail("token", formError(form.failure), facts);
  else findings.ok("token", `all ${form.checks.length} checks of its form hold`, facts);
  return { text, form };
}

export function tokenReport({ form: { claims } }: JudgedToken): TokenReport {
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

function formError({ name, code, why, hint }: FailedCheck): EksX509Error {
  return new EksX509Error({
    category: "refused",
    hop: "token",
    code,
    message: `check ${name}: ${why}`,
    hint,
  });
}

const longestToken = 4096;

function claimFacts(claims: TokenClaims, now: Date): Fact[] {
  const { host, partition, region, accessKeyId, account, signedAt, validUntil } = claims;
  const facts: [string, string | undefined][] = [
    ["length", `${claims.length} of ${longestToken} bytes`],
    ["STS host", host],
    ["region", region && [region, partition && `partition ${partition}`].filter(Boolean).join(", ")],
    ["key id", accessKeyId && (account ? `${accessKeyId}, of account ${account}` : accessKeyId)],
    ["signed at", signedAt && moment(signedAt, now)],
    ["valid until", validUntil && moment(validUntil, now)],
    ["cluster header", claims.isClusterHeaderSigned ? "signed" : undefined],
  ];
  return facts.flatMap(([label, value]) =>
    value === undefined || value === "" ? [] : [[label, value] as const],
  );
}
