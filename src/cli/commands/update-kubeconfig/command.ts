/** `eks-x509 update-kubeconfig`. */
import type { Command } from "../../command.ts";
import { updateKubeconfigOptions } from "./options.ts";

export const updateKubeconfig: Command = {
  path: ["update-kubeconfig"],
  describe: "Write clusters, and how to sign in to them, into a kubeconfig",
  usage: `$0 update-kubeconfig --name CLUSTER [OPTIONS]

Signs in with the certificate, asks EKS for the clusters' endpoints and CAs, and writes cluster, user
and context. Everything else in the file stays as it is. Without AWS: --cluster-endpoint and
--certificate-authority. Certificate and key are checked then too, unless --home-relative says that the
file is for several machines.`,
  options: updateKubeconfigOptions,
  run: async (flags, root) => {
    const { runUpdateKubeconfig } = await import("./run.ts");
    return runUpdateKubeconfig(flags, root);
  },
};
