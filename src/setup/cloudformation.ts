/** `--format cloudformation`: a template, without the mapping in aws-auth and RBAC, which are the cluster's. */
import { dump } from "js-yaml";
import { besideSetUp, mark, maxSessionDuration, type Plan, type PlannedFile } from "./plan.ts";
import { findClustersDocument, findClustersPolicy, trustDocument } from "./trust-document.ts";
import { updateKubeconfigCommand } from "./user-command.ts";

export function cloudFormationTemplate(plan: Plan): PlannedFile {
  const template = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `eks-x509: sign-in to the EKS cluster ${plan.cluster} with X.509 certificates`,
    Resources: resources(plan),
    Outputs: outputs(plan),
  };
  const head = [
    `${mark}. Deploy it with CAPABILITY_NAMED_IAM in the region of the cluster.`,
    ...templateNames(plan),
  ];
  return {
    name: "template.yaml",
    content: head.map((line) => `# ${line}\n`).join("") + dump(template, { lineWidth: -1, noRefs: true }),
    isExecutable: false,
  };
}

/** What happens if a name is in use. IAM and EKS accept a name once, Roles Anywhere more than once. */
export function templateNames({ roleName, mapping }: Plan): readonly string[] {
  const what = mapping === "access-entry" ? "its access entry, exists" : "exists";
  return [
    `If a role ${roleName}${mapping === "access-entry" ? ", or " : " "}${what} already, the deployment fails and rolls back. It changes nothing that exists.`,
    "Remove what exists, write the template again with another --role-name, or import it into the stack.",
    besideSetUp,
    "A change of --role-path replaces the role, which CloudFormation refuses for a name of your own: delete the stack first.",
  ];
}

const attribute = (resource: string, name: string) => ({ "Fn::GetAtt": [resource, name] });
const anchorArn = attribute("TrustAnchor", "TrustAnchorArn");
const profileArn = attribute("Profile", "ProfileArn");
const roleArn = attribute("Role", "Arn");

function resources(plan: Plan): object {
  const tags = plan.tags.map(({ key, value }) => ({ Key: key, Value: value }));
  const tagged = tags.length === 0 ? {} : { Tags: tags };
  return {
    TrustAnchor: resource("RolesAnywhere::TrustAnchor", {
      Name: plan.trustAnchorName,
      Enabled: true,
      Source: source(plan),
      ...tagged,
    }),
    Role: resource("IAM::Role", { ...role(plan), ...tagged }),
    Profile: resource("RolesAnywhere::Profile", {
      Name: plan.profileName,
      Enabled: true,
      RoleArns: [roleArn],
      DurationSeconds: plan.sessionDuration,
      ...tagged,
    }),
    ...(plan.mapping === "access-entry" && {
      AccessEntry: resource("EKS::AccessEntry", {
        ClusterName: plan.cluster,
        PrincipalArn: roleArn,
        Type: "STANDARD",
        KubernetesGroups: plan.groups,
        ...tagged,
      }),
    }),
  };
}

function resource(type: string, properties: object): object {
  return { Type: `AWS::${type}`, Properties: properties };
}

function source({ anchor }: Plan): object {
  return anchor.kind === "bundle"
    ? { SourceType: "CERTIFICATE_BUNDLE", SourceData: { X509CertificateData: anchor.pem } }
    : { SourceType: "AWS_ACM_PCA", SourceData: { AcmPcaArn: anchor.arn } };
}

function role(plan: Plan): object {
  const account = { Ref: "AWS::AccountId" };
  const cluster = `arn:\${AWS::Partition}:eks:\${AWS::Region}:\${AWS::AccountId}:cluster/${plan.cluster}`;
  const policy = {
    PolicyName: findClustersPolicy,
    PolicyDocument: findClustersDocument({ "Fn::Sub": cluster }),
  };
  return {
    RoleName: plan.roleName,
    Path: plan.rolePath,
    MaxSessionDuration: maxSessionDuration(plan),
    AssumeRolePolicyDocument: trustDocument(plan, { trustAnchorArn: anchorArn, account }),
    ...(plan.findsClusters && { Policies: [policy] }),
  };
}

function outputs(plan: Plan): object {
  const command = updateKubeconfigCommand(plan, {
    trustAnchor: "${TrustAnchor.TrustAnchorArn}",
    profile: "${Profile.ProfileArn}",
    role: "${Role.Arn}",
  });
  return {
    TrustAnchorArn: { Value: anchorArn },
    ProfileArn: { Value: profileArn },
    RoleArn: { Value: roleArn },
    UserCommand: { Description: "What each user runs", Value: { "Fn::Sub": command } },
  };
}
