/** Lists namespaces and creates one with @kubernetes/client-node, as the arguments say (`list create` without any): a line of JSON for each step. */
import { readFileSync } from "node:fs";
import { ApiException, CoreV1Api, KubeConfig } from "@kubernetes/client-node";

async function take(core, step) {
  try {
    if (step === "create") {
      await core.createNamespace({ body: { metadata: { name: "forbidden" } } });
      return { code: 201 };
    }
    const { items } = await core.listNamespace();
    return { code: 200, namespaces: items.map(({ metadata }) => metadata.name) };
  } catch (error) {
    if (!(error instanceof ApiException)) return { code: 0, message: error.message };
    // A 401 has no body here, whatever the server sent.
    const body = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
    const forbidden = error.code === 403 && body?.reason === "Forbidden";
    return { code: error.code, forbidden, message: body?.message ?? error.message };
  }
}

const manifest = new URL("../package.json", import.meta.resolve("@kubernetes/client-node"));
const { version } = JSON.parse(readFileSync(manifest, "utf8"));
console.log(JSON.stringify({ client: `@kubernetes/client-node ${version}` }));

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const core = kubeConfig.makeApiClient(CoreV1Api);
const steps = process.argv.length > 2 ? process.argv.slice(2) : ["list", "create"];
for (const step of steps) console.log(JSON.stringify({ step, ...(await take(core, step)) }));
