/** --admin-context: another context of the same kubeconfig, whose user may read aws-auth. */
import { EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { ApiAccess } from "../../kubernetes-api/access.ts";
import { resolveContext, type Target } from "../../kubeconfig/read/context.ts";
import type { Cluster, Material } from "../../kubeconfig/read/entries.ts";
import type { ExecEntry } from "../../kubeconfig/read/user.ts";
import { apiAccess, type Shown } from "./api-server.ts";
import { addressOf } from "./evidence.ts";
import { pluginRun } from "../hops/exec-entry.ts";
import { readPlace, type Place } from "../hops/kubeconfig.ts";
import type { ReadFile } from "../../foundation/ports.ts";
import type { World } from "../world.ts";

export async function adminAccess(
  context: string,
  place: Place | undefined,
  world: World,
): Promise<ApiAccess> {
  const { kubeconfig } = place ?? (await readPlace({ kubeconfig: undefined, context }, world));
  const target = resolveContext(kubeconfig, context);
  if (place && !isSameCluster(place.target.cluster, target.cluster))
    throw unusable(
      "ADMIN_OTHER_CLUSTER",
      `its server is ${addressOf(target.cluster.server)}, and the server of the debugged context is ${addressOf(place.target.cluster.server)}: this is the aws-auth of another cluster`,
      `Give --admin-context a context of this cluster. If both lead to the same cluster, ${saveIt}.`,
    );
  return apiAccess(target, await shownBy(target, world), world);
}

const unusable = errorsOf("usage", "mapping");
const saveIt =
  "save the ConfigMap (kubectl -n kube-system get configmap aws-auth -o yaml) and give it with --aws-auth";

/** The same server, or the same CA: each EKS cluster has its own CA, and a tunnel changes only the server. */
function isSameCluster(one: Cluster, other: Cluster): boolean {
  const { data } = one.certificateAuthority;
  return (
    addressOf(one.server) === addressOf(other.server) ||
    (data.length > 0 && data.equals(other.certificateAuthority.data))
  );
}

async function shownBy(target: Target, world: World): Promise<Shown> {
  const { credential, user } = target;
  const { readFile } = world;
  switch (credential.kind) {
    case "token":
      return { token: credential.token };
    case "token file":
      return { token: noted((await text(credential.path, readFile)).trim(), world) };
    case "client certificate":
      return {
        clientCertificate: {
          certificate: await material(credential.certificate, readFile),
          key: noted(await material(credential.key, readFile), world),
        },
      };
    case "exec":
      return fromPlugin(credential.exec, target.cluster, world);
    case "user name and password":
    case "auth provider":
    case "nothing":
      throw unusable(
        "ADMIN_CREDENTIAL",
        `user ${JSON.stringify(user.name)} of the --admin-context signs in with ${credential.kind}, which token debug does not support`,
        `Sign in with kubectl: ${saveIt}.`,
      );
  }
}

function noted(secret: string, { secrets }: World): string {
  secrets.add(secret);
  return secret;
}

async function fromPlugin(entry: ExecEntry, cluster: Cluster, world: World): Promise<Shown> {
  const plugins = await world.plugins();
  const executable = await plugins.find(entry, world);
  const { result } = await plugins.run(await pluginRun(entry, executable, cluster, world), world);
  if (result instanceof EksX509Error) throw result;
  return result;
}

async function material({ path, data }: Material, readFile: ReadFile): Promise<string> {
  return path === "" ? data.toString("utf8") : text(path, readFile);
}

async function text(path: string, readFile: ReadFile): Promise<string> {
  const role = { given: "--admin-context", hop: "mapping", category: "usage" } as const;
  return Buffer.from((await readFile(path, role)).bytes).toString("utf8");
}
