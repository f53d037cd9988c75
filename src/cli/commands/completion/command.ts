/** `eks-x509 completion bash` and `eks-x509 completion zsh`. */
import type { Command } from "../../command.ts";

export const completionBash = completion(
  "bash",
  async () => (await import("../../completion/bash.ts")).bashScript,
);
export const completionZsh = completion(
  "zsh",
  async () => (await import("../../completion/zsh.ts")).zshScript,
);

function completion(shell: string, script: () => Promise<string>): Command {
  return {
    path: ["completion", shell],
    describe: `Print the completion script for ${shell}; its first lines describe the installation`,
    options: {},
    run: async (_flags, root) => {
      await root.streams.stdout(await script());
      return 0;
    },
  };
}
