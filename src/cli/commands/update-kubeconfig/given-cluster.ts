/** `--cluster-endpoint` and `--certificate-authority`: what somebody has told of a cluster that the role may not describe. */
import { certificateAuthority } from "../../../aws/eks/certificate-authority.ts";
import { clusterEndpoint } from "../../../aws/eks/cluster-endpoint.ts";
import { EksX509Error, type CodeOf } from "../../../foundation/errors.ts";
import type { FileContent } from "../../../foundation/files.ts";
import type { Flags } from "../../command-flags.ts";

export interface GivenCluster {
  name: string;
  endpoint: URL;
  /** Path of the CA's certificate. */
  certificateAuthority: string;
}

/** @throws EksX509Error CLUSTER_ENDPOINT_INCOMPLETE, CLUSTER_ENDPOINT_SHARED, CLUSTER_ENDPOINT_INVALID */
export function givenCluster(flags: Flags, clusters: readonly string[] | "all"): GivenCluster | undefined {
  const endpoint = flags.text("cluster-endpoint");
  const certificateAuthority = flags.text("certificate-authority");
  if (!endpoint && !certificateAuthority) return undefined;
  if (!endpoint || !certificateAuthority)
    throw invalid(
      "CLUSTER_ENDPOINT_INCOMPLETE",
      `${endpoint ? "--cluster-endpoint" : "--certificate-authority"} is given without the other`,
      "Give --cluster-endpoint and --certificate-authority, or neither.",
    );
  const [name, ...others] = clusters === "all" ? [] : clusters;
  if (name === undefined || others.length > 0)
    throw invalid(
      "CLUSTER_ENDPOINT_SHARED",
      "--cluster-endpoint is given for more than one cluster",
      "Give one --name with it, and run the command once for each cluster.",
    );
  return { name, endpoint: endpointOf(endpoint), certificateAuthority };
}

function endpointOf(text: string): URL {
  const url = clusterEndpoint(text);
  if (url !== undefined) return new URL(url);
  throw invalid(
    "CLUSTER_ENDPOINT_INVALID",
    "--cluster-endpoint is not of the form https://HOST or https://HOST:PORT",
    "Give the API server's, such as https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com.",
  );
}

/** @throws EksX509Error CERTIFICATE_AUTHORITY_INVALID */
export function certificateAuthorityData({ name, bytes }: FileContent): string {
  // The certificates alone: whatever else the file holds, a private key for one, does not belong into a kubeconfig.
  const data = certificateAuthority(Buffer.from(bytes).toString("utf8"));
  if (data !== undefined) return data;
  throw invalid(
    "CERTIFICATE_AUTHORITY_INVALID",
    `${name} (--certificate-authority) holds no certificate that can be read`,
    "Give the cluster's CA in PEM: what eks:DescribeCluster tells as certificateAuthority.data, base64-decoded.",
  );
}

function invalid(code: CodeOf<"usage", "configuration">, message: string, hint: string): EksX509Error {
  return new EksX509Error({ category: "usage", hop: "configuration", code, message, hint });
}
