/** What a sign-in of the tests works on, in memory: a clock, a keychain, the files of an identity, and notes of what happened. */
import { expect } from "vitest";
import { cacheOn, type Cache } from "../../src/cache/cache.ts";
import { Secrets } from "../../src/foundation/secrets.ts";
import type { SignIn } from "../../src/sign-in/ports.ts";
import { MemoryKeychain } from "../cache/memory-keychain.ts";
import { intermediate, keyPair, leaf, now, root } from "../certificates.ts";
import { keyFiles } from "../key-files.ts";
import { sha256 } from "../ports.ts";

export const issuer = intermediate(root());
export const alice = leaf(issuer, { name: "alice", keys: keyPair("p256", "alice") });
export const minute = 60_000;
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
export const rolesAnywhereArn = (kind: "trust-anchor" | "profile"): string =>
  `arn:aws:rolesanywhere:us-west-2:123456789012:${kind}/${uuid}`;

export class InMemory {
  keychain = new MemoryKeychain();
  time = now;
  files = new Map<string, string>();
  /** What happened, in order. */
  calls: string[] = [];
  logged: string[] = [];

  constructor() {
    this.begin();
  }

  /** As new, for the next test. */
  begin(): void {
    this.keychain = new MemoryKeychain();
    this.time = now;
    this.files = new Map([
      ["/alice.pem", alice.pem + issuer.pem],
      ["/alice.key", alice.keyPem],
    ]);
    this.calls = [];
    this.logged = [];
  }

  cache(): Cache {
    const log = (line: string): void => void this.logged.push(`cache: ${line}`);
    return cacheOn({ keychain: this.keychain, clock: () => this.time, log, sha256 });
  }

  /** @param onRead sees the path of each file that is read */
  ports(http: SignIn["http"], onRead: (path: string) => void = () => undefined): SignIn {
    return {
      clock: () => this.time,
      secrets: new Secrets(),
      log: (hop, line) => this.logged.push(`${hop}: ${line}`),
      ...keyFiles(
        (path) => {
          onRead(path);
          const text = this.files.get(path) ?? expect.fail(path);
          return Promise.resolve({ name: path, bytes: Buffer.from(text), mode: 0o600 });
        },
        (path) => Promise.resolve(`state of ${this.files.get(path) ?? ""}`),
      ),
      entries: {
        read: (account) => this.cache().read(account),
        write: (account, record) => this.cache().write(account, record),
      },
      singleFlight: () => Promise.resolve({ run: ({ work }) => work() }),
      http,
    };
  }
}
