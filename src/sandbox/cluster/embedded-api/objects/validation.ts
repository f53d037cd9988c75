import { type JsonObject, isJsonObject, listIn, objectIn, textIn, textsIn } from "../../../json-value.ts";
import { type StatusCause, invalid, invalidValue, required } from "../exchange/status.ts";
import { rbacGroup } from "../resources.ts";
import type { ObjectKey } from "./object.ts";

/**
 * The API server's checks of a decoded object with its defaults, with the server's wording.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

export function validate({ resource, name }: ObjectKey, object: JsonObject): void {
  const causes = [...nameCauses(resource.kind, name), ...contentCauses(resource.kind, object)];
  if (causes.length > 0) throw invalid(resource, name, causes);
}

function unsupported(field: string, value: string, supported: readonly string[]): StatusCause[] {
  if (supported.includes(value)) return [];
  const list = supported.map((text) => JSON.stringify(text)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return [{ reason: "FieldValueNotSupported", message, field }];
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const configKey = "[-._a-zA-Z0-9]+";

const nameRules = new Map([
  [
    "Namespace",
    { form: "label", signs: " or '-'", pattern: label, longest: 63, examples: "'my-name',  or '123-abc'" },
  ],
  [
    "ConfigMap",
    { form: "subdomain", signs: ", '-' or '.'", pattern: subdomain, longest: 253, examples: "'example.com'" },
  ],
]);

function nameCauses(kind: string, name: string): StatusCause[] {
  const field = "metadata.name";
  if (name === "") return [required(field, "name or generateName is required")];
  return nameFaults(kind, name).map((fault) => invalidValue(field, name, fault));
}

function nameFaults(kind: string, name: string): string[] {
  const rule = nameRules.get(kind);
  if (rule === undefined) return pathSegmentFaults(name);
  const { form, signs, pattern, longest, examples } = rule;
  const tooLong = name.length > longest ? [`must be no more than ${longest} bytes`] : [];
  if (new RegExp(`^${pattern}$`).test(name)) return tooLong;
  const why = `a lowercase RFC 1123 ${form} must consist of lower case alphanumeric characters${signs}, and must start and end with an alphanumeric character`;
  return [...tooLong, `${why} (e.g. ${examples}, regex used for validation is '${pattern}')`];
}

/** Names of RBAC objects must only be valid as one segment of a path. */
function pathSegmentFaults(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
}

function contentCauses(kind: string, object: JsonObject): StatusCause[] {
  const namespaced = !kind.startsWith("Cluster");
  const objects = (field: string) => listIn(object, field).filter(isJsonObject);
  const bound = kind.endsWith("Binding") ? roleRefCauses(objectIn(object, "roleRef"), namespaced) : [];
  return [
    ...["data", "binaryData"].flatMap((field) => keyCauses(field, objectIn(object, field))),
    ...objects("rules").flatMap((rule, index) => ruleCauses(rule, `rules[${index}]`, namespaced)),
    ...bound,
    ...objects("subjects").flatMap((subject, index) => subjectCauses(subject, `subjects[${index}]`)),
  ];
}

function keyCauses(field: string, data: JsonObject): StatusCause[] {
  const why = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${configKey}')`;
  const wrong = Object.keys(data).filter((key) => !new RegExp(`^${configKey}$`).test(key));
  return wrong.map((key) => invalidValue(`${field}[${key}]`, key, why));
}

function ruleCauses(rule: JsonObject, at: string, namespaced: boolean): StatusCause[] {
  const filled = (field: string, why: string) =>
    textsIn(rule, field).length > 0 ? [] : [required(`${at}.${field}`, why)];
  const verbs = filled("verbs", "verbs must contain at least one value");
  const urls = textsIn(rule, "nonResourceURLs");
  if (urls.length === 0)
    return [
      ...verbs,
      ...filled("apiGroups", "resource rules must supply at least one api group"),
      ...filled("resources", "resource rules must supply at least one resource"),
    ];
  const why = "namespaced rules cannot apply to non-resource URLs";
  return namespaced ? [...verbs, invalidValue(`${at}.nonResourceURLs`, urls, why)] : verbs;
}

const roleRefCauses = (role: JsonObject, namespaced: boolean) => [
  ...unsupported(
    "roleRef.kind",
    textIn(role, "kind"),
    namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"],
  ),
  ...unsupported("roleRef.apiGroup", textIn(role, "apiGroup"), [rbacGroup]),
  ...(textIn(role, "name") === "" ? [required("roleRef.name")] : []),
];

function subjectCauses(subject: JsonObject, at: string): StatusCause[] {
  const kind = textIn(subject, "kind");
  const unnamed = textIn(subject, "name") === "" ? [required(`${at}.name`)] : [];
  const unknown = unsupported(`${at}.kind`, kind, ["ServiceAccount", "User", "Group"]);
  const group = kind === "ServiceAccount" ? "" : rbacGroup;
  if (unknown.length > 0) return [...unnamed, ...unknown];
  return [...unnamed, ...unsupported(`${at}.apiGroup`, textIn(subject, "apiGroup"), [group])];
}
