/** What of an exec entry a program may repeat, and nobody else is to read: people write passwords into args and env. */
import type { ExecEntry } from "../../kubeconfig/read/user.ts";

const secretOption = /^--?[\w-]*(secret|token|passw|credential|key)[\w-]*$/i;

/** Long enough not to be found by chance in what is said. */
const shortest = 6;

/** Names of variables whose values explain a failure, and are no secret. */
const openNames = /(REGION|PROFILE|ROLE_ARN|CLUSTER|CLUSTER_NAME|ACCOUNT|ENDPOINT|MODE|LEVEL|LANG)$/i;

/** Values of options that are secret by their names, and of all variables but those that plainly are none. */
export function entrySecrets({ args, env }: Pick<ExecEntry, "args" | "env">): string[] {
  const ofArgs = args.flatMap((word, index) => secretIn(word, args[index - 1]));
  const ofEnv = env.flatMap(({ name, value }) => (openNames.test(name) || isPlain(value) ? [] : [value]));
  return [...ofArgs, ...ofEnv].filter(({ length }) => length >= shortest);
}

function secretIn(word: string, before = ""): string[] {
  const [option = "", ...value] = word.split("=");
  if (value.length > 0 && secretOption.test(option)) return withoutPath(value.join("="));
  return secretOption.test(before) && !word.startsWith("-") ? withoutPath(word) : [];
}

function withoutPath(value: string): string[] {
  return isPath(value) ? [] : [value];
}

function isPlain(value: string): boolean {
  return isPath(value) || /^(true|false|enabled|disabled|regional|legacy|\d+|arn:aws[\w-]*:.*)$/i.test(value);
}

/** The names in one are short; a key in base64 may begin with a slash too. */
function isPath(value: string): boolean {
  return /^(~|\.{0,2})\//.test(value) && value.split("/").every(({ length }) => length < 24);
}
