/** The mapping, as far as it can be read: from EKS's access entries, and from aws-auth in a file or in the cluster. */
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import type { AccessEntry } from "../../aws/eks/access-entry.ts";
import { mapByAccessEntry, decide } from "../../authenticator/mapping/decision.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { EksX509Error, errorsOf, settled } from "../../foundation/errors.ts";
import type { ReadFile } from "../../foundation/ports.ts";
import type { ApiAccess } from "../../kubernetes-api/access.ts";
import { readAwsAuth } from "../../kubernetes-api/questions.ts";
import type { ConfigMapRead, WalkRequest, World } from "../world.ts";
import { adminAccess } from "./admin-access.ts";
import { modeOf, type Caller, type EksEvidence, type Evidence, type MappingEvidence } from "./evidence.ts";

type Found = Pick<Evidence, "mapping" | "mappingUnread" | "mappingFailure">;

const entriesSource = "EKS's access entries";

/** @param access with the token itself, if its user may read something */
export async function mappingEvidence(
  caller: Pick<Caller, "identity" | "place" | "mapping">,
  eks: EksEvidence | undefined,
  access: ApiAccess | undefined,
  world: World,
): Promise<Found> {
  const { identity } = caller;
  if (!identity) return unread("the token's identity is unknown, because STS was not asked");
  const entry = entryIn(eks);
  if (modeOf(eks) === "API" && eks?.accessEntry === "unknown") return unread(entriesUnread(eks));
  const configMap = await configMapFor(caller, modeOf(eks), access, world);
  if (configMap instanceof EksX509Error)
    return entry ? byEntry(entry, identity) : { ...unread(configMap.message), mappingFailure: configMap };
  const { data, source } = configMap;
  if (data) return decided({ data, source, entry, eks, identity });
  if (entry) return byEntry(entry, identity);
  if (modeOf(eks) === "API")
    return found({ verdict: decide("API", [], {}, identity), source: entriesSource });
  return unread(source);
}

function entryIn(eks: EksEvidence | undefined): AccessEntry | undefined {
  return typeof eks?.accessEntry === "object" ? eks.accessEntry : undefined;
}

function found(mapping: MappingEvidence): Found {
  return { mapping, mappingUnread: "" };
}

function unread(why: string): Found {
  return { mapping: undefined, mappingUnread: why };
}

function byEntry(entry: AccessEntry, identity: CallerIdentity): Found {
  return found({ verdict: mapByAccessEntry(entry, identity), source: entriesSource });
}

function entriesUnread({ entryUnread }: EksEvidence): string {
  const why =
    entryUnread?.code === "EKS_ACCESS_DENIED"
      ? "this session may not read them: it lacks the permission eks:DescribeAccessEntry"
      : `they cannot be read${entryUnread ? `: ${entryUnread.message}` : ""}`;
  return `only access entries count (authenticationMode API), and ${why}`;
}

interface Readings {
  data: Readonly<Record<string, string>>;
  source: string;
  entry: AccessEntry | undefined;
  eks: EksEvidence | undefined;
  identity: CallerIdentity;
}

function decided({ data, source, entry, eks, identity }: Readings): Found {
  const mode = modeOf(eks);
  const entries = entry ? [entry] : [];
  const verdict = decide(mode ?? (entry ? "API_AND_CONFIG_MAP" : "CONFIG_MAP"), entries, data, identity);
  const isByEntry = verdict.kind === "mapped" && verdict.by === "access-entry";
  return found({ verdict, source: isByEntry ? entriesSource : `${source}${caveat(mode, eks)}` });
}

/** An access entry takes precedence over aws-auth. */
function caveat(mode: AuthenticationMode | undefined, eks: EksEvidence | undefined): string {
  if (mode === "CONFIG_MAP" || eks?.accessEntry === "none" || entryIn(eks)) return "";
  return mode === "API_AND_CONFIG_MAP"
    ? "; access entries take precedence (authenticationMode API_AND_CONFIG_MAP), and could not be read"
    : "; access entries take precedence, if the cluster has any";
}

/** @returns an error if the place that an option names cannot be read */
async function configMapFor(
  { mapping, place }: Pick<Caller, "mapping" | "place">,
  mode: AuthenticationMode | undefined,
  access: ApiAccess | undefined,
  world: World,
): Promise<ConfigMapRead | EksX509Error> {
  const { awsAuthRead, adminContext } = mapping;
  if (awsAuthRead) return awsAuthRead;
  if (adminContext !== undefined) {
    const read = adminAccess(adminContext, place, world).then((admin) =>
      fromCluster(admin, `the cluster, through context ${adminContext}`),
    );
    const configMap = await settled(read);
    return configMap instanceof EksX509Error ? ofTheAdmin(configMap, adminContext) : configMap;
  }
  if (mode === "API") return { data: undefined, source: "" };
  if (!access)
    return {
      data: undefined,
      source: "aws-auth was not read: give --aws-auth FILE, or --admin-context NAME",
    };
  // The user that the caller acts as may have fewer permissions.
  const own = { ...access, impersonate: undefined };
  const configMap = await settled(fromCluster(own, "the cluster, as the token's own user"));
  return configMap instanceof EksX509Error
    ? { data: undefined, source: `aws-auth cannot be read: ${configMap.message}` }
    : configMap;
}

/** The usual hint for a 401 is about the token in question, not about the administrator's. */
function ofTheAdmin(error: EksX509Error, name: string): EksX509Error {
  const message = `through --admin-context ${name}: ${error.message}`;
  if (error.code !== "API_UNAUTHORIZED")
    return error.withHint(error.hint.replace("Correct --context.", "Correct --admin-context."), message);
  return errorsOf("refused", "api-server")(
    "ADMIN_REFUSED",
    message,
    "The cluster refuses the credential of that context's user. Sign that user in again, or name another context. Or save the ConfigMap from a machine that can read it, and give it with --aws-auth. If it refuses both users, look for a cause of both: broken YAML in mapRoles maps nobody. The creator of the cluster and access entries do not need aws-auth.",
  );
}

async function fromCluster(access: ApiAccess, source: string): Promise<ConfigMapRead> {
  const data = await readAwsAuth(access);
  if (data === "missing") return { data: {}, source: `${source}: there is no aws-auth` };
  if (data !== "forbidden") return { data, source };
  return {
    data: undefined,
    source: "this user may not read aws-auth: give --aws-auth FILE, or --admin-context NAME",
  };
}

/** Reads --aws-auth before the first request, so that a wrong path is reported at once. */
export async function withAwsAuthRead<Request extends WalkRequest>(
  request: Request,
  { readFile }: { readFile: ReadFile },
): Promise<Request> {
  const { awsAuth: path } = request.mapping;
  if (path === undefined) return request;
  const file = await readFile(path, { given: "--aws-auth", hop: "mapping", category: "usage" });
  const data = awsAuthIn({ name: path, text: Buffer.from(file.bytes).toString("utf8") });
  return {
    ...request,
    mapping: { ...request.mapping, awsAuthRead: { data, source: `${path} (--aws-auth)` } },
  };
}
