/**
 * A program that stays open, as operators and dashboards do: an informer on namespaces in @kubernetes/client-node, started again a
 * moment after it fails, as its authors show. Tells what happens, a line of JSON each. `list` on stdin makes a request of its own.
 */
import { createInterface } from "node:readline";
import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";

const tell = (what) => {
  console.log(JSON.stringify(what));
};

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
kubeConfig.setCurrentContext(process.argv[2]);
const core = kubeConfig.makeApiClient(CoreV1Api);

const informer = makeInformer(kubeConfig, "/api/v1/namespaces", () => core.listNamespace());
informer.on("add", ({ metadata }) => {
  tell({ added: metadata.name });
});
const again = (error) => {
  tell({ failed: String(error?.message ?? error) });
  setTimeout(() => void informer.start().catch(again), 200);
};
informer.on("error", again);
// A plugin that fails while a watch is opened anew rejects where nobody listens: client-node 1.4.
process.on("unhandledRejection", again);

createInterface({ input: process.stdin })
  .on("line", () => {
    core.listNamespace().then(
      ({ items }) => {
        tell({ listed: items.length });
      },
      (error) => {
        tell({ refused: String(error.message) });
      },
    );
  })
  .on("close", () => process.exit());

await informer.start();
tell({ started: true });
