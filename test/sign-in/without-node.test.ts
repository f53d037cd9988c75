/** A cache hit in a JavaScript engine that has neither Node nor a browser: ECMAScript, URL, TextDecoder and the ports. */
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hit } from "../../scripts/import-graph.js";
import { cacheOn } from "../../src/cache/cache.ts";
import type * as Cache from "../../src/cache/cache.ts";
import { notesIn } from "../../src/cache/refusals/ledger-files.ts";
import type * as LedgerModule from "../../src/cache/refusals/ledger.ts";
import type * as Command from "../../src/cli/commands/get-token/run.ts";
import type * as Flags from "../../src/cli/settings/flags.ts";
import { run } from "../../src/main.ts";
import { MemoryKeychain } from "../cache/memory-keychain.ts";
import { intermediate, leaf, now, root } from "../certificates.ts";
import { keyFiles } from "../key-files.ts";
import { portsWith, sha256, type Given } from "../ports.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";

type Hit = typeof Cache & typeof LedgerModule & typeof Command & typeof Flags;

let folder: string;
let code: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "eks-x509-without-node-"));
  const source = join(import.meta.dirname, "..", "..", "src");
  const entry = join(folder, "entry.ts");
  writeFileSync(entry, hit.map((file) => `export * from ${JSON.stringify(join(source, file))};\n`).join(""));
  const build = await rolldown({
    input: entry,
    platform: "neutral",
    // A miss; it is not run here.
    external: [/sign-in\/(miss|refused-token)\.ts$/],
    resolve: {
      mainFields: ["module", "main"],
      alias: { "js-yaml": join(source, "..", "node_modules", "js-yaml") },
    },
  });
  await build.write({ file: join(folder, "hit.js"), format: "iife", name: "hit", codeSplitting: false });
  code = readFileSync(join(folder, "hit.js"), "utf8");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const issuer = intermediate(root());
const alice = leaf(issuer);
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const files: Readonly<Record<string, string>> = {
  "/home/alice/.config/eks-x509/config.yaml": `role-arn: arn:aws:iam::123456789012:role/eks-read-only
profile-arn: arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}
private-key: ../../alice.key\n`,
  "/alice.pem": alice.pem + issuer.pem,
  "/home/alice/alice.key": alice.keyPem,
};
const args = [
  "--certificate=/alice.pem",
  "--trust-anchor-arn",
  `arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
  "--endpoint=https://rolesanywhere.example.com",
];

function given(keychain: MemoryKeychain, output: string[]): Given {
  return {
    env: {
      HOME: "/home/alice",
      KUBERNETES_EXEC_INFO: JSON.stringify({
        apiVersion: "client.authentication.k8s.io/v1",
        kind: "ExecCredential",
        spec: {
          cluster: {
            server: "https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
            config: { "cluster-name": "demo", region: "eu-central-1" },
          },
        },
      }),
    },
    readOptional: (path) =>
      Promise.resolve(
        files[path] === undefined
          ? "does not exist"
          : { name: path, bytes: Buffer.from(files[path]), mode: 0o600 },
      ),
    clock: () => now,
    stdout: (text) => Promise.resolve(void output.push(text)),
    ...keyFiles((path) => {
      const text = files[path];
      return text === undefined
        ? expect.fail(path)
        : Promise.resolve({ name: path, bytes: Buffer.from(text), mode: 0o600 });
    }),
    cache: { entries: (_mode, log) => cacheOn({ keychain, clock: () => now, log, sha256 }) },
    http: () => Promise.resolve(() => Promise.resolve({ status: 201, headers: {}, body: sessionAnswer() })),
  };
}

it("a hit gives the token that Node stored, and notes to whom", async () => {
  const keychain = new MemoryKeychain();
  const stored: string[] = [];
  expect(await run(["get-token", ...args], portsWith(given(keychain, stored)))).toBe(0);

  const engine = createContext({ URL, TextDecoder }, { codeGeneration: { strings: false, wasm: false } });
  const known: unknown = runInContext(
    "Object.keys(globalThis).concat(typeof process, typeof Buffer)",
    engine,
  );
  expect(known).toEqual(["URL", "TextDecoder", "undefined", "undefined"]);
  const {
    runGetToken,
    parseFlags,
    cacheOn: entriesOn,
    ledgerOn,
  } = loaded(runInContext(`${code};hit`, engine));

  const printed: string[] = [];
  const noted: string[] = [];
  const client = { notes: notesIn(folder), client: "1-2-3", sha256, log: (line: string) => noted.push(line) };
  const ledger = ledgerOn(client);
  const ports = portsWith({
    ...given(keychain, printed),
    http: () => expect.fail("no network is wanted"),
    cache: {
      entries: (_mode, log) => ({
        ...entriesOn({ keychain, clock: () => now, log, sha256 }),
        ledger: () => ledger,
      }),
    },
  });
  await runGetToken(parseFlags(args), ports);
  expect(printed).toEqual(stored);
  expect(noted).toEqual([]);
  expect(ledger.claim("x", 1, now)).toBe(true);
});

/** The bundle's exports are those of the files that it is made of. */
function loaded(value: unknown): Hit {
  if (!isHit(value)) expect.fail("the bundle has other exports");
  return value;
}

function isHit(value: unknown): value is Hit {
  return typeof value === "object" && value !== null && "runGetToken" in value && "ledgerOn" in value;
}
