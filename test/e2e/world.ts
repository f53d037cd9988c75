/** Files and options for get-token that work, and a Roles Anywhere that grants every session: it looks at nothing. */
import { writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { day, from, intermediate, keyPair, leaf, root } from "../certificates.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";
import { folder } from "./program.ts";

const issuer = intermediate(root("E2E Root"));
export const alice = leaf(issuer, { name: "alice", keys: keyPair("rsa-2048", "alice") });
export const mallory = leaf(issuer, { name: "mallory", keys: keyPair("p256", "mallory") });
export const expired = leaf(issuer, { notAfter: from(-day / 2), keys: alice.keys });
export const tomorrow = leaf(issuer, { notBefore: from(day), keys: alice.keys });
export const authority = leaf(issuer, { ca: true, keys: alice.keys });

/** Writes a file into the test's folder; answers its path. */
export function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
}

const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
export const options = {
  "cluster-name": "demo",
  certificate: file("alice.pem", alice.pem),
  "private-key": file("alice.key", alice.keyPem),
  intermediates: file("chain.pem", issuer.pem),
  "trust-anchor-arn": `arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
  "profile-arn": `arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`,
  "role-arn": "arn:aws:iam::123456789012:role/eks-read-only",
  // Port 1 refuses: a program that reaches the network without its own endpoint is noticed.
  endpoint: "http://127.0.0.1:1",
};

export function getToken(changes: Readonly<Record<string, string | undefined>> = {}): string[] {
  const flags = Object.entries<string | undefined>({ ...options, ...changes });
  return [
    "get-token",
    ...flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
  ];
}

export const secrets = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEsessionTOKEN",
};

export function sessionBody(changes: object = {}): string {
  return sessionAnswer({ ...secrets, ...changes });
}

export const granting: RequestListener = (_request, response) => {
  response.writeHead(201, { "content-type": "application/json" }).end(sessionBody());
};
