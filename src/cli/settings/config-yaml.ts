/** The content of the config file: the same options, by name, in YAML. Loaded only if there is one. */
import { FAILSAFE_SCHEMA, loadAll, nullCoreTag } from "js-yaml";
import { type EksX509Error, usageError } from "../../foundation/errors.ts";
import { isObject } from "../../foundation/json.ts";
import type { FileContent } from "../../foundation/ports.ts";
import { shownKey } from "../../foundation/shown.ts";
import { isElsewhere } from "../../keys/identity-sources.ts";
import { optionNamed } from "./options.ts";
import { expandHome, readValues, type HomeRules, type Values } from "./settings.ts";

export function parseConfigFile({ name, bytes }: FileContent, machine: HomeRules): Values {
  // It leaves out a byte-order mark.
  const text = new TextDecoder().decode(bytes);
  // Every value is text as written: a cluster with the name 007 or 1e3 must not become 7 or 1000.
  const schema = FAILSAFE_SCHEMA.withTags(nullCoreTag);
  const [content, ...more] = parsed(() => loadAll(text, { schema }), name);
  if (more.length > 0) throw invalid(`${name} contains more than one YAML document`);
  if (content === null || content === undefined) return new Map();
  if (!isObject(content)) throw invalid(`${name} is not a list of options with values`);
  const values = readValues(content, "inFile", {
    unknown: (key) =>
      usageError(
        "CONFIG_FILE_UNKNOWN_KEY",
        `${name} sets ${shownKey(key)}, which is not an option`,
        "The keys are the names of get-token's options, for example `role-arn`. See: eks-x509 get-token --help",
      ),
    invalid: (key) => invalid(`${name} sets ${key} to a value that is not one text`),
  });
  return new Map(
    [...values].map(([option, value]) => [
      option,
      optionNamed(option).isPath ? besides(name, value, machine) : value,
    ]),
  );
}

/** A relative path starts at the folder of the config file, as in a kubeconfig. */
function besides(name: string, path: string, machine: HomeRules): string {
  if (isElsewhere({ path })) return path;
  const { isAbsolute, join, dirname } = machine.paths;
  const expanded = expandHome(path, machine);
  return isAbsolute(expanded) ? expanded : join(dirname(name), expanded);
}

function parsed(load: () => unknown[], name: string): unknown[] {
  try {
    return load();
  } catch (error) {
    throw invalid(`${name} is not YAML${problem(error)}`);
  }
}

/** The line, and the parser's reason if it does not quote the file: the file can be a private key by mistake. */
function problem(error: unknown): string {
  if (!isObject(error) || !isObject(error["mark"])) return "";
  const { line } = error["mark"];
  const { reason } = error;
  const why = typeof reason === "string" && /^[a-z ]+$/.test(reason) ? `, ${reason}` : "";
  return typeof line === "number" ? `: line ${line + 1}${why}` : "";
}

function invalid(message: string): EksX509Error {
  return usageError(
    "CONFIG_FILE_INVALID",
    message,
    "Write one option on each line, for example: cluster-name: demo",
  );
}
