/** The options that say how update-kubeconfig writes its entries. */
import { basename, isAbsolute } from "node:path";
import { isHost } from "../../../aws/eks/cluster-endpoint.ts";
import { EksX509Error, type CodeOf } from "../../../foundation/errors.ts";
import type { EntryForm } from "../../../kubeconfig/edit/cluster-entries.ts";
import type { Flags } from "../../command-flags.ts";
import { expandHome, type HomeRules } from "../../settings/config-file.ts";
import { shown } from "../../settings/shown.ts";

/** @throws EksX509Error ALIAS_SHARED, ALIAS_INVALID, EXEC_COMMAND_INVALID, PROXY_URL_INVALID, PROXY_URL_PASSWORD */
export function entryForm(
  flags: Flags,
  machine: HomeRules,
  clusters: readonly string[] | "all",
): Omit<EntryForm, "isCurrent"> {
  const inlineArgs = flags.isOn("inline-args") ?? false;
  const areSeveral = clusters === "all" || clusters.length > 1;
  return {
    execApiVersion: flags.text("exec-api-version") === "v1beta1" ? "v1beta1" : "v1",
    command: execCommand(flags.text("command") ?? "eks-x509", machine),
    inlineArgs,
    proxyUrl: proxyUrl(flags.text("proxy-url")),
    alias: alias("alias", flags, areSeveral),
    userAlias: alias("user-alias", flags, areSeveral && inlineArgs),
  };
}

/** @param isShared several entries would have the one name */
function alias(option: "alias" | "user-alias", flags: Flags, isShared: boolean): string | undefined {
  const name = flags.text(option);
  if (name === undefined) return undefined;
  if (isShared)
    throw invalid(
      "ALIAS_SHARED",
      `--${option} is given for more than one cluster`,
      "One entry would overwrite the other. Run the command once for each cluster, or leave the alias out.",
    );
  if (name !== "" && name.length <= 250 && !/\p{Cc}/u.test(name)) return name;
  throw invalid(
    "ALIAS_INVALID",
    `--${option} ${shown(name)} is no name for an entry`,
    "Give up to 250 characters, without line breaks.",
  );
}

/**
 * To let kubectl run one of these is to let it run anything: a credentialPluginPolicy could not tell. With or without a version,
 * as in node20 or python3.11, and an ending, as in npx.cmd.
 */
const interpreters =
  /^(node|nodejs|npx|npm|pnpm|pnpx|yarn|bun|bunx|deno|corepack|tsx|ts-node|python|pypy|ruby|perl|php|lua|tclsh|osascript|env|sudo|doas|busybox|toybox|sh|ash|bash|dash|zsh|ksh|mksh|csh|tcsh|fish|cmd|powershell|pwsh|wscript|cscript)(-?\d[\d.]*)?(\.\w+)?$/i;

/**
 * @param command `--command`
 * @throws EksX509Error EXEC_COMMAND_INVALID
 */
export function execCommand(command: string, machine: HomeRules): string {
  const path = expandHome(command, machine);
  if ((isName(path) || (isFile(path) && !/[/\\]$/.test(command))) && !interpreters.test(basename(path)))
    return path;
  throw invalid(
    "EXEC_COMMAND_INVALID",
    `--command ${shown(command)} is not what a client may run`,
    'Give a name on PATH, or an absolute path, of eks-x509 itself and not of what interprets it: --command "$(command -v eks-x509)"',
  );
}

/** What begins with a hyphen, some client or shell takes for an option. */
function isName(text: string): boolean {
  return /^[\w.][\w.-]*$/.test(text) && !/^\.+$/.test(text);
}

/** An absolute path that does not name a folder for certain. */
function isFile(path: string): boolean {
  return isAbsolute(path) && !/\p{Cc}/u.test(path) && !/(^|[/\\])\.{0,2}$/.test(path);
}

/** client-go takes these three schemes. A password would stand in the file for all to read. */
function proxyUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // The text itself, since URL passes over line breaks and takes `\` for `/`, and client-go does not.
  const [, user = "", host = ""] =
    /^(?:https?|socks5):\/\/(?:([^\s/?#\\@]+)@)?([\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?\/?$/i.exec(text) ?? [];
  if (!isHost(host) || !URL.canParse(text))
    throw invalid(
      "PROXY_URL_INVALID",
      "--proxy-url is not of the form http://HOST:PORT, with http, https or socks5",
      "Give one such as http://proxy.example.com:3128.",
    );
  if (!user.includes(":")) return text;
  throw invalid(
    "PROXY_URL_PASSWORD",
    "--proxy-url holds a password, and secrets are never written",
    "Give the URL without it, or leave it out and set HTTPS_PROXY where kubectl runs.",
  );
}

function invalid(code: CodeOf<"usage", "configuration">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "configuration", code, message, hint });
}
