/** --aws-auth FILE: read before anybody is asked, so that a wrong path is told at once. */
import type { ReadFile } from "../../foundation/files.ts";
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import type { ConfigMapRead, WalkRequest } from "../world.ts";

/** @throws EksX509Error FILE_…, AWS_AUTH_… */
export async function withAwsAuthRead<Request extends WalkRequest>(
  request: Request,
  { readFile }: { readFile: ReadFile },
): Promise<Request> {
  const { awsAuth } = request.mapping;
  if (awsAuth === undefined) return request;
  return { ...request, mapping: { ...request.mapping, awsAuthRead: await fromFile(awsAuth, readFile) } };
}

async function fromFile(path: string, readFile: ReadFile): Promise<ConfigMapRead> {
  const file = await readFile(path, { given: "--aws-auth", hop: "mapping", category: "usage" });
  const text = Buffer.from(file.bytes).toString("utf8");
  return { data: awsAuthIn({ name: path, text }), source: `${path} (--aws-auth)` };
}
