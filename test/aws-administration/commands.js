/** Commands of the AWS CLI in their order, and the differences that are intended. `{name}` is a value of an earlier answer. */

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "rolesanywhere.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
});
const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "eks:DescribeCluster", Resource: "*" }],
});
const authority = JSON.stringify({
  KeyAlgorithm: "EC_prime256v1",
  SigningAlgorithm: "SHA256WITHECDSA",
  Subject: { Organization: "Example Corp", CommonName: "Example CA" },
});
const role = ["--role-name", "reader"];
const ca = ["--certificate-authority-arn", "{ca}"];
const iam = (operation, ...options) => ({ words: ["iam", operation, ...options] });

/** `take`: the member of the answer that is kept under a name. `cli` is enough to find the row again. */
export const commands = [
  { words: ["sts", "get-caller-identity"] },
  iam(
    "create-role",
    ...role,
    "--assume-role-policy-document",
    trust,
    "--path",
    "/team/",
    "--max-session-duration",
    "7200",
  ),
  iam("create-role", ...role, "--assume-role-policy-document", trust),
  iam("create-role", "--role-name", "other", "--assume-role-policy-document", "{}"),
  iam("create-role", "--role-name", "other", "--assume-role-policy-document", "no JSON"),
  iam("create-role", "--role-name", "a/b", "--assume-role-policy-document", trust),
  iam("get-role", ...role),
  iam("get-role", "--role-name", "missing"),
  iam("list-roles", "--path-prefix", "/team/"),
  iam("update-role", ...role, "--max-session-duration", "3600"),
  iam("update-role", ...role, "--max-session-duration", "60"),
  iam("update-role", "--role-name", "missing", "--max-session-duration", "3600"),
  iam("update-assume-role-policy", ...role, "--policy-document", trust),
  iam("update-assume-role-policy", "--role-name", "missing", "--policy-document", trust),
  iam("put-role-policy", ...role, "--policy-name", "find", "--policy-document", policy),
  iam("get-role-policy", ...role, "--policy-name", "find"),
  iam("get-role-policy", ...role, "--policy-name", "missing"),
  iam("list-role-policies", ...role),
  iam("delete-role", ...role),
  iam("delete-role-policy", ...role, "--policy-name", "missing"),
  iam("delete-role-policy", ...role, "--policy-name", "find"),
  iam("tag-role", ...role, "--tags", "Key=team,Value=platform"),
  iam("list-role-tags", ...role),
  iam("untag-role", ...role, "--tag-keys", "team"),
  iam("list-attached-role-policies", ...role),
  iam("detach-role-policy", ...role, "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
  iam("list-instance-profiles-for-role", ...role),
  iam("delete-role", ...role),
  iam("delete-role", ...role),
  { words: ["eks", "list-clusters"] },
  { words: ["eks", "describe-cluster", "--name", "missing"] },
  { words: ["eks", "describe-cluster", "--name", "demo"] },
  { words: ["acm-pca", "list-certificate-authorities"] },
  {
    words: [
      ...["acm-pca", "create-certificate-authority", "--certificate-authority-type", "ROOT"],
      ...["--certificate-authority-configuration", authority],
    ],
    take: { ca: "CertificateAuthorityArn" },
  },
  { words: ["acm-pca", "describe-certificate-authority", ...ca] },
  { words: ["acm-pca", "get-certificate-authority-csr", ...ca, "--output", "text"] },
  { words: ["acm-pca", "get-certificate-authority-certificate", ...ca] },
  { words: ["acm-pca", "delete-certificate-authority", ...ca] },
  { words: ["acm-pca", "describe-certificate-authority", ...ca], state: "deleted" },
  { words: ["acm-pca", "describe-certificate-authority", "--certificate-authority-arn", "{ca}0"] },
];

/** Where moto has a cluster too, before the first command. */
export const before = [
  [
    ...["eks", "create-cluster", "--name", "demo", "--role-arn", "arn:aws:iam::111122223333:role/cluster"],
    ...["--resources-vpc-config", "subnetIds=subnet-1"],
  ],
];

/** By the words of the command: what is different, and why the sandbox stays as it is. */
export const intended = {
  "iam create-role --role-name other --assume-role-policy-document {}": {
    what: "the sandbox: MalformedPolicyDocument, moto: success",
    why: "IAM reads a trust policy before it stores it, and moto does not.",
  },
  "iam create-role --role-name other --assume-role-policy-document no JSON": {
    what: "the sandbox: MalformedPolicyDocument, moto: EntityAlreadyExists",
    why: "moto created the role of the command before.",
  },
  "iam create-role --role-name a/b --assume-role-policy-document …": {
    what: "the sandbox: ValidationError, moto: success",
    why: "The sandbox checks the patterns of the service models.",
  },
  "eks describe-cluster --name demo": {
    what: "only the sandbox has cluster.accessConfig.authenticationMode; only moto has cluster.clientRequestToken, cluster.identity.oidc.issuer, cluster.kubernetesNetworkConfig.serviceIpv4Cidr, cluster.logging.clusterLogging[].enabled, cluster.logging.clusterLogging[].types[], cluster.resourcesVpcConfig.subnetIds[], cluster.roleArn",
    why: "The sandbox has what a sign-in needs: a cluster without a network, and its mapping. moto has no access entries.",
  },
  "acm-pca describe-certificate-authority --certificate-authority-arn {ca}": {
    what: "only the sandbox has CertificateAuthority.LastStateChangeAt; only moto has CertificateAuthority.RevocationConfiguration.CrlConfiguration.Enabled",
    why: "The sandbox's authority has no revocation configuration. It notes the time of each change, as AWS does.",
  },
  "acm-pca describe-certificate-authority --certificate-authority-arn {ca} (deleted)": {
    what: "only the sandbox has CertificateAuthority.LastStateChangeAt, CertificateAuthority.RestorableUntil; only moto has CertificateAuthority.RevocationConfiguration.CrlConfiguration.Enabled",
    why: "A deleted authority can be restored until this time, as in AWS. moto deletes it without one.",
  },
};
