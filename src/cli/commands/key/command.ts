/** `eks-x509 key list`, `key remember` and `key forget`. */
import { output, type Command, type CommandOption } from "../../command.ts";
import { identityOptions, optionalOptions } from "../../settings/option-help.ts";
import type { OptionName } from "../../settings/options.ts";

function optionsNamed(...names: readonly OptionName[]): Record<string, CommandOption> {
  return optionalOptions((name) => names.includes(name));
}

const key = {
  name: "KEY",
  describe: "The key, as --private-key or --certificate has it: a file, or a pkcs11: URI",
  required: true,
};

export const keyList: Command = {
  path: ["key", "list"],
  describe: "List the certificates and keys that this user can use, with the flags for each",
  usage: `$0 key list [FILE] [OPTIONS]

Lists the certificate FILE, or that of --certificate, and the certificates on all PKCS#11 tokens, each
with its key, which can be in the same place, in --private-key, on a token or in the ssh-agent:
subject, issuer, days left, whether it is fit for Roles Anywhere, and the flags to paste. Asks for no
PIN, unless --login is given.`,
  positional: {
    name: "FILE",
    describe: "Certificate, in the forms of --certificate, which it replaces",
    required: false,
  },
  options: {
    ...optionsNamed(...identityOptions, "config"),
    login: { type: "boolean", describe: "Log in to each token, which asks for its PIN" },
    output,
  },
  run: async (flags, root) => {
    const { runKeyList } = await import("./list.ts");
    await runKeyList(flags, root);
    return 0;
  },
};

export const keyRemember: Command = {
  path: ["key", "remember"],
  describe: "Keep the password or PIN of a key in the OS keychain",
  usage: `$0 key remember KEY [OPTIONS]

Asks for the password or the PIN at the terminal, or reads it from stdin. Opens the key with it, and
keeps it in the OS keychain only if that succeeds.`,
  positional: key,
  options: optionsNamed("pkcs11-module", "config"),
  run: async (flags, root) => {
    const { runKeyRemember } = await import("./remember.ts");
    return runKeyRemember(flags, root);
  },
};

export const keyForget: Command = {
  path: ["key", "forget"],
  describe: "Remove all passwords and PINs from the OS keychain",
  options: {},
  run: async (_flags, root) => {
    const { runKeyForget } = await import("./remember.ts");
    return runKeyForget(root);
  },
};
