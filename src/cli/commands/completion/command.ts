/** `eks-x509 completion bash`, `completion zsh` and `completion fish`. */
import type { Command } from "../../command.ts";

export const completionBash = completion("bash", () => import("../../completion/bash.ts"));
export const completionZsh = completion("zsh", () => import("../../completion/zsh.ts"));
export const completionFish = completion("fish", () => import("../../completion/fish.ts"));

function completion(shell: string, load: () => Promise<{ script: string }>): Command {
  return {
    path: ["completion", shell],
    describe: `Print the completion script for ${shell}; its first lines describe the installation`,
    options: {},
    run: async (_flags, root) => {
      await root.streams.stdout((await load()).script);
      return 0;
    },
  };
}
