/** Where the mapping can be read: a file, another context, the cluster itself, EKS's access entries. */
import type { CallerIdentity } from "../eks/caller-identity.ts";
import { EksX509Error } from "../errors.ts";
import type { Environment } from "../environment.ts";
import type { ApiAccess } from "../kubernetes/api/api-server.ts";
import { readAwsAuth } from "../kubernetes/api/read-aws-auth.ts";
import { mapByAccessEntry } from "../mapping/access-entry.ts";
import { awsAuthIn } from "../mapping/aws-auth-file.ts";
import { decide, type AuthenticationMode } from "../mapping/decision.ts";
import { adminAccess } from "./admin-access.ts";
import type { ApiEvidence } from "./api-evidence.ts";
import type { EksEvidence } from "./eks-evidence.ts";
import type { MappingEvidence } from "./evidence.ts";
import type { Place } from "./kubeconfig-hop.ts";
import type { MappingRequest, World } from "./world.ts";

export interface MappingQuestion {
  identity: CallerIdentity;
  place: Place | undefined;
  env: Environment;
  mapping: MappingRequest;
  eks: EksEvidence | undefined;
  api: ApiEvidence | undefined;
}

export interface MappingFound {
  mapping: MappingEvidence | undefined;
  /** Why not, where it is not. */
  unread: string;
}

const entriesSource = "EKS's access entries";

/** @throws EksX509Error when what was asked for by name cannot be read */
export async function mappingEvidence(
  question: MappingQuestion,
  world: World,
  access: ApiAccess | undefined,
): Promise<MappingFound> {
  const { eks, identity } = question;
  const configMap = await readConfigMap(question, world, access);
  const mode = modeOf(eks);
  const entries = typeof eks?.accessEntry === "object" ? [eks.accessEntry] : [];
  if (configMap.data) {
    const verdict = decide(
      mode ?? (entries.length > 0 ? "API_AND_CONFIG_MAP" : "CONFIG_MAP"),
      entries,
      configMap.data,
      identity,
    );
    const isByEntry = verdict.kind === "mapped" && verdict.by === "access-entry";
    const source = isByEntry ? entriesSource : `${configMap.source}${caveat(mode, eks)}`;
    return { mapping: { verdict, source }, unread: "" };
  }
  const [entry] = entries;
  if (entry)
    return {
      mapping: { verdict: mapByAccessEntry(entry, identity), source: entriesSource },
      unread: "",
    };
  if (mode === "API" && eks?.accessEntry === "none")
    return {
      mapping: { verdict: decide(mode, [], {}, identity), source: entriesSource },
      unread: "",
    };
  return { mapping: undefined, unread: configMap.source };
}

function modeOf(eks: EksEvidence | undefined): AuthenticationMode | undefined {
  return eks && !(eks.cluster instanceof EksX509Error) ? eks.cluster.authenticationMode : undefined;
}

/** What was read decides, unless an access entry does. */
function caveat(mode: AuthenticationMode | undefined, eks: EksEvidence | undefined): string {
  if (mode === "CONFIG_MAP" || eks?.accessEntry === "none" || typeof eks?.accessEntry === "object") return "";
  return mode === "API_AND_CONFIG_MAP"
    ? "; access entries may decide instead (authenticationMode API_AND_CONFIG_MAP), and may not be read"
    : "; access entries may decide instead, if the cluster has any";
}

interface ConfigMapRead {
  data: Readonly<Record<string, string>> | undefined;
  /** Where it was read, or why it was not. */
  source: string;
}

async function readConfigMap(
  { mapping, place, env, api }: MappingQuestion,
  world: World,
  access: ApiAccess | undefined,
): Promise<ConfigMapRead> {
  if (mapping.awsAuth !== undefined) return fromFile(mapping.awsAuth, world);
  if (mapping.adminContext !== undefined) {
    return throughContext(mapping.adminContext, place, env, world);
  }
  if (!access || !api || (api.problem && api.user === undefined))
    return {
      data: undefined,
      source: "aws-auth was not read: give --aws-auth FILE, or --admin-context NAME",
    };
  return fromCluster(access, "the cluster, as the token's own user").catch((error: unknown) => {
    if (!(error instanceof EksX509Error)) throw error;
    return { data: undefined, source: `aws-auth cannot be read: ${error.message}` };
  });
}

async function throughContext(
  name: string,
  place: Place | undefined,
  env: Environment,
  world: World,
): Promise<ConfigMapRead> {
  try {
    const access = await adminAccess(name, place, env, world);
    return await fromCluster(access, `the cluster, through context ${name}`);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    const { category, hop, code, message, hint } = error;
    throw new EksX509Error({
      category,
      hop,
      code,
      message: `through --admin-context ${name}: ${message}`,
      hint,
    });
  }
}

async function fromFile(path: string, { readFile }: World): Promise<ConfigMapRead> {
  const file = await readFile(path, { given: "--aws-auth", hop: "mapping", category: "usage" });
  const text = Buffer.from(file.bytes).toString("utf8");
  return { data: awsAuthIn({ name: path, text }), source: `${path} (--aws-auth)` };
}

async function fromCluster(access: ApiAccess, source: string): Promise<ConfigMapRead> {
  const reading = await readAwsAuth(access);
  if (reading.found) return { data: reading.data, source };
  if (reading.why === "missing") return { data: {}, source: `${source}: there is no aws-auth` };
  return {
    data: undefined,
    source: "aws-auth may not be read by this user: give --aws-auth FILE, or --admin-context NAME",
  };
}
