/** One sandbox, and clients in it. */
import { fileURLToPath } from "node:url";
import { run } from "./processes.js";

const inside = fileURLToPath(new URL("inside.js", import.meta.url));

/** @returns {Promise<object[]>} rows of the table: for each client one with each kubeconfig that it supports */
export async function inSandbox(clients, env) {
  const program = env["EKS_X509_PROGRAM"] || fileURLToPath(new URL("../../bin/eks-x509", import.meta.url));
  const args = ["sandbox", "--", process.execPath, inside, JSON.stringify(clients)];
  // A program that is named starts by itself, with or without Node.
  const command = env["EKS_X509_PROGRAM"] ? [program] : [process.execPath, program];
  const [file, ...before] = command;
  const { code, stdout, stderr } = await run(file, [...before, ...args], { env, timeout: 600_000 });
  const rows = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const place = ({ name }) => clients.findIndex((client) => client.name === name);
  rows.sort((a, b) => place(a) - place(b) || (a.form < b.form ? 1 : -1));
  if (code === 0) return rows;
  const side = env["KUBEBUILDER_ASSETS"] ? "kube-apiserver" : "embedded";
  return [
    ...rows,
    { name: "the sandbox", side, failed: `ended with ${code}: ${stderr.trim().slice(-1000)}` },
  ];
}
