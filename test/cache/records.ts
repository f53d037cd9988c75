/** Entries for tests, with secrets that are easy to search for. */
import * as record from "../../src/cache/record.ts";
import type { CacheRecord, SessionRecord, TokenRecord } from "../../src/cache/record.ts";
import { sha256 } from "../ports.ts";
import { from, hour, now } from "../certificates.ts";

export const minute = 60_000;

export const secrets = {
  accessKeyId: "ASIASECRETSECRETSECR",
  secretAccessKey: "SECRET/secret+access+key",
  sessionToken: "SECRET/session//token==",
  token: "k8s-aws-v1.SECRET",
};

const label = {
  subject: "O=Example Corp, CN=alice",
  roleArn: "arn:aws:iam::123456789012:role/eks-read-only",
  clusterName: "demo",
  region: "us-west-2",
};

export function tokenRecord(changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    kind: "token",
    token: secrets.token,
    createdAt: now,
    expiration: from(14 * minute),
    label,
    ...changes,
  };
}

export function sessionRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const expiration = changes.expiration ?? from(hour);
  const { accessKeyId, secretAccessKey, sessionToken } = secrets;
  return {
    kind: "session",
    session: {
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      expiration,
      assumedRoleArn: "arn:aws:sts::123456789012:assumed-role/eks-read-only/1234",
      sourceIdentity: "CN=alice",
    },
    createdAt: now,
    expiration,
    label: { ...label, clusterName: "" },
    ...changes,
  };
}

export const accounts = { token: `token/${"a".repeat(64)}`, session: `session/${"b".repeat(64)}` };

export function writeRecord(account: string, content: CacheRecord): string {
  return record.writeRecord(account, content, sha256);
}

export function readRecord(account: string, text: string): CacheRecord | undefined {
  return record.readRecord(account, text, sha256);
}
