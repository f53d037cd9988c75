/** EKS's refusals, with a hint for each. EKS API reference, "Common errors" and the errors of each action. */
import { type EksX509Error, errorsOf, type CodeOf } from "../../foundation/errors.ts";
import { serverWords } from "../../http/server-words.ts";
import type { Answer } from "../../http/exchange.ts";
import { clockSkew, messageOf, refusalType, requestIdHint, throttling } from "../json-errors.ts";

interface Circumstances {
  /** `eks:DescribeCluster`. */
  permission: string;
  region: string;
  /** `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
  who: string;
}

interface Cause {
  /** Matched with `ErrorType: message`. */
  text: RegExp;
  code: CodeOf<"refused", "eks">;
  hint: (circumstances: Circumstances) => string;
}

/** The options that need no permission. */
const ways: Readonly<Record<string, string>> = {
  "eks:DescribeCluster":
    " Or work without AWS: use --cluster-endpoint and --certificate-authority, with values from an administrator of the cluster.",
  "eks:ListClusters": " Or name the clusters with --name.",
};

const causes: readonly Cause[] = [
  {
    text: /^ResourceNotFoundException: No cluster found/,
    code: "EKS_CLUSTER_NOT_FOUND",
    hint: ({ region, who }) =>
      `Check --region. The request went to ${region}, as ${who || "a role"} of the trust anchor's account. Use the cluster's name, not its ARN.`,
  },
  { text: /^ResourceNotFoundException/, code: "EKS_NOT_FOUND", hint: () => "Check the name and the ARN." },
  {
    text: /^AccessDeniedException/,
    code: "EKS_ACCESS_DENIED",
    hint: ({ permission, who }) =>
      `A policy of the role must allow ${permission}${who && ` to ${who}`}.${ways[permission] ?? ""}`,
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
      `Check that region ${region} is enabled in the account, and that --eks-endpoint and AWS_ENDPOINT_URL name AWS. If another endpoint created the session, run eks-x509 cache clear.`,
  },
  {
    text: /^(InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature)/,
    code: "EKS_SIGNATURE",
    hint: () =>
      "If this machine's clock is right, something between this machine and AWS changed the request. Check the proxy and --eks-endpoint.",
  },
  {
    text: throttling,
    code: "EKS_THROTTLED",
    hint: () => "Wait a little, and start fewer runs at the same time.",
  },
  {
    text: /authentication mode must be set to/,
    code: "EKS_NO_ACCESS_ENTRIES",
    hint: () =>
      "The cluster's authentication mode is CONFIG_MAP: it has no access entries and uses only aws-auth.",
  },
];

const unknownCause: Omit<Cause, "text"> = {
  code: "EKS_REFUSED",
  hint: ({ region }) => `Compare the cluster's name with the clusters of EKS in ${region}.`,
};

/**
 * Describes a 4xx answer.
 * @param secrets the secrets of the request. If a signature does not match, AWS returns all signed text
 * @param now compared with the answer's Date header
 */
export function eksRefusal(
  answer: Answer,
  circumstances: Circumstances,
  secrets: readonly string[],
  now: Date,
): EksX509Error {
  const words = serverWords(messageOf(answer.body), secrets);
  const text =
    [serverWords(refusalType(answer), secrets), words].filter(Boolean).join(": ") || `HTTP ${answer.status}`;
  const cause = causes.find((candidate) => candidate.text.test(text)) ?? unknownCause;
  const skew = cause.code === "EKS_SIGNATURE" ? clockSkew(answer.headers, now) : undefined;
  return errorsOf("refused", "eks")(
    skew ? "EKS_CLOCK_SKEW" : cause.code,
    `EKS in ${circumstances.region} refused ${circumstances.permission}: ${text}`,
    (skew ?? cause.hint(circumstances)) + requestIdHint(answer.headers, secrets),
  );
}
