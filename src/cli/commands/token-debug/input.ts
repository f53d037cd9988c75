/** The input of `token debug`: its flags, checked before anything else, and the token from an argument or from stdin. */
import { tokenIn } from "../../../authenticator/token-form/token-text.ts";
import { timeIn } from "../../../foundation/duration.ts";
import { usageError } from "../../../foundation/errors.ts";
import type { Streams } from "../../../foundation/ports.ts";
import { emptyFlag, type Flags } from "../../command.ts";
import { clusterName } from "../../settings/input.ts";

/** Messages repeat the values of these flags, so a pasted token is refused. */
const texts = [
  "kubeconfig",
  "context",
  "at",
  "aws-auth",
  "admin-context",
  "cluster-name",
  "trust-policy",
  "profile",
] as const;

export function checkDebugFlags(flags: Flags): void {
  for (const name of texts) checkText(name, flags.text(name));
  for (const path of flags.list("crl")) checkText("crl", path);
  const cluster = flags.text("cluster-name");
  if (cluster !== undefined) clusterName({ value: cluster, source: "--cluster-name" });
  if (flags.text("at") !== undefined && flags.text("TOKEN") === undefined)
    throw usageError(
      "TIME_WITHOUT_TOKEN",
      "--at is given without a token",
      "--at is the time for which a given token is checked. Give the TOKEN, or - for stdin.",
    );
}

function checkText(name: string, value: string | undefined): void {
  if (value === "") throw emptyFlag(name);
  if (value !== undefined && isTokenLike(value))
    throw usageError(
      "FLAG_HOLDS_TOKEN",
      `--${name} has ${value.length} characters that look like a token`,
      "Give the token as its own argument, in quotes, or pipe it to: eks-x509 token debug -",
    );
}

/** A cluster's name has at most 100 characters, and a folder's name rarely more. */
const longRun = /[\w+=-]{101,}/g;

function isTokenLike(value: string): boolean {
  if (/k8s-aws-v\d|^eyJ[\w-]{20,}/.test(value)) return true;
  const runs = value.match(longRun) ?? [];
  return runs.some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run));
}

/** RFC 3339. T and Z may be lower case; the seconds and the colon of the zone are optional. */
export function timeGiven(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const complete = value.toUpperCase().replace(/(?<=T\d\d:\d\d)(?=[Z+-])/, ":00");
  const date = timeIn(complete.replace(/(?<=[+-]\d\d)(?=\d\d$)/, ":"));
  if (date) return date;
  throw usageError("TIME_INVALID", "--at is not a time", "Use RFC 3339 with a zone: 2026-11-22T15:59:35Z.");
}

/**
 * @param argument `-` for stdin
 * @returns undefined without one
 */
export async function tokenGiven(
  argument: string | undefined,
  { stdin }: Pick<Streams, "stdin">,
): Promise<string | undefined> {
  if (argument === undefined) return undefined;
  const token = tokenIn(argument === "-" ? Buffer.from(await stdin()).toString() : argument);
  if (typeof token === "string") return token;
  throw token;
}
