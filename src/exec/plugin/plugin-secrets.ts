/** The secrets in an exec entry and in a plugin's environment, because people write passwords into args and env. */
import type { Environment } from "../../foundation/ports.ts";
import type { ExecEntry } from "../../kubeconfig/read/user.ts";
import { isPath } from "../../foundation/shown.ts";
import { debuggedVariable } from "../entry-program.ts";

/** Values that explain a failure: a region, an account, a switch, a number, an ARN, a host without a user name. */
const openValue =
  /^(?:[a-z]{2,4}(?:-[a-z]{2,10}){1,3}-\d|true|false|enabled|disabled|regional|legacy|auto|none|json|\d{1,12}|arn:aws[\w-]*:.*|https?:\/\/[\w.-]+(?::\d+)?\/?|client\.authentication\.k8s\.io\/\w+)$/i;
/** Options and variables whose values are names, if they have the form of one. */
const openName =
  /(?:^-i|region|profile|role[-_]?arn|cluster(?:[-_]?(?:name|id))?|account|endpoint|mode|level|lang|output|issuer[-_]url)$/i;
const nameForm = /^[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*$/;
/** Commands of the usual tools. */
const commandWords = ["aws", "eks", "get-token", "token", "exec", "oidc-login", "login"];

const secretName = /secret|token|passw|pwd$|credential|private|(?:api|access)?[-_]?key$/i;

/** If a short word has no secret name, it is not possible to detect whether it was repeated. */
const shortest = { ofSecretName: 4, ofOther: 6 };

export function pluginSecrets({ args, env }: Pick<ExecEntry, "args" | "env">, outer: Environment): string[] {
  return [
    ...args.flatMap((word, index) => secretOfWord(word, args[index - 1] ?? "")),
    ...env.flatMap(({ name, value }) => secretOf(name, value)),
    ...Object.entries(outer).flatMap(([name, value = ""]) =>
      secretName.test(name) && !openVariables.includes(name) ? secretOf(name, value) : [],
    ),
  ];
}

/** A shell's current and previous folder, and a mark of our own. */
const openVariables = ["PWD", "OLDPWD", debuggedVariable];

/** `--option=value`, `--option value`, `value`. */
function secretOfWord(word: string, before: string): string[] {
  const [, option = "", value = ""] = /^(--?[\w-]+)=(.*)$/s.exec(word) ?? [];
  if (option !== "") return secretOf(option, value);
  if (/^--?[a-z][\w-]*$/.test(word) || commandWords.includes(word)) return [];
  return secretOf(/^--?[\w-]+$/.test(before) ? before : "", word);
}

function secretOf(name: string, value: string): string[] {
  const isSecretName = secretName.test(name);
  if (value.length < (isSecretName ? shortest.ofSecretName : shortest.ofOther)) return [];
  if (isPath(value) || openValue.test(value)) return [];
  return !isSecretName && openName.test(name) && value.length <= 100 && nameForm.test(value) ? [] : [value];
}
