import { from, hour } from "../certificates.ts";

/** CreateSession's answer: a session for an hour, with other fields where a test names them. */
export function sessionAnswer(changes: object = {}): string {
  const credentials = {
    accessKeyId: "ASIAQNZGKIQY56JQ7WML",
    secretAccessKey: "secret",
    sessionToken: "token",
    expiration: from(hour).toISOString(),
    ...changes,
  };
  const assumedRoleUser = { arn: "arn:aws:sts::123456789012:assumed-role/eks-read-only/1234" };
  return JSON.stringify({ credentialSet: [{ credentials, assumedRoleUser, sourceIdentity: "CN=alice" }] });
}
