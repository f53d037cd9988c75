/** What `token debug` is asked, checked before anything is done: a flag's value must not be a token that was pasted into its place. */
import { EksX509Error, type CodeOf } from "../../../foundation/errors.ts";
import type { Flags } from "../../command-flags.ts";
import { clusterName } from "../../settings/input.ts";

/** Those whose values messages repeat. */
const texts = ["kubeconfig", "context", "at", "aws-auth", "admin-context", "cluster-name"] as const;

/** @throws EksX509Error FLAG_EMPTY, FLAG_HOLDS_TOKEN, TIME_WITHOUT_TOKEN, CLUSTER_NAME_INVALID */
export function checkDebugFlags(flags: Flags): void {
  for (const name of texts) checkText(name, flags.text(name));
  const cluster = flags.text("cluster-name");
  if (cluster !== undefined) clusterName({ value: cluster, source: "--cluster-name" });
  if (flags.text("at") !== undefined && flags.text("TOKEN") === undefined)
    throw usage(
      "TIME_WITHOUT_TOKEN",
      "--at is given, and no token",
      "A token's form can be judged as of another time; the way to a new one is walked now. Give the TOKEN, or - for stdin.",
    );
}

function checkText(name: string, value: string | undefined): void {
  if (value === "") throw usage("FLAG_EMPTY", `--${name} is empty`, "Give it a value, or leave it out.");
  if (value !== undefined && isTokenLike(value))
    throw usage(
      "FLAG_HOLDS_TOKEN",
      `--${name} has ${value.length} characters that look like a token`,
      "Give the token as an argument of its own, in quotes, or pipe it to: eks-x509 token debug -",
    );
}

/** A cluster's name has 100 characters at most, and a folder's has hardly more. */
const longRun = /[\w+=-]{101,}/g;

function isTokenLike(value: string): boolean {
  if (/k8s-aws-v\d|^eyJ[\w-]{20,}/.test(value)) return true;
  const runs = value.match(longRun) ?? [];
  return runs.some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run));
}

/** RFC 3339; its letters may be small. */
const rfc3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;

/** @throws EksX509Error TIME_INVALID */
export function timeGiven(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(value.toUpperCase());
  if (isOnCalendar(value) && !Number.isNaN(date.getTime())) return date;
  throw usage("TIME_INVALID", "--at is no time", "Give it in RFC 3339, with its zone: 2026-11-22T15:59:35Z.");
}

/** JavaScript makes 2 March of 30 February, and the next day of 24:00. */
function isOnCalendar(value: string): boolean {
  const [, day, minute, second = ":00"] = rfc3339.exec(value) ?? [];
  if (day === undefined || minute === undefined) return false;
  const time = new Date(`${day}T${minute}${second}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(`${day}T${minute}${second}`);
}

function usage(code: CodeOf<"usage", "configuration">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "configuration", code, message, hint });
}
