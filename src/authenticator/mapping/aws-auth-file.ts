/** Reads aws-auth from a file, in all common forms. */
import { isMap, isScalar, LineCounter, parseAllDocuments, type Document } from "yaml";
import { isObject } from "../../foundation/json.ts";
import { EksX509Error, type CodeOf } from "../../foundation/errors.ts";

export interface NamedText {
  /** Path of the file, for messages. */
  name: string;
  text: string;
}

/**
 * The data of the ConfigMap aws-auth: from its manifest (YAML or JSON), from `kubectl get -o yaml`, from a List or a
 * file of several documents, or bare: `mapRoles: |`.
 *
 * @throws EksX509Error AWS_AUTH_INVALID, AWS_AUTH_ABSENT, AWS_AUTH_OTHER_NAMESPACE, AWS_AUTH_AMBIGUOUS, AWS_AUTH_NOT_TEXT
 */
export function awsAuthIn(file: NamedText): Readonly<Record<string, string>> {
  const documents = documentsOf(file);
  const objects = documents.flatMap(({ document, lines }) => objectsIn(document, lines));
  const found = objects.filter(isAwsAuth);
  const [configMap, another] = found;
  if (another)
    throw failure(
      "AWS_AUTH_AMBIGUOUS",
      `${file.name} contains the ConfigMap aws-auth more than once: again at ${placeOf(another, ["metadata"])}`,
      "Keep only the ConfigMap of the cluster.",
    );
  if (configMap) return dataOf(configMap, file);
  const bare = objects.find(isBareData);
  if (!bare) throw absent(file.name, objects.map(described));
  return textsOf(bare, [], bare.value, file);
}

/** A manifest in the file, with its place. */
interface Manifest {
  value: Record<string, unknown>;
  path: readonly (string | number)[];
  document: Document;
  lines: LineCounter;
}

function documentsOf({ name, text }: NamedText): { document: Document; lines: LineCounter }[] {
  const lines = new LineCounter();
  const options = { version: "1.1", uniqueKeys: false, prettyErrors: false, lineCounter: lines } as const;
  return Array.from(parseAllDocuments(text, { ...options, logLevel: "silent" }), (document) => {
    const [problem] = document.errors;
    if (problem)
      throw failure(
        "AWS_AUTH_INVALID",
        `${name} is not YAML: ${placeIn(lines, problem.pos[0])}: ${firstLine(problem.message)}`,
        "Save it again: kubectl get configmap aws-auth -n kube-system -o yaml.",
      );
    return { document, lines };
  });
}

function objectsIn(document: Document, lines: LineCounter): Manifest[] {
  const value = plainValue(document);
  if (!isObject(value)) return [];
  const items: unknown = value["items"];
  if (!Array.isArray(items)) return [{ value, path: [], document, lines }];
  return items.flatMap((item: unknown, index) =>
    isObject(item) ? [{ value: item, path: ["items", index], document, lines }] : [],
  );
}

/** Undefined if aliases make a small text a huge one. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

function isAwsAuth({ value }: Manifest): boolean {
  return value["kind"] === "ConfigMap" && nameOf(value) === "aws-auth";
}

function isBareData({ value }: Manifest): boolean {
  return (
    !("kind" in value) && Object.keys(value).some((key) => /^map[\s_-]?(?:role|user|account)s?$/i.test(key))
  );
}

function described({ value }: Manifest): string {
  const kind = value["kind"];
  const name = nameOf(value);
  if (typeof kind !== "string") return "an object without a kind";
  return typeof name === "string" ? `${kind} ${name}` : kind;
}

function nameOf({ metadata }: Record<string, unknown>): unknown {
  return isObject(metadata) ? metadata["name"] : undefined;
}

function dataOf(manifest: Manifest, file: NamedText): Readonly<Record<string, string>> {
  const { metadata, data } = manifest.value;
  const namespace = isObject(metadata) ? metadata["namespace"] : undefined;
  if (typeof namespace === "string" && namespace !== "kube-system")
    throw failure(
      "AWS_AUTH_OTHER_NAMESPACE",
      `the ConfigMap aws-auth in ${file.name} is for the namespace "${namespace.slice(0, 63)}": ${placeOf(manifest, ["metadata"])}`,
      "The cluster reads only the ConfigMap in kube-system. Correct the namespace.",
    );
  return isObject(data) ? textsOf(manifest, ["data"], data, file) : {};
}

function textsOf(
  manifest: Manifest,
  below: readonly string[],
  data: Record<string, unknown>,
  file: NamedText,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, text]) => {
      if (typeof text === "string") return [[key, text]];
      if (text === null) return [];
      throw failure(
        "AWS_AUTH_NOT_TEXT",
        `${key.slice(0, 60)} in ${file.name} is not text: ${placeOf(manifest, [...below, key])}`,
        `Every value in a ConfigMap is text: write "${key.slice(0, 60)}: |" and indent the list below it.`,
      );
    }),
  );
}

function placeOf({ document, lines, path }: Manifest, below: readonly string[]): string {
  const parent: unknown = document.getIn([...path, ...below.slice(0, -1)], true);
  const pair = isMap(parent)
    ? parent.items.findLast(({ key }) => isScalar(key) && String(key.value) === below.at(-1))
    : undefined;
  return placeIn(lines, (isScalar(pair?.key) ? pair.key.range?.[0] : undefined) ?? 0);
}

function placeIn(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function absent(name: string, kinds: readonly string[]): EksX509Error {
  const found = kinds.length > 0 ? `; it contains ${kinds.slice(0, 3).join(", ").slice(0, 200)}` : "";
  return failure(
    "AWS_AUTH_ABSENT",
    `${name} contains no ConfigMap aws-auth (line 1, column 1)${found}`,
    "Use the ConfigMap aws-auth of kube-system, or its data: mapRoles, mapUsers, mapAccounts.",
  );
}

function failure(code: CodeOf<"usage", "mapping">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "mapping", code, message, hint });
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").slice(0, 160);
}
