/** The files of each format: the main file first, which is printed without a folder. */
import { cliScripts } from "./cli-scripts.ts";
import { cloudFormationTemplate } from "./cloudformation.ts";
import { clusterScripts } from "./cluster-script.ts";
import { mark, type Format, type Plan, type PlannedFile } from "./plan.ts";
import { rbacYaml } from "./rbac.ts";
import { readme } from "./readme.ts";
import { terraformConfiguration } from "./terraform.ts";

export function plannedFiles(plan: Plan, format: Format): readonly [PlannedFile, ...PlannedFile[]] {
  const rbac = { name: "rbac.yaml", content: `# ${mark}.\n${rbacYaml(plan)}`, isExecutable: false };
  const about = { name: "README.md", content: readme(plan, format), isExecutable: false };
  const [main, ...others] = mainFiles(plan, format);
  return [main, ...others, rbac, about];
}

function mainFiles(plan: Plan, format: Format): readonly [PlannedFile, ...PlannedFile[]] {
  if (format === "cloudformation") return [cloudFormationTemplate(plan), ...clusterScripts(plan)];
  if (format === "terraform") return [terraformConfiguration(plan), ...clusterScripts(plan)];
  return cliScripts(plan);
}
