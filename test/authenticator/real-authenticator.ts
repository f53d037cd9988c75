/** Cases for the real aws-iam-authenticator, scripts/real-authenticator, and its verdicts beside those of src/authenticator. */
import { spawnSync } from "node:child_process";
import type { CallerIdentity } from "../../src/authenticator/caller-identity.ts";
import { mapIdentity } from "../../src/authenticator/mapping/mapping.ts";
import { type FailedCheck, readTokenForm } from "../../src/authenticator/token-form/token-form.ts";
import { partitions } from "../../src/aws/partition.ts";
import { fromJson } from "../json.ts";

export interface TokenCase {
  /** Bytes, one character each where the token is not ASCII. */
  token: string;
  partition: string;
  region: string;
  now: Date;
}

export interface TokenVerdict {
  /** The verifier's words; empty when it asks STS. */
  error: string;
  host: string;
  /** Base64 of path and query. */
  target: string | null;
}

export interface MapCase {
  data: Readonly<Record<string, string>>;
  identities: readonly CallerIdentity[];
}

/** Of each identity; null when it is denied. */
export type MapVerdict = readonly ({ username: string; groups: readonly string[] } | null)[];

/** @param program the built scripts/real-authenticator */
export function askReal(program: string, cases: readonly TokenCase[]): TokenVerdict[];
export function askReal(program: string, cases: readonly MapCase[]): { users: MapVerdict }[];
export function askReal(program: string, cases: readonly (TokenCase | MapCase)[]): unknown[] {
  const input = cases.map((one) => `${JSON.stringify("token" in one ? tokenLine(one) : mapLine(one))}\n`);
  const run = spawnSync(program, {
    input: input.join(""),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    timeout: 300_000,
  });
  if (run.status !== 0) throw new Error(`${program} failed: ${run.stderr.slice(-2000)}`);
  return run.stdout
    .trimEnd()
    .split("\n")
    .map((line): unknown => fromJson(line));
}

function tokenLine({ token, now, ...place }: TokenCase): unknown {
  return { token: Buffer.from(token, "utf8").toString("base64"), now: now.getTime(), ...place };
}

function mapLine({ data, identities }: MapCase): unknown {
  return {
    data,
    identities: identities.map(({ arn, canonicalArn, account, principalId, sessionName, accessKeyId }) => ({
      ARN: arn,
      CanonicalARN: canonicalArn,
      AccountID: account,
      UserID: principalId,
      SessionName: sessionName,
      AccessKeyID: accessKeyId,
    })),
  };
}

/** Which check fails, or what STS is asked for. */
export type TokenOutcome = FailedCheck["name"] | "sts" | { host: string; target: string };

export function ourToken({ token, now, ...place }: TokenCase): { outcome: TokenOutcome; code: string } {
  const partition = partitions.find(({ name }) => name === place.partition);
  const { failure, request } = readTokenForm(token, { now, partition, region: place.region });
  if (failure) return { outcome: failure.name, code: failure.code };
  const { host = "", target = "" } = request ?? {};
  return { outcome: { host, target: Buffer.from(target, "latin1").toString("base64") }, code: "" };
}

export function theirToken({ error, host, target }: TokenVerdict): TokenOutcome {
  if (error === "") return { host, target: target ?? "" };
  const check = words.find(([text]) => text.test(error))?.[1];
  if (!check) throw new Error(`the verifier says what is not known here: ${error}`);
  return check;
}

const words: readonly (readonly [RegExp, FailedCheck["name"]])[] = [
  [/: token is too large/, "length"],
  [/: token is missing expected/, "prefix"],
  [/: illegal base64 data/, "base64url"],
  [/: parse "/, "url"],
  [/: unexpected scheme/, "scheme"],
  [
    /could not parse region|global endpoint|invalid region|unexpected hostname|: partition \{|few labels/,
    "host",
  ],
  [/: unexpected path/, "path"],
  [/: malformed query/, "query"],
  // The verifier looks for repeated and for unknown parameters in the order of a Go map, which is none.
  [/: (?:duplicate|non-whitelisted) query|query parameter with multiple/, "parameters-once"],
  [/: unexpected action/, "action"],
  [/: client did not sign/, "cluster-header"],
  [/: invalid X-Amz-Expires/, "expires"],
  [/: (?:X-Amz-Date parameter must|error parsing X-Amz-Date)/, "date"],
  [/: X-Amz-Date parameter is expired/, "age"],
];

/** Whether the two agree, but for the deviations that docs/token-debug.md names: of them, ours is the stricter one. */
export function agree(ours: TokenOutcome, theirs: TokenOutcome, token: string): boolean {
  if (typeof ours === "object" && typeof theirs === "object")
    return ours.host === theirs.host && ours.target === theirs.target;
  return once(ours) === once(theirs) || (ours === "host" && isDeviation(token));
}

function once(outcome: TokenOutcome): TokenOutcome {
  return outcome === "parameters-known" ? "parameters-once" : outcome;
}

/** The verifier takes any host whose second label is `global`, and any label as a region. */
function isDeviation(token: string): boolean {
  const url = Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString("latin1");
  const [, label = ""] = (/^https:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url)?.[1] ?? "").split(".");
  return !/^(?:[a-z]{2,8}(?:-[a-z]{1,16}){1,3}-[0-9]{1,2}|aws(?:-[a-z-]+)?-global)$/.test(label);
}

export function ourUsers({ data, identities }: MapCase): MapVerdict {
  return identities.map((identity) => {
    const verdict = mapIdentity(data, identity);
    if (verdict.kind === "denied") return null;
    const { username, groups } = verdict.user;
    // What EC2 would say is not asked.
    if ([username, ...groups].some((text) => text.includes("{{EC2PrivateDNSName}}")))
      return { username: "EC2", groups: [] };
    return { username, groups };
  });
}
