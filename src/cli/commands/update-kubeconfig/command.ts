/** `eks-x509 update-kubeconfig`. */
import type { Command } from "../../command.ts";
import { updateKubeconfigOptions } from "./options.ts";

export const updateKubeconfig: Command = {
  path: ["update-kubeconfig"],
  describe: "Write clusters, contexts and the user to sign in with into a kubeconfig",
  usage: `$0 update-kubeconfig --name CLUSTER [OPTIONS]

Signs in with the certificate, gets the clusters' endpoints and CAs from EKS, and writes cluster, user
and context. Everything else in the file stays unchanged. With --cluster-endpoint and
--certificate-authority, AWS is not called. Certificate and key are still checked, unless
--home-relative says that the file is for several machines.`,
  options: updateKubeconfigOptions,
  run: async (flags, root) => {
    const { runUpdateKubeconfig } = await import("./run.ts");
    return runUpdateKubeconfig(flags, root);
  },
};
