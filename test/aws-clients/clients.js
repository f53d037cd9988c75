/**
 * The AWS CLI and SDKs. Each is a program that asks STS for its own identity, with the credentials that it finds as it always does, and
 * prints a line of JSON: its version and the ARN.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goClient, javaClient, pythonClient } from "../clients/clients.js";

const sourceOf = (...path) => fileURLToPath(new URL(path.join("/"), import.meta.url));

/** With the folder and the list of this file, whose changes have it made again. */
function client(name, declared) {
  return { name, sources: sourceOf(name), list: sourceOf("clients.js"), ...declared };
}

export const clients = [
  {
    name: "aws-cli",
    needs: [{ ask: ["aws", "--version"] }],
    command: () => ["sh", sourceOf("aws-cli.sh")],
  },
  client("boto3", pythonClient(sourceOf("boto3"))),
  client("javascript", {
    needs: [{ ask: ["node", "--version"] }],
    command: () => [process.execPath, sourceOf("javascript", "client.js")],
  }),
  client("go", goClient(sourceOf("go"))),
  client("java", {
    ...javaClient(sourceOf("java", "pom.xml")),
    // Java reads no PEM: the CA of the sandbox is put into a store of its own.
    command: (folder) => ["sh", sourceOf("java.sh"), join(folder, "classes"), join(folder, "jars")],
  }),
];
