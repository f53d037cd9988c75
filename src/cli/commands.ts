/** The commands, in the order in which --help lists them. */
import type { Command } from "./command.ts";
import { cacheClear, cacheList } from "./commands/cache/command.ts";
import { certInspect } from "./commands/cert-inspect/command.ts";
import { completionBash, completionFish, completionZsh } from "./commands/completion/command.ts";
import { credentialProcess } from "./commands/credential-process/command.ts";
import { getToken } from "./commands/get-token/command.ts";
import { keyForget, keyList, keyRemember } from "./commands/key/command.ts";
import { kuberc } from "./commands/kuberc/command.ts";
import { sandbox } from "./commands/sandbox/command.ts";
import { serve } from "./commands/serve/command.ts";
import { setup } from "./commands/setup/command.ts";
import { tokenDebug } from "./commands/token-debug/command.ts";
import { updateAwsConfig } from "./commands/update-aws-config/command.ts";
import { versionCommand } from "./commands/version/command.ts";
import { updateKubeconfig } from "./commands/update-kubeconfig/command.ts";

/** First words that several commands share. */
export const commandGroups: Readonly<Record<string, string>> = {
  token: "Examine a token and the steps that create it",
  cert: "Examine a certificate",
  key: "Find keys, and keep their passwords",
  cache: "List or remove cached tokens and sessions",
  completion: "Complete commands and options on TAB",
};

export const commands: readonly Command[] = [
  getToken,
  updateKubeconfig,
  credentialProcess,
  updateAwsConfig,
  tokenDebug,
  certInspect,
  keyList,
  keyRemember,
  keyForget,
  cacheList,
  cacheClear,
  setup,
  kuberc,
  completionBash,
  completionZsh,
  completionFish,
  serve,
  sandbox,
  versionCommand,
];
