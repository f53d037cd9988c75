/**
 * `eks-x509 kuberc`: the part of kubectl's kuberc that restricts exec plugins, apiVersion kubectl.config.k8s.io/v1beta1, kind
 * Preference (k8s.io/kubectl, pkg/config/v1beta1/types.go).
 */
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
    const { execCommand } = await import("../../settings/exec-command.ts");
    await root.streams.stdout(kubercText(execCommand(flags.text("command") ?? "eks-x509", root.machine)));
    return 0;
  },
};

/**
 * The entry uses `name`, because 1.35 accepts nothing else. 1.36 renamed it to `command` and still accepts `name`.
 * @param command a name on PATH, or an absolute path: kubectl looks up both this and the kubeconfig's command, and
 * compares the paths that it finds
 */
export function kubercText(command: string): string {
  // JSON's strings are YAML's double-quoted ones.
  return `# For ~/.kube/kuberc. kubectl 1.35 and later (beta) run only the exec plugins in this list. Add an entry for each
# other plugin in your kubeconfigs. kubectl 1.34 prints a warning about unknown fields, and older versions ignore
# the file by default; both run every plugin.
apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
credentialPluginPolicy: Allowlist
credentialPluginAllowlist:
  - name: ${JSON.stringify(command)}
`;
}
