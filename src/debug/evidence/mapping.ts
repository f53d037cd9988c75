/** The mapping, as far as it can be read: from EKS's access entries, and from aws-auth in a file or in the cluster. */
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import type { AccessEntry } from "../../aws/eks/access-entries.ts";
import { mapByAccessEntry, decide } from "../../authenticator/mapping/decision.ts";
import type { AuthenticationMode } from "../../aws/eks/describe-cluster.ts";
import type { CallerIdentity } from "../../authenticator/caller-identity.ts";
import { EksX509Error } from "../../foundation/errors.ts";
import type { ReadFile } from "../../foundation/ports.ts";
import type { ApiAccess } from "../../kubernetes-api/access.ts";
import { readAwsAuth } from "../../kubernetes-api/questions.ts";
import type { Place } from "../hops/kubeconfig.ts";
import type { ConfigMapRead, MappingRequest, WalkRequest, World } from "../world.ts";
import { adminAccess } from "./admin-access.ts";
import type { ApiEvidence } from "./api-server.ts";
import { modeOf, type EksEvidence } from "./eks.ts";
import type { MappingEvidence } from "./evidence.ts";

export interface MappingQuestion {
  /** Undefined when STS was not asked. */
  identity: CallerIdentity | undefined;
  place: Place | undefined;
  mapping: MappingRequest;
  eks: EksEvidence | undefined;
  api: ApiEvidence | undefined;
}

export interface MappingFound {
  mapping: MappingEvidence | undefined;
  /** Why there is none. */
  unread: string;
  /** Why the place that an option names cannot be read. */
  failure?: EksX509Error;
}

const entriesSource = "EKS's access entries";

export async function mappingEvidence(
  question: MappingQuestion,
  world: World,
  access: ApiAccess | undefined,
): Promise<MappingFound> {
  const { eks, identity } = question;
  if (!identity) return unread("the token's identity is unknown, because STS was not asked");
  const entry = entryIn(eks);
  if (modeOf(eks) === "API" && eks?.accessEntry === "unknown") return unread(entriesUnread(eks));
  const configMap = await configMapFor(question, world, access);
  if (configMap instanceof EksX509Error)
    return entry ? byEntry(entry, identity) : { ...unread(configMap.message), failure: configMap };
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

function found(mapping: MappingEvidence): MappingFound {
  return { mapping, unread: "" };
}

function unread(why: string): MappingFound {
  return { mapping: undefined, unread: why };
}

function byEntry(entry: AccessEntry, identity: CallerIdentity): MappingFound {
  return found({ verdict: mapByAccessEntry(entry, identity), source: entriesSource });
}

function entriesUnread({ entryUnread }: EksEvidence): string {
  const why =
    entryUnread?.code === "EKS_ACCESS_DENIED"
      ? "this session may not read them: it lacks the permission eks:DescribeAccessEntry"
      : `they cannot be read${entryUnread ? `: ${entryUnread.message}` : ""}`;
  return `only access entries count (authenticationMode API), and ${why}`;
}

interface Readings extends ConfigMapRead {
  data: Readonly<Record<string, string>>;
  entry: AccessEntry | undefined;
  eks: EksEvidence | undefined;
  identity: CallerIdentity;
}

function decided({ data, source, entry, eks, identity }: Readings): MappingFound {
  const mode = modeOf(eks);
  const verdict = decide(
    mode ?? (entry ? "API_AND_CONFIG_MAP" : "CONFIG_MAP"),
    entry ? [entry] : [],
    data,
    identity,
  );
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
  { mapping, place, api, eks }: MappingQuestion,
  world: World,
  access: ApiAccess | undefined,
): Promise<ConfigMapRead | EksX509Error> {
  if (mapping.awsAuthRead) return mapping.awsAuthRead;
  if (mapping.adminContext !== undefined) return throughContext(mapping.adminContext, place, world);
  if (modeOf(eks) === "API") return { data: undefined, source: "" };
  if (!access || !api || (api.problem && api.user === undefined))
    return {
      data: undefined,
      source: "aws-auth was not read: give --aws-auth FILE, or --admin-context NAME",
    };
  // The user that the caller acts as may have fewer permissions.
  return fromCluster({ ...access, impersonate: undefined }, "the cluster, as the token's own user").catch(
    (error: unknown) => {
      if (!(error instanceof EksX509Error)) throw error;
      return { data: undefined, source: `aws-auth cannot be read: ${error.message}` };
    },
  );
}

async function throughContext(
  name: string,
  place: Place | undefined,
  world: World,
): Promise<ConfigMapRead | EksX509Error> {
  try {
    const access = await adminAccess(name, place, world);
    return await fromCluster(access, `the cluster, through context ${name}`);
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    return ofTheAdmin(error, name);
  }
}

/** The usual hint for a 401 is about the token in question, not about the administrator's. */
function ofTheAdmin(error: EksX509Error, name: string): EksX509Error {
  const message = `through --admin-context ${name}: ${error.message}`;
  if (error.code !== "API_UNAUTHORIZED")
    return error.withHint(error.hint.replace("Correct --context.", "Correct --admin-context."), message);
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "ADMIN_REFUSED",
    message,
    hint: "The cluster refuses the credential of that context's user. Sign that user in again, or name another context. Or save the ConfigMap from a machine that can read it, and give it with --aws-auth.",
  });
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

/**
 * Reads --aws-auth before the first request, so that a wrong path is reported at once.
 * @throws EksX509Error FILE_…, AWS_AUTH_…
 */
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
