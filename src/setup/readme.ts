/** README.md of a set-up: what is applied, by which commands, what the users run, and how everything is removed. */
import { templateNames } from "./cloudformation.ts";
import { mark, ownerKey, type Format, type Plan } from "./plan.ts";
import { configurationNames } from "./terraform.ts";
import { updateKubeconfigCommand } from "./user-command.ts";

export function readme(plan: Plan, format: Format): string {
  const { cluster, region, roleName } = plan;
  const { apply, remove } = steps(plan, format);
  return `<!-- ${mark}. -->

# Sign-in to ${cluster} with X.509 certificates

It sets up the role \`${roleName}\` for cluster \`${cluster}\` in ${region.name}. The role lets in a certificate of the CA if ${conditions(plan)}.

${contents(plan)}

## Apply

${apply}

## Users

Each user runs this command, with the files of the own certificate. The ARNs are those that the set-up prints:

\`\`\`sh
${updateKubeconfigCommand(plan, { trustAnchor: "TRUST-ANCHOR-ARN", profile: "PROFILE-ARN", role: "ROLE-ARN" })}
kubectl get ns
\`\`\`

If it does not work, \`eks-x509 token debug\` reports the cause.

## Remove

${remove}
`;
}

function conditions({ allowed }: Plan): string {
  const tags = [...new Set(allowed.map(({ tag }) => tag))];
  return tags
    .map((tag) => {
      const values = allowed.filter((each) => each.tag === tag).map(({ value }) => `\`${value}\``);
      return `its ${tag} is ${values.join(" or ")}`;
    })
    .join(", and ");
}

function contents(plan: Plan): string {
  const { trustAnchorName, profileName, roleName, groups, mapping, sessionDuration } = plan;
  const rows = [
    ["trust anchor", code(trustAnchorName), "the CA"],
    [
      "role",
      code(roleName),
      plan.findsClusters ? "may call eks:DescribeCluster and eks:ListClusters" : "has no permissions in AWS",
    ],
    ["profile", code(profileName), `sessions of ${sessionDuration} seconds`],
    [
      mapping === "aws-auth" ? "entry of aws-auth" : "access entry",
      code(roleName),
      `groups ${groups.map(code).join(", ")}`,
    ],
    ["RBAC", code(`eks-x509:${roleName}`), "the built-in role view, and list namespaces"],
  ];
  return [
    "| what | name | content |",
    "| --- | --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/** A name, in which Markdown interprets nothing. */
function code(text: string): string {
  return `\`${text}\``;
}

function steps(plan: Plan, format: Format): Record<"apply" | "remove", string> {
  if (format === "cli")
    return {
      apply: `${script("./setup.sh")}\n\n${needs}`,
      remove: `${script("./clean-up.sh")}\n\n${stays}`,
    };
  const stack = `--stack-name eks-x509-${plan.profileName.replace(/[^A-Za-z0-9-]+/g, "-").slice(0, 100)} --region ${plan.region.name}`;
  const [apply, remove] =
    format === "cloudformation"
      ? [
          `aws cloudformation deploy --template-file template.yaml --capabilities CAPABILITY_NAMED_IAM ${stack}`,
          `aws cloudformation delete-stack ${stack}`,
        ]
      : ["terraform init && terraform apply", "terraform destroy"];
  const names = (format === "cloudformation" ? templateNames(plan) : configurationNames(plan))
    .join("\n")
    .replace(/(\n {2}.*)+/g, (lines) => `\n\n${script(lines.trim().replaceAll("\n  ", "\n"))}\n`);
  const mapping =
    plan.mapping === "aws-auth" ? "the entry of aws-auth and the permissions" : "the permissions";
  return {
    apply: `${script(`${apply}\n./cluster-setup.sh`)}\n\n\`cluster-setup.sh\` creates ${mapping} in the cluster. ${needs}\n\n${names}`,
    remove: `${script(`./cluster-clean-up.sh\n${remove}`)}\n\n${stays}`,
  };
}

const needs = `The script needs the AWS CLI with an administrator's credentials, and kubectl with an administrator's context of the cluster: the current one, or that of ADMIN_CONTEXT. It compares the API server of the context with the endpoint of the cluster before it changes anything. If a tunnel or another name leads to the cluster, set ADMIN_SERVER to the server in the context. If a proxy with its own CA leads to it, set ADMIN_CA=other. It can be run again.`;

const stays = `What has the name of this set-up, but not its mark \`${ownerKey}\`, stays and is reported.`;

function script(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}
