/** A user's aws-auth file to rehearse: the ConfigMap as kubectl prints it, or its data alone. */
import { EksX509Error } from "../../foundation/errors.ts";
import { parseYaml } from "./authenticator/yaml-document.ts";
import { YamlProblem } from "./authenticator/yaml-problem.ts";
import { type YamlValue, isMapping, valueOf } from "./authenticator/yaml-value.ts";

const lists = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** The keys that `kube-system/aws-auth` can contain. Each value is YAML. */
export type AwsAuthLists = Partial<Record<(typeof lists)[number], string>>;

/** @throws {EksX509Error} if the file has another form. The authenticator judges the content of the lists. */
export function readAwsAuthFile(text: string): AwsAuthLists {
  const root = read(text);
  const data = isMapping(root) && root.has("data") ? root.get("data") : root;
  const content = new Map<string, string>();
  for (const name of lists) {
    const value = isMapping(data) ? data.get(name) : undefined;
    if (typeof value === "string") content.set(name, value);
    else if (value !== undefined) throw invalid(`${name} is not text`, `Write \`${name}: |\`, with the bar.`);
  }
  if (content.size > 0) return Object.fromEntries(content);
  throw invalid("it contains none of mapRoles, mapUsers and mapAccounts", "The names are case-sensitive.");
}

function read(text: string): YamlValue {
  try {
    return valueOf(parseYaml(text));
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw invalid(
      `it is not YAML: ${error.message}`,
      "Compare it with `kubectl get cm aws-auth -n kube-system -o yaml`.",
    );
  }
}

function invalid(problem: string, hint: string): EksX509Error {
  const message = `the aws-auth file cannot be used: ${problem}`;
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_AWS_AUTH_INVALID",
    message,
    hint,
  });
}
