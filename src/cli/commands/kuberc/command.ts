/** `eks-x509 kuberc`. */
import type { Command } from "../../command.ts";

export const kuberc: Command = {
  path: ["kuberc"],
  describe: "Print the kuberc that makes kubectl run this plugin and no other",
  usage: `$0 kuberc [OPTIONS]

Prints a credentialPluginPolicy for ~/.kube/kuberc. With it, kubectl 1.35 and later run the exec plugins
in the list and no others.`,
  options: {
    command: {
      describe: "Program that kubectl can run: a name on its PATH, or an absolute path",
      default: "eks-x509",
    },
  },
  run: async (flags, root) => {
    const [{ kubercText }, { execCommand }] = await Promise.all([
      import("./run.ts"),
      import("../update-kubeconfig/input.ts"),
    ]);
    await root.streams.stdout(kubercText(execCommand(flags.text("command") ?? "eks-x509", root.machine)));
    return 0;
  },
};
