/** The ConfigMap aws-auth: from a file, through another context, or as the token's own user reads it from the cluster. */
import { EksX509Error } from "../../foundation/errors.ts";
import type { ApiAccess } from "../../kubernetes-api/api-server.ts";
import { readAwsAuth } from "../../kubernetes-api/read-aws-auth.ts";
import { adminAccess } from "./admin-access.ts";
import { modeOf } from "./eks-evidence.ts";
import type { MappingQuestion } from "./mapping-evidence.ts";
import type { ConfigMapRead, World } from "../world.ts";

/** @returns an error when what was asked for by name cannot be read */
export async function configMapFor(
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
  // Whom `as` makes of the caller may read less.
  return fromCluster({ ...access, impersonate: undefined }, "the cluster, as the token's own user").catch(
    (error: unknown) => {
      if (!(error instanceof EksX509Error)) throw error;
      return { data: undefined, source: `aws-auth cannot be read: ${error.message}` };
    },
  );
}

async function throughContext(
  name: string,
  place: MappingQuestion["place"],
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

/** The usual reasons for a 401 are those of the token that is looked into. */
function ofTheAdmin(error: EksX509Error, name: string): EksX509Error {
  const message = `through --admin-context ${name}: ${error.message}`;
  if (error.code !== "API_UNAUTHORIZED")
    return error.withHint(error.hint.replace("Correct --context.", "Correct --admin-context."), message);
  return new EksX509Error({
    category: "refused",
    hop: "api-server",
    code: "ADMIN_REFUSED",
    message,
    hint: "The cluster does not take what that context's user signs in with: sign it in anew, or name another context. Or save the ConfigMap where it can be read, and give it with --aws-auth.",
  });
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
