/** The output of `eks-x509 sandbox`: its addresses, and each request. */
import type { OpenSandbox } from "../../../sandbox/open-sandbox.ts";
import type { WireEvent } from "../../../sandbox/wire.ts";
import { printable } from "../../../foundation/shown.ts";

export function banner({ env, clusters, isAdministered }: OpenSandbox): string {
  const [name = "", ...others] = clusters.map(({ clusterName }) => clusterName);
  const lines = [
    ...whereItIs(clusters),
    ...Object.entries(env).map(([variable, value]) => `  export ${variable}=${value}`),
    "  kubectl auth whoami",
    "  kubectl get ns",
    "  kubectl create ns test",
    ...(isAdministered ? [`  kubectl --context ${name}-admin create ns test`] : []),
    ...others.map((other) => `  kubectl --context ${other} get ns`),
    "Requests, as they arrive (Ctrl-C ends the sandbox):",
  ];
  return `${lines.join("\n")}\n`;
}

function whereItIs(clusters: OpenSandbox["clusters"]): string[] {
  const told = clusters.map(
    ({ clusterName, kubernetesEndpoint, kubernetes }) =>
      `cluster ${clusterName} at ${kubernetesEndpoint} (${kubernetes})`,
  );
  if (told.length === 1) return [`The sandbox is up: ${told.join()}. In another terminal:`];
  return ["The sandbox is up:", ...told.map((line) => `  ${line}`), "In another terminal:"];
}

export function eventLine({ hop, cluster, verdict, what, who, why }: WireEvent): string {
  const mark = verdict === "accepted" ? "✓" : "✗";
  const words = [mark, hop.padEnd(13), cluster && `${cluster}:`, what, who && `— ${who}`, why && `(${why})`];
  return `${printable(words.filter(Boolean).join(" "))}\n`;
}
