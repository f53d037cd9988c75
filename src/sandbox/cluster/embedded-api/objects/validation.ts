import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textsIn } from "../../../json-value.ts";
import type { Resource } from "../resources.ts";
import { invalid, type StatusCause } from "../exchange/status.ts";

/**
 * The API server's checks of a decoded object with its defaults, with the server's wording.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

export function validate(resource: Resource, name: string, object: JsonObject): void {
  const causes = [...nameCauses(resource, name), ...contentCauses(resource.kind, object)];
  if (causes.length > 0) throw invalid({ group: resource.group, kind: resource.kind, name }, causes);
}

const required = (field: string, why: string): StatusCause => ({
  reason: "FieldValueRequired",
  message: why === "" ? "Required value" : `Required value: ${why}`,
  field,
});

const invalidValue = (field: string, value: string, why: string): StatusCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

const unsupported = (field: string, value: string, supported: readonly string[]): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((text) => JSON.stringify(text)).join(", ")}`,
  field,
});

const rbacGroup = "rbac.authorization.k8s.io";
const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const configKey = "[-._a-zA-Z0-9]+";

const rules = {
  Namespace: {
    pattern: label,
    longest: 63,
    why: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    examples: "'my-name',  or '123-abc'",
  },
  ConfigMap: {
    pattern: subdomain,
    longest: 253,
    why: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    examples: "'example.com'",
  },
};

function nameCauses({ kind }: Resource, name: string): StatusCause[] {
  const field = "metadata.name";
  if (name === "") return [required(field, "name or generateName is required")];
  if (kind !== "Namespace" && kind !== "ConfigMap")
    return pathSegmentFaults(name).map((fault) => invalidValue(field, name, fault));
  const { pattern, longest, why, examples } = rules[kind];
  const faults = [
    ...(name.length > longest ? [`must be no more than ${longest} bytes`] : []),
    ...(new RegExp(`^${pattern}$`).test(name)
      ? []
      : [`${why} (e.g. ${examples}, regex used for validation is '${pattern}')`]),
  ];
  return faults.map((fault) => invalidValue(field, name, fault));
}

/** Names of RBAC objects must only be valid as one segment of a path. */
function pathSegmentFaults(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
}

function contentCauses(kind: string, object: JsonObject): StatusCause[] {
  switch (kind) {
    case "ConfigMap":
      return ["data", "binaryData"].flatMap((field) => keyCauses(field, objectIn(object, field)));
    case "Role":
    case "ClusterRole":
      return listIn(object, "rules")
        .filter(isJsonObject)
        .flatMap((rule, index) => ruleCauses(rule, `rules[${index}]`, kind === "Role"));
    case "RoleBinding":
    case "ClusterRoleBinding":
      return bindingCauses(object, kind === "RoleBinding");
    default:
      return [];
  }
}

function keyCauses(field: string, data: JsonObject): StatusCause[] {
  const why = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${configKey}')`;
  const wrong = Object.keys(data).filter((key) => !new RegExp(`^${configKey}$`).test(key));
  return wrong.map((key) => invalidValue(`${field}[${key}]`, key, why));
}

function ruleCauses(rule: JsonObject, at: string, namespaced: boolean): StatusCause[] {
  const lacks = (field: string) => textsIn(rule, field).length === 0;
  const causes = lacks("verbs") ? [required(`${at}.verbs`, "verbs must contain at least one value")] : [];
  if (!lacks("nonResourceURLs")) {
    const urls = JSON.stringify(textsIn(rule, "nonResourceURLs"));
    if (!namespaced) return causes;
    const why = "namespaced rules cannot apply to non-resource URLs";
    const field = `${at}.nonResourceURLs`;
    return [...causes, { reason: "FieldValueInvalid", message: `Invalid value: ${urls}: ${why}`, field }];
  }
  if (lacks("apiGroups"))
    causes.push(required(`${at}.apiGroups`, "resource rules must supply at least one api group"));
  if (lacks("resources"))
    causes.push(required(`${at}.resources`, "resource rules must supply at least one resource"));
  return causes;
}

function bindingCauses(binding: JsonObject, namespaced: boolean): StatusCause[] {
  const role = objectIn(binding, "roleRef");
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const causes = kinds.includes(textIn(role, "kind"))
    ? []
    : [unsupported("roleRef.kind", textIn(role, "kind"), kinds)];
  if (textIn(role, "apiGroup") !== rbacGroup)
    causes.push(unsupported("roleRef.apiGroup", textIn(role, "apiGroup"), [rbacGroup]));
  if (textIn(role, "name") === "") causes.push(required("roleRef.name", ""));
  const subjects = listIn(binding, "subjects").filter(isJsonObject);
  return [...causes, ...subjects.flatMap((subject, index) => subjectCauses(subject, `subjects[${index}]`))];
}

function subjectCauses(subject: JsonObject, at: string): StatusCause[] {
  const causes: StatusCause[] = textIn(subject, "name") === "" ? [required(`${at}.name`, "")] : [];
  const kind = textIn(subject, "kind");
  const kinds = ["ServiceAccount", "User", "Group"];
  if (!kinds.includes(kind)) return [...causes, unsupported(`${at}.kind`, kind, kinds)];
  const group = kind === "ServiceAccount" ? "" : rbacGroup;
  const given = textIn(subject, "apiGroup");
  return given === group ? causes : [...causes, unsupported(`${at}.apiGroup`, given, [group])];
}
