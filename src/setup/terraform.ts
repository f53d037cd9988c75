/** `--format terraform`: a configuration, without the mapping in aws-auth and RBAC, which are the cluster's. */
import { shellQuoted } from "../foundation/foreign-text.ts";
import { block, Block, Expression } from "./hcl.ts";
import { besideSetUp, mark, maxSessionDuration, type Plan, type PlannedFile } from "./plan.ts";
import { findClustersDocument, findClustersPolicy, trustDocument } from "./trust-document.ts";

export function terraformConfiguration(plan: Plan): PlannedFile {
  const blocks = [
    block("terraform", {
      required_version: ">= 1.3",
      required_providers: new Block({ aws: { source: "hashicorp/aws", version: ">= 5.33" } }),
    }),
    block('provider "aws"', { region: plan.region.name }),
    'data "aws_caller_identity" "current" {}\n',
    block('resource "aws_rolesanywhere_trust_anchor" "eks_x509"', trustAnchor(plan)),
    block('resource "aws_iam_role" "eks_x509"', role(plan)),
    ...(plan.findsClusters ? [block('resource "aws_iam_role_policy" "find_clusters"', clusters(plan))] : []),
    block('resource "aws_rolesanywhere_profile" "eks_x509"', {
      name: plan.profileName,
      enabled: true,
      role_arns: [roleArn],
      duration_seconds: plan.sessionDuration,
      ...tagged(plan),
    }),
    ...(plan.mapping === "access-entry"
      ? [block('resource "aws_eks_access_entry" "eks_x509"', accessEntry(plan))]
      : []),
    block('output "trust_anchor_arn"', { value: anchorArn }),
    block('output "profile_arn"', { value: new Expression("aws_rolesanywhere_profile.eks_x509.arn") }),
    block('output "role_arn"', { value: roleArn }),
  ];
  const head = [`${mark}.`, ...configurationNames(plan)].map((line) => `# ${line}\n`).join("");
  return { name: "main.tf", content: `${head}\n` + blocks.join("\n"), isExecutable: false };
}

/** What happens if a name is in use. IAM and EKS accept a name once, Roles Anywhere more than once. */
export function configurationNames({
  roleName,
  rolePath,
  mapping,
  region,
  cluster,
}: Plan): readonly string[] {
  const hasEntry = mapping === "access-entry";
  const arn = `arn:${region.partition.name}:iam::ACCOUNT:role${rolePath}${roleName}`;
  return [
    `If a role ${roleName}${hasEntry ? ", or its access entry," : ""} exists already, terraform apply fails and does not change it. What it created before stays in the state.`,
    "Remove what exists, write the configuration again with another --role-name, or import it and apply again:",
    `  terraform import aws_iam_role.eks_x509 ${shellQuoted(roleName)}`,
    ...(hasEntry
      ? [`  terraform import aws_eks_access_entry.eks_x509 ${shellQuoted(`${cluster}:${arn}`)}`]
      : []),
    besideSetUp,
  ];
}

const anchorArn = new Expression("aws_rolesanywhere_trust_anchor.eks_x509.arn");
const roleArn = new Expression("aws_iam_role.eks_x509.arn");
const account = new Expression("data.aws_caller_identity.current.account_id");

function tagged({ tags }: Plan): object {
  return tags.length === 0 ? {} : { tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
}

function trustAnchor(plan: Plan): Record<string, unknown> {
  const { anchor, trustAnchorName } = plan;
  const [type, data] =
    anchor.kind === "bundle"
      ? ["CERTIFICATE_BUNDLE", { x509_certificate_data: anchor.pem }]
      : ["AWS_ACM_PCA", { acm_pca_arn: anchor.arn }];
  const source = new Block({ source_type: type, source_data: new Block(data) });
  return { name: trustAnchorName, enabled: true, ...tagged(plan), source };
}

function role(plan: Plan): Record<string, unknown> {
  return {
    name: plan.roleName,
    path: plan.rolePath,
    max_session_duration: maxSessionDuration(plan),
    ...tagged(plan),
    assume_role_policy: encoded(trustDocument(plan, { trustAnchorArn: anchorArn, account })),
  };
}

function clusters({ region, cluster }: Plan): Record<string, unknown> {
  const place = `arn:${region.partition.name}:eks:${region.name}`;
  const arn = new Expression(`"${place}:\${${account.text}}:cluster/${cluster}"`);
  return {
    name: findClustersPolicy,
    role: new Expression("aws_iam_role.eks_x509.id"),
    policy: encoded(findClustersDocument(arn)),
  };
}

function accessEntry(plan: Plan): Record<string, unknown> {
  return {
    cluster_name: plan.cluster,
    principal_arn: roleArn,
    type: "STANDARD",
    kubernetes_groups: plan.groups,
    ...tagged(plan),
  };
}

function encoded(document: object): Expression {
  return new Expression(
    `jsonencode(${block("", { ...document })
      .trim()
      .replaceAll("\n", "\n  ")})`,
  );
}
