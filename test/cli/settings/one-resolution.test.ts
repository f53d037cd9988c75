/**
 * Flags, environment, cluster extension and config file mean the same on a hit, on a session's hit and on a miss: random ones are run
 * through the whole program, with an empty keychain and with the one that this has filled, and what each has resolved is compared.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheOn } from "../../../src/cache/cache.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { parseFlags } from "../../../src/cli/settings/flags.ts";
import { optionEntries } from "../../../src/cli/settings/options.ts";
import { portsWith, sha256 } from "../../ports.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { run } from "../../../src/main.ts";
import { MemoryKeychain } from "../../cache/memory-keychain.ts";
import { now } from "../../certificates.ts";
import { fromJson } from "../../json.ts";
import { keyFiles } from "../../key-files.ts";
import { sessionAnswer } from "../../rolesanywhere/session-answer.ts";
import { execInfo, filesIn, givenIn, withoutExtension, type Given } from "./given-options.ts";

const given = givenIn("");
const home = "/home/alice";

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  read: string[];
  /** The entries that were looked for. */
  accounts: string[];
  /** CreateSession. */
  request: { url: string; body: string } | undefined;
}

async function runWith(
  { flags, env, extension, file }: Given,
  keychain: MemoryKeychain,
  command = "get-token",
  entry: typeof runProgram = run,
): Promise<Ran> {
  const ran: Omit<Ran, "code"> = { stdout: "", stderr: "", read: [], accounts: [], request: undefined };
  keychain.reads = [];
  const files = {
    ...filesIn("", home),
    [`${home}/.config/eks-x509/config.yaml`]: JSON.stringify(file),
  };
  const root = portsWith({
    clock: () => now,
    env: { ...env, HOME: home, KUBERNETES_EXEC_INFO: execInfo(extension) },
    stdout: (text) => Promise.resolve(void (ran.stdout += text)),
    stderr: (text) => Promise.resolve(void (ran.stderr += text)),
    ...keyFiles((path) => {
      ran.read.push(path);
      const text = Object.entries(files).find(([name]) => name === path)?.[1];
      return text === undefined
        ? Promise.reject(missing(path))
        : Promise.resolve({ name: path, bytes: Buffer.from(text), mode: 0o600 });
    }),
    cache: { entries: (_mode, log) => cacheOn({ keychain, clock: () => now, log, sha256 }) },
    http: () =>
      Promise.resolve(async ({ request }) => {
        const { url, body } = await request();
        ran.request = { url: url.href, body };
        return { status: 201, headers: {}, body: sessionAnswer() };
      }),
  });
  const code = await entry([command, ...flags], root);
  return { code, ...ran, accounts: keychain.reads };
}

function missing(path: string): EksX509Error {
  return new EksX509Error({
    category: "usage",
    hop: "configuration",
    code: "FILE_MISSING",
    message: path,
    hint: "",
  });
}

describe("whatever is given in flags, environment, extension and config file,", () => {
  it("a hit resolves to what the miss did: the same files, the same entry, the same token", async () => {
    await fc.assert(
      fc.asyncProperty(given, async (options) => {
        const keychain = new MemoryKeychain();
        const miss = await runWith(options, keychain);
        const hit = await runWith(options, keychain);
        expect({ code: miss.code, stderr: miss.stderr }).toEqual({ code: 0, stderr: "" });
        expect(miss.request).toBeDefined();
        expect({ ...hit, accounts: hit.accounts[0] }).toEqual({
          ...miss,
          accounts: miss.accounts[0],
          request: undefined,
          // A miss reads the key as well.
          read: miss.read.filter((path) => !path.endsWith(".key")),
        });
        expect(hit.accounts).toHaveLength(1);
      }),
    );
  });

  it("a session's hit does, too", async () => {
    await fc.assert(
      fc.asyncProperty(given, async (options) => {
        const keychain = new MemoryKeychain();
        const miss = await runWith(options, keychain);
        for (const name of [...keychain.entries.keys()])
          if (name.includes(" token/")) keychain.entries.delete(name);
        const hit = await runWith(options, keychain);
        expect(hit.request).toBeUndefined();
        expect(hit.stdout).toBe(miss.stdout);
        expect(hit.accounts).toEqual(miss.accounts.slice(0, 2));
      }),
      { numRuns: 50 },
    );
  });

  it("credential-process does, too, and looks for the session once, and once more before it makes one", async () => {
    await fc.assert(
      fc.asyncProperty(given.map(withoutExtension), async (options) => {
        const keychain = new MemoryKeychain();
        const printed = () => runWith(options, keychain, "credential-process");
        const [miss, hit] = [await printed(), await printed()];
        expect({ code: miss.code, stderr: miss.stderr }).toEqual({ code: 0, stderr: "" });
        const [session = ""] = miss.accounts;
        expect(miss.accounts).toEqual([session, session]);
        expect(hit).toEqual({
          ...miss,
          accounts: [session],
          request: undefined,
          read: miss.read.filter((path) => !path.endsWith(".key")),
        });
        const token = await runWith(options, keychain);
        expect(token.request).toBeUndefined();
        expect(token.accounts[1]).toBe(session);
      }),
      { numRuns: 50 },
    );
  });

  it("credential-process prints the same when yargs parses its flags", async () => {
    await fc.assert(
      fc.asyncProperty(given.map(withoutExtension), async (options) => {
        const flags = Object.entries(options.expected)
          .filter(([name]) => name !== "cluster-name")
          .map(([name, value]) => `--${name}=${value}`);
        const keychain = new MemoryKeychain();
        const quick = await runWith({ ...options, flags }, keychain, "credential-process");
        const slow = await runWith({ ...options, flags }, keychain, "credential-process", runProgram);
        expect({ ...slow, request: quick.request, accounts: quick.accounts, read: quick.read }).toEqual(
          quick,
        );
      }),
      { numRuns: 25 },
    );
  });

  it("the first of flag, environment, extension and file counts", async () => {
    await fc.assert(
      fc.asyncProperty(given, async (options) => {
        const { stdout, request, read } = await runWith(options, new MemoryKeychain());
        const { expected } = options;
        const url = new URL(request?.url ?? "");
        expect(Object.fromEntries(url.searchParams)).toEqual({
          profileArn: expected["profile-arn"],
          roleArn: expected["role-arn"],
          trustAnchorArn: expected["trust-anchor-arn"],
        });
        expect(url.origin).toBe(expected.endpoint ?? "https://rolesanywhere.us-west-2.amazonaws.com");
        expect(fromJson(request?.body ?? "")).toEqual({
          durationSeconds: Number(expected["session-duration"] ?? 3600),
          ...(expected["role-session-name"] && { roleSessionName: expected["role-session-name"] }),
        });
        const { status } = fromJson<{ status: { token: string } }>(stdout);
        const token = Buffer.from(status.token.slice("k8s-aws-v1.".length), "base64url").toString();
        expect(new URL(token).host).toBe(`sts.${expected.region ?? "us-west-2"}.amazonaws.com`);
        expect(read).toContain(expected.certificate?.replace("~", home));
      }),
    );
  });

  it("other input is another entry, and the same input in other words the same", async () => {
    await fc.assert(
      fc.asyncProperty(given, given, async (one, other) => {
        const [first, second] = [
          await runWith(one, new MemoryKeychain()),
          await runWith(other, new MemoryKeychain()),
        ];
        const resolved = ({ expected }: Given) => ({
          ...expected,
          region: expected.region ?? "us-west-2",
          "session-duration": expected["session-duration"] ?? "3600",
        });
        const sorted = (options: Given) => Object.entries(resolved(options)).sort();
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(first.accounts[0] === second.accounts[0]).toBe(same);
        // All of it by flags.
        const flags = Object.entries(one.expected).map(([name, value]) => `--${name}=${value}`);
        const third = await runWith(
          { ...one, flags, env: {}, extension: {}, file: {} },
          new MemoryKeychain(),
        );
        expect(third.accounts[0]).toBe(first.accounts[0]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("get-token's flags, as --help shows them and as they are parsed,", () => {
  const root = (say: (text: string) => void) =>
    portsWith({
      stdout: (text) => {
        say(text);
        return Promise.resolve();
      },
    });

  it("are those of the one table, with their types and their variables", async () => {
    let help = "";
    expect(
      await run(
        ["get-token", "--help"],
        root((text) => (help += text)),
      ),
    ).toBe(0);
    const shown = [...help.matchAll(/--([a-z0-9-]+) +(\S[^]*?)\[(string|boolean)\]/g)].map(
      ([, name, text = "", type]) => ({
        name,
        type,
        env: [...text.matchAll(/[A-Z][A-Z0-9]+_[A-Z0-9_]+/g)].map(([variable]) => variable),
      }),
    );
    const declared = optionEntries.map(([name, { type, env }]) => ({ name, type, env: [...env] }));
    const byName = (one: { name: string | undefined }, other: { name: string | undefined }) =>
      (one.name ?? "").localeCompare(other.name ?? "");
    const own = shown.filter(({ name }) => name !== "help" && name !== "version");
    expect(own.sort(byName)).toEqual(declared.sort(byName));
    for (const { name, type } of own)
      expect(parseFlags(type === "string" ? [`--${name ?? ""}`, "x"] : [`--${name ?? ""}`]).size).toBe(1);
  });
});
