/** Reads aws-auth from a file, in all common forms. */
import { errorsOf, type EksX509Error } from "../../foundation/errors.ts";
import { parseJson } from "../../foundation/json.ts";
import { readDocuments, type Place, type YamlField, type YamlValue } from "../go-yaml/read.ts";

export interface NamedText {
  name: string;
  text: string;
}

/**
 * The data of the ConfigMap aws-auth: from its manifest (YAML or JSON), from `kubectl get -o yaml`, from a List or a
 * file of several documents, or bare: `mapRoles: |`.
 */
export function awsAuthIn(file: NamedText): Readonly<Record<string, string>> {
  const objects = documentsOf(file).flatMap(objectsIn);
  const [configMap, another] = objects.filter(isAwsAuth);
  if (another)
    throw failure(
      "AWS_AUTH_AMBIGUOUS",
      `${file.name} contains the ConfigMap aws-auth more than once: again at ${placeOf(fieldOf(another, "metadata"))}`,
      "Keep only the ConfigMap of the cluster.",
    );
  if (configMap) return dataOf(configMap, file);
  const bare = objects.find(isBareData);
  if (!bare) throw absent(file.name, objects.map(described));
  return textsOf(bare, file);
}

const failure = errorsOf("usage", "mapping");

type Manifest = readonly YamlField[];

function documentsOf({ name, text }: NamedText): readonly YamlValue[] {
  const reading = readDocuments(text);
  if ("values" in reading) return reading.values;
  const json = parseJson(text.trim());
  // YAML 1.1 lacks some escapes of JSON, which JSON.stringify does not write.
  const again = json === undefined ? reading : readDocuments(JSON.stringify(json));
  if ("values" in again) return again.values;
  throw failure(
    "AWS_AUTH_INVALID",
    `${name} is not YAML: ${placeOf(reading.problem)}: ${reading.problem.why}`,
    "Save it again: kubectl get configmap aws-auth -n kube-system -o yaml.",
  );
}

function objectsIn(document: YamlValue): Manifest[] {
  if (document.kind !== "map") return [];
  const items = fieldOf(document.fields, "items")?.value;
  if (items?.kind !== "list") return [document.fields];
  return items.items.flatMap((item) => (item.kind === "map" ? [item.fields] : []));
}

function fieldOf(fields: Manifest, name: string): YamlField | undefined {
  return fields.find(({ key }) => key === name);
}

/** Undefined if the field is absent or is not a mapping. */
function fieldsOf(fields: Manifest, name: string): Manifest | undefined {
  const value = fieldOf(fields, name)?.value;
  return value?.kind === "map" ? value.fields : undefined;
}

/** Undefined if the field is absent or is not text. */
function textOf(fields: Manifest | undefined, name: string): string | undefined {
  const value = fields && fieldOf(fields, name)?.value;
  return value?.kind === "text" ? value.text : undefined;
}

function isAwsAuth(manifest: Manifest): boolean {
  return textOf(manifest, "kind") === "ConfigMap" && nameOf(manifest) === "aws-auth";
}

function nameOf(manifest: Manifest): string | undefined {
  return textOf(fieldsOf(manifest, "metadata"), "name");
}

function isBareData(fields: Manifest): boolean {
  return (
    !fieldOf(fields, "kind") && fields.some(({ key }) => /^map[\s_-]?(?:role|user|account)s?$/i.test(key))
  );
}

function described(manifest: Manifest): string {
  const kind = textOf(manifest, "kind");
  return kind === undefined ? "an object without a kind" : [kind, nameOf(manifest) ?? []].flat().join(" ");
}

function dataOf(manifest: Manifest, file: NamedText): Readonly<Record<string, string>> {
  const namespace = textOf(fieldsOf(manifest, "metadata"), "namespace");
  if (namespace !== undefined && namespace !== "kube-system")
    throw failure(
      "AWS_AUTH_OTHER_NAMESPACE",
      `the ConfigMap aws-auth in ${file.name} is for the namespace "${namespace.slice(0, 63)}": ${placeOf(fieldOf(manifest, "metadata"))}`,
      "The cluster reads only the ConfigMap in kube-system. Correct the namespace.",
    );
  return textsOf(fieldsOf(manifest, "data") ?? [], file);
}

function textsOf(data: Manifest, { name }: NamedText): Readonly<Record<string, string>> {
  const texts = data.flatMap((field): [string, string][] => {
    const { key, value } = field;
    if (value.kind === "text") return [[key, value.text]];
    if (value.kind === "null") return [];
    throw failure(
      "AWS_AUTH_NOT_TEXT",
      `${key.slice(0, 60)} in ${name} is not text: ${placeOf(field)}`,
      `Every value in a ConfigMap is text: write "${key.slice(0, 60)}: |" and indent the list below it.`,
    );
  });
  return Object.fromEntries(texts);
}

function placeOf({ line, column }: Place = { line: 1, column: 1 }): string {
  return `line ${line}, column ${column}`;
}

function absent(name: string, kinds: readonly string[]): EksX509Error {
  const found = kinds.length > 0 ? `; it contains ${kinds.slice(0, 3).join(", ").slice(0, 200)}` : "";
  return failure(
    "AWS_AUTH_ABSENT",
    `${name} contains no ConfigMap aws-auth (line 1, column 1)${found}`,
    "Use the ConfigMap aws-auth of kube-system, or its data: mapRoles, mapUsers, mapAccounts.",
  );
}
