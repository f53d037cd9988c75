/**
 * Adds our entries to a kubeconfig that has other entries too. The wanted content is computed on values. Then the text is
 * changed as little as possible and read again. Comments, order, quoting and layout of everything else stay byte for byte,
 * also in an entry that changes.
 */
import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { visit } from "yaml";
import { EksX509Error } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import { lists, withEntries, type KubeconfigEntries } from "./entries.ts";
import { textHolding } from "./text.ts";
import { kubeconfigProblem } from "../read/problem.ts";
import { kubeconfigFields, kubeconfigIn, mergeKubeconfigs, type Kubeconfig } from "../read/kubeconfig.ts";
import { placeIn, readYaml, type Content, type NamedText, type YamlText } from "../read/yaml.ts";

export interface Edited {
  /** The unchanged text, if all entries were present. */
  text: string;
  /** As kubectl decodes the file. A refused file counts as empty. */
  before: Kubeconfig;
  after: Kubeconfig;
}

/**
 * @param file its text can be empty, for a new file
 * @throws EksX509Error those of readYaml() and kubeconfigIn(), KUBECONFIG_USER_TAKEN, KUBECONFIG_ALIASED,
 * KUBECONFIG_LAYOUT, KUBECONFIG_LINE_BREAK, KUBECONFIG_NOT_UNICODE
 */
export function editKubeconfig(file: NamedText, entries: readonly KubeconfigEntries[]): Edited {
  refuseHalves(entries);
  refuseNewLines(file);
  const yaml = readYaml(file);
  checkLists(yaml, file);
  const present = isObject(yaml.content) ? yaml.content : {};
  const result = resultWith(file, yaml, present, withEntries(file.name, present, entries));
  const before = decoded(yaml, file);
  const after = decoded(result.yaml, { ...file, text: result.text });
  // An edit can replace the part that kubectl refuses. If it does not, the message is about the file before the edit.
  if (after instanceof EksX509Error) throw before instanceof EksX509Error ? before : after;
  return {
    text: result.text,
    before: before instanceof EksX509Error ? mergeKubeconfigs([]) : before,
    after,
  };
}

/** UTF-8 cannot represent half of a surrogate pair, and go-yaml refuses its escape. */
function refuseHalves(entries: readonly KubeconfigEntries[]): void {
  JSON.stringify(entries, (_key, value: unknown) => {
    if (typeof value !== "string" || !/\p{Surrogate}/u.test(value)) return value;
    throw kubeconfigProblem(
      "KUBECONFIG_NOT_UNICODE",
      "a name or path for the kubeconfig is not Unicode text: it contains half of a surrogate pair",
      "Correct it, because kubectl would read another text. Nothing was changed.",
    );
  });
}

/** YAML 1.1, and so kubectl, ends a line and a comment there; YAML 1.2 does not. */
function refuseNewLines({ name, text }: NamedText): void {
  const index = text.search(/[\x85\u2028\u2029]/);
  if (index === -1) return;
  const character = text.charCodeAt(index).toString(16).toUpperCase().padStart(4, "0");
  throw kubeconfigProblem(
    "KUBECONFIG_LINE_BREAK",
    `${name} has a U+${character} at ${placeIn(text, index)}, which ends a line for kubectl but not for other clients`,
    "Remove it, or write its escape (such as \\u2028) in double quotes. Nothing was changed.",
  );
}

function checkLists(yaml: YamlText, file: NamedText): void {
  const fields = kubeconfigFields(yaml, file);
  fields.text("current-context");
  for (const [kind, list] of Object.entries(lists)) for (const item of fields.list(list)) item.fields(kind);
}

/** Or why kubectl refuses the whole file. */
function decoded(yaml: YamlText, { name, text }: NamedText): Kubeconfig | EksX509Error {
  try {
    return kubeconfigIn(yaml, text, { file: name, folder: posix.dirname(name), rules: posix });
  } catch (error) {
    if (error instanceof EksX509Error) return error;
    throw error;
  }
}

function resultWith(
  file: NamedText,
  yaml: YamlText,
  present: Content,
  content: Content,
): { text: string; yaml: YamlText } {
  if (isDeepStrictEqual(present, content)) return { text: file.text, yaml };
  try {
    const text = textHolding(file.text, yaml.document, present, content);
    const result = readYaml({ ...file, text });
    if (isDeepStrictEqual(result.content, content)) return { text, yaml: result };
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
  }
  const aliases: unknown[] = [];
  visit(yaml.document, { Alias: (_key, alias) => void aliases.push(alias) });
  if (aliases.length > 0)
    throw kubeconfigProblem(
      "KUBECONFIG_ALIASED",
      `${file.name} has an anchor (&NAME) or alias (*NAME) in an entry that must change`,
      "Replace the alias by its value, or choose other names for the new entries. Nothing was changed.",
    );
  throw kubeconfigProblem(
    "KUBECONFIG_LAYOUT",
    `${file.name} has an unusual YAML layout, which cannot be changed without changing other entries`,
    "Write its lists and names without tags, `? key` and block scalars. Or let kubectl rewrite the file without its comments: kubectl config set-context NEW, then kubectl config delete-context NEW. Nothing was changed.",
  );
}
