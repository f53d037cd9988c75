/** EKS's refusals, turned into what to look at. EKS API reference, "Common errors" and each action's own. */
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";
import { serverWords } from "../../http/server-words.ts";
import type { Answer } from "../../http/exchange.ts";
import { clockSkew, errorTypeOf, messageOf, requestIdHint, throttling } from "../json-errors.ts";
import type { EksCaller } from "./request.ts";

interface Circumstances {
  /** `eks:DescribeCluster`. */
  permission: string;
  region: string;
  /** `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
  who: string;
}

interface Cause {
  /** Looked for in `ErrorType: message`. */
  text: RegExp;
  code: CodeOf<"refused", "eks">;
  hint: (circumstances: Circumstances) => string;
}

/** What does without the permission. */
const ways: Readonly<Record<string, string>> = {
  "eks:DescribeCluster":
    " Or do without AWS: give --cluster-endpoint and --certificate-authority, as somebody tells them who may see the cluster.",
  "eks:ListClusters": " Or name the clusters with --name.",
};

const causes: readonly Cause[] = [
  {
    text: /^ResourceNotFoundException: No cluster found/,
    code: "EKS_CLUSTER_NOT_FOUND",
    hint: ({ region, who }) =>
      `Check --region: ${region} was asked, as ${who || "a role"} of the account that holds the trust anchor. The name is the cluster's, not its ARN.`,
  },
  { text: /^ResourceNotFoundException/, code: "EKS_NOT_FOUND", hint: () => "Check the name and the ARN." },
  {
    text: /^AccessDeniedException/,
    code: "EKS_ACCESS_DENIED",
    hint: ({ permission, who }) =>
      `Let a policy of the role allow ${permission}${who && ` to ${who}`}.${ways[permission] ?? ""}`,
  },
  {
    text: /^ExpiredToken/,
    code: "EKS_SESSION_EXPIRED",
    hint: () => "Run eks-x509 cache clear, and try again. Check this machine's clock.",
  },
  {
    text: /^(UnrecognizedClientException|InvalidClientTokenId)/,
    code: "EKS_SESSION_UNKNOWN",
    hint: ({ region }) =>
      `Check that region ${region} is enabled in the account, and that --eks-endpoint and AWS_ENDPOINT_URL lead to AWS. If the session came from somewhere else, run eks-x509 cache clear.`,
  },
  {
    text: /^(InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature)/,
    code: "EKS_SIGNATURE",
    hint: () =>
      "If this machine's clock is right, something on the way changed the request: look at the proxy and at --eks-endpoint.",
  },
  {
    text: throttling,
    code: "EKS_THROTTLED",
    hint: () => "Wait a little, and spread the runs.",
  },
  {
    text: /authentication mode must be set to/,
    code: "EKS_NO_ACCESS_ENTRIES",
    hint: () =>
      "The cluster's authentication mode is CONFIG_MAP: it knows no access entries, and aws-auth alone decides.",
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "EKS_REFUSED",
  hint: ({ region }) => `Compare the cluster's name with what EKS holds in ${region}.`,
};

/**
 * What to say of a 4xx answer.
 * @param secrets what the request carried: of a signature that does not match, AWS sends back all that was signed
 * @param now compared with the answer's Date header
 */
export function eksRefusal(
  answer: Answer,
  permission: string,
  { region, session, secrets }: EksCaller & { secrets: readonly string[] },
  now: Date,
): EksX509Error {
  const words = serverWords(messageOf(answer.body), secrets);
  const text =
    [serverWords(errorTypeOf(answer), secrets), words].filter(Boolean).join(": ") || `HTTP ${answer.status}`;
  const cause = causes.find((candidate) => candidate.text.test(text)) ?? unknownCause;
  const skew = cause.code === "EKS_SIGNATURE" ? clockSkew(answer.headers, now) : undefined;
  const circumstances = { permission, region: region.name, who: session.assumedRoleArn };
  return new EksX509Error({
    category: "refused",
    hop: "eks",
    code: skew ? "EKS_CLOCK_SKEW" : cause.code,
    message: `EKS in ${region.name} refused ${permission}: ${text}`,
    hint: (skew ?? cause.hint(circumstances)) + requestIdHint(answer.headers, secrets),
  });
}
