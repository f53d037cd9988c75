// Runs inside the sandbox: the same three steps as demo-kubectl, through @kubernetes/client-node.
import { AuthenticationV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const core = kubeConfig.makeApiClient(CoreV1Api);
const authentication = kubeConfig.makeApiClient(AuthenticationV1Api);
let failed = 0;

async function step(title, work) {
  console.log(`\n== ${title}`);
  try {
    console.log(`=> ${await work()}`);
  } catch (error) {
    failed = 1;
    console.log(`=> NOT as expected: ${error.message}`);
  }
}

await step("list namespaces", async () => {
  const { items } = await core.listNamespace();
  for (const { metadata, status } of items) console.log(`${metadata.name}\t${status.phase}`);
  return "allowed: the certificate became a session, the session a token";
});

await step("create namespace forbidden", async () => {
  const code = await core.createNamespace({ body: { metadata: { name: "forbidden" } } }).then(
    () => 201,
    (error) => error.code,
  );
  if (code !== 403) throw new Error(`expected 403, got ${code}`);
  return "Forbidden (403): signed in, and RBAC lets this user read only";
});

await step("who am I", async () => {
  const { status } = await authentication.createSelfSubjectReview({ body: {} });
  console.log(`${status.userInfo.username}\tgroups ${status.userInfo.groups.join(", ")}`);
  return "the role's mapping in aws-auth, as the cluster sees it";
});

process.exit(failed);
