/** `eks-x509 kuberc`. */
import type { Command } from "../../command.ts";

export const kuberc: Command = {
  path: ["kuberc"],
  describe: "Print the entry of kubectl's kuberc that lets it run this plugin, and no other",
  usage: `$0 kuberc [OPTIONS]

Prints a credentialPluginPolicy for ~/.kube/kuberc, which kubectl 1.35 and later obey: they run the exec
plugins that the list names, and no others.`,
  options: {
    command: {
      type: "string",
      describe: "What kubectl may run: a name on its PATH, or an absolute path",
      default: "eks-x509",
    },
  },
  run: async (flags, root) => {
    const [{ kubercText }, { execCommand }] = await Promise.all([
      import("./run.ts"),
      import("../update-kubeconfig/entry-form.ts"),
    ]);
    await root.stdout(kubercText(execCommand(flags.text("command") ?? "eks-x509", root.env)));
    return 0;
  },
};
