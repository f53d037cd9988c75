/** The clusters that update-kubeconfig writes: as EKS describes them, or as somebody has told. */
import { readIdentityFiles } from "../../../cache/identity-files.ts";
import { logOf, signInWith, type Ports } from "../../../sign-in/ports.ts";
import { EksX509Error } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { identityFrom, openSigner, readCertificateFiles } from "../../../identity/identity.ts";
import type { WrittenCluster } from "../../../kubeconfig/edit/cluster-entries.ts";
import { askForClusters, type ClusterAnswer } from "./clusters.ts";
import { certificateAuthorityData, type GivenCluster } from "./given-cluster.ts";
import { printable } from "../../../foundation/printable.ts";
import type { UpdateKubeconfigInput } from "./input.ts";

export interface ClustersToWrite {
  found: WrittenCluster[];
  /** What fails for one cluster leaves the others. */
  missed: { name: string; error: EksX509Error }[];
}

/** @throws EksX509Error when none can be asked for */
export async function clustersToWrite(
  input: UpdateKubeconfigInput,
  log: HopLog,
  root: Ports,
): Promise<ClustersToWrite> {
  if (input.given) return { found: [await asGiven(input.given, input, root)], missed: [] };
  const answers = await askForClusters(
    { ...input },
    {
      ...signInWith(root, input.session.cache, log),
      eksHttp: () => root.http(logOf("eks", log)),
      progress: progressTo(root),
    },
  );
  return sorted(answers, input);
}

function sorted(answers: readonly ClusterAnswer[], { region }: UpdateKubeconfigInput): ClustersToWrite {
  const found: ClustersToWrite["found"] = [];
  const missed: ClustersToWrite["missed"] = [];
  for (const { name, outcome } of answers)
    if (outcome instanceof EksX509Error) missed.push({ name, error: outcome });
    else found.push({ ...outcome, region: region.name });
  return { found, missed };
}

/**
 * Certificate and key are looked at as for a session, or nobody would before kubectl. Not for paths below the home folder of
 * whoever uses the file: they may lie on other machines.
 */
async function checkIdentity(
  { session: { files }, isHomeRelative }: UpdateKubeconfigInput,
  root: Ports,
): Promise<void> {
  if (isHomeRelative) return;
  const identity = await readIdentityFiles(files, root);
  const certificates = readCertificateFiles(identity);
  identityFrom(certificates, await openSigner(identity.signer, certificates), root.clock());
}

/** Its ARN, of which the entries' names are made, is that of a cluster in the role's account. */
async function asGiven(
  { name, endpoint, certificateAuthority }: GivenCluster,
  input: UpdateKubeconfigInput,
  root: Ports,
): Promise<WrittenCluster> {
  await checkIdentity(input, root);
  const role = { given: "--certificate-authority", hop: "configuration", category: "usage" } as const;
  const { region, session } = input;
  const { partition, account } = session.session.role;
  return {
    arn: `arn:${partition.name}:eks:${region.name}:${account}:cluster/${name}`,
    tokenName: name,
    region: region.name,
    endpoint: endpoint.origin,
    certificateAuthority: certificateAuthorityData(await root.readFile(certificateAuthority, role)),
  };
}

/** A line for each of several, where somebody waits for them. */
function progressTo({ streams: { stderr, terminal } }: Ports) {
  return ({ name, outcome }: ClusterAnswer, done: number, all: number): void => {
    if (all === 1 || !terminal.stderr) return;
    const how = outcome instanceof EksX509Error ? `not found out (${outcome.code})` : "found";
    stderr(`${done} of ${all}: ${printable(name)} ${how}\n`).catch(() => undefined);
  };
}
