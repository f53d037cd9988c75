/** The host: must be STS's, and of the verifier's partition, letter by letter. */
import { judgeHost, type HostProblem, type VerifierPlace } from "../sts-hosts.ts";
import { harmlessHost, shownOr } from "./harmless.ts";
import type { Fault, Finding } from "./token-check.ts";
import type { TokenReading } from "./token-reading.ts";

export function checkHost({ url: { host } }: TokenReading, place: VerifierPlace): Finding {
  const verdict = judgeHost(host, place);
  const shown = shownOr(harmlessHost(host), host);
  if (typeof verdict === "string") return faults[verdict](shown, place);
  return `${shown} is STS's, in partition ${verdict.partition.name}`;
}

const sign = "Sign for sts.{region} of the cluster's own region.";

const faults: Readonly<Record<HostProblem, (shown: string, place: VerifierPlace) => Fault>> = {
  missing: () => ({ code: "TOKEN_HOST_MISSING", why: "the URL has no host", hint: sign }),
  "not-sts": (shown) => ({
    code: "TOKEN_HOST_UNKNOWN",
    why: `the URL's host ${shown} is none of STS's in any partition`,
    hint: `${sign} If somebody gave you this token, mind that whoever calls its host is calling a stranger: this program does not.`,
  }),
  port: (shown) => ({
    code: "TOKEN_HOST_PORT",
    why: `the URL's host ${shown} has a port, and the verifier compares the whole of it`,
    hint: "Sign for the host without a port, not even :443.",
  }),
  spelling: (shown) => ({
    code: "TOKEN_HOST_SPELLING",
    why: `the URL's host ${shown} is STS's in other letters, and the verifier compares letter by letter`,
    hint: "Write the host in lower case, and without a dot at its end.",
  }),
  "gov-fips": (shown) => ({
    code: "TOKEN_HOST_GOV_FIPS",
    why: `the URL's host ${shown} is no endpoint that the verifier knows: in GovCloud the plain name is the FIPS one`,
    hint: "Sign for sts.{region}.amazonaws.com; upgrade the SDK, or unset AWS_USE_FIPS_ENDPOINT.",
  }),
  "iso-dual-stack": (shown) => ({
    code: "TOKEN_HOST_ISO_DUAL_STACK",
    why: `the URL's host ${shown} is dual-stack, which the verifier does not take in the isolated partitions`,
    hint: "Sign for the plain host; unset AWS_USE_DUALSTACK_ENDPOINT.",
  }),
  "no-endpoint": (shown) => ({
    code: "TOKEN_HOST_PSEUDO_REGION",
    why: `the URL's host ${shown} is made of a pseudo region, and no endpoint`,
    hint: sign,
  }),
  "other-partition": (shown, { partition }) => ({
    code: "TOKEN_HOST_OTHER_PARTITION",
    why: `the URL's host ${shown} is STS's, and no endpoint for a cluster in partition ${partition?.name ?? "aws"}`,
    hint: "Sign with the cluster's region, and with credentials of the cluster's partition: no partition knows another's. Outside the partition aws, sign for a regional endpoint, not for the global one.",
  }),
};
