/**
 * Flags, environment, cluster extension and config file mean the same on a hit, on a session's hit and on a miss: random ones are run
 * through the whole program, with an empty keychain and with the one that this has filled, and what each has resolved is compared.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheOn } from "../../../src/cache/cache.ts";
import { parseFlags } from "../../../src/cli/settings/flags.ts";
import { optionEntries, type OptionName } from "../../../src/cli/settings/options.ts";
import { portsWith, sha256 } from "../../ports.ts";
import { EksX509Error } from "../../../src/foundation/errors.ts";
import { formatRecord } from "../../../src/exec/cluster-server.ts";
import { run } from "../../../src/main.ts";
import { MemoryKeychain } from "../../cache/memory-keychain.ts";
import { from, hour, intermediate, leaf, now, root } from "../../certificates.ts";
import { fromJson } from "../../json.ts";
import { keyFiles } from "../../key-files.ts";

const issuer = intermediate(root());
const alice = leaf(issuer, { name: "alice" });
const uuids = ["3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab", "9d6c3b5e-8a1f-4c2e-9b7d-0123456789ab"];
const rolesAnywhere = (kind: string) =>
  fc.constantFrom(...uuids).map((uuid) => `arn:aws:rolesanywhere:us-west-2:123456789012:${kind}/${uuid}`);

/** With a second role there are two calls, which test/sign-in/second-role.test.ts looks at. */
type OfSecondRole = "assume-role-arn" | "external-id" | "assume-role-session-name";

/** Right values, several of each, so that sources differ. */
const valueOf: Record<
  Exclude<OptionName, "config" | "cluster-servers" | "cache" | "verbose" | "exec-api-version" | OfSecondRole>,
  fc.Arbitrary<string>
> = {
  "cluster-name": fc.constantFrom("one", "two", "007", "1e3"),
  region: fc.constantFrom("us-west-2", "eu-central-1"),
  certificate: fc.constantFrom("/a.pem", "/b.pem", "~/c.pem"),
  "private-key": fc.constantFrom("/a.key", "/b.key"),
  intermediates: fc.constantFrom("/chain.pem", "/issuer.pem"),
  "trust-anchor-arn": rolesAnywhere("trust-anchor"),
  "profile-arn": rolesAnywhere("profile"),
  "role-arn": fc.constantFrom("one", "two").map((name) => `arn:aws:iam::123456789012:role/${name}`),
  "session-duration": fc.constantFrom("900", "3600", "43200"),
  "role-session-name": fc.constantFrom("alice", "a=b"),
  "password-file": fc.constantFrom("/a.pin", "~/b.pin"),
  askpass: fc.constantFrom("/usr/bin/ask", "ask"),
  "pkcs11-module": fc.constantFrom("/usr/lib/a.so", "/usr/lib/b.so"),
  endpoint: fc.constantFrom("https://one.example", "http://127.0.0.1:1"),
};
const options = optionEntries.filter(([name]) => name in valueOf);

interface Given {
  flags: string[];
  env: Record<string, string>;
  extension: Record<string, string>;
  file: Record<string, string>;
  /** What of it should count: flag, environment, extension, file. */
  expected: Partial<Record<OptionName, string>>;
}

type Source = "flag" | "own variable" | "extension" | "AWS variable" | "file";

const own = (variables: readonly string[]) => variables.filter((name) => name.startsWith("EKS_X509_"));
const ambient = (variables: readonly string[]) => variables.filter((name) => name.startsWith("AWS_"));

/** Each option from any of its sources, some from several. */
const given: fc.Arbitrary<Given> = fc
  .tuple(
    ...options.map(([name, { env, inFile, inExtension, required }]) => {
      const sources: Source[] = [
        "flag",
        ...(own(env).length > 0 ? (["own variable"] as const) : []),
        ...(inExtension ? (["extension"] as const) : []),
        ...(ambient(env).length > 0 ? (["AWS variable"] as const) : []),
        ...(inFile ? (["file"] as const) : []),
      ];
      const value = Object.entries(valueOf).find(([known]) => known === name)?.[1] ?? fc.constant("");
      return fc.subarray(sources, { minLength: required || name === "private-key" ? 1 : 0 }).chain((some) =>
        fc.record({
          name: fc.constant(name),
          values: fc.tuple(...some.map((source) => value.map((text) => ({ source, text })))),
          variables: fc.record({
            "own variable": fc.constantFrom(...own(env)),
            "AWS variable": fc.constantFrom(...(ambient(env).length > 0 ? ambient(env) : [""])),
          }),
          separate: fc.boolean(),
        }),
      );
    }),
  )
  .map((all) => {
    const result: Given = { flags: [], env: {}, extension: {}, file: {}, expected: {} };
    for (const { name, values, variables, separate } of all) {
      // Sources are in the order in which they count.
      if (values[0]) result.expected[name] = values[0].text;
      for (const { source, text } of values) {
        if (source === "flag") result.flags.push(...(separate ? [`--${name}`, text] : [`--${name}=${text}`]));
        else if (source === "own variable" || source === "AWS variable") result.env[variables[source]] = text;
        else result[source][name] = text;
      }
    }
    return result;
  });

const home = "/home/alice";
const identityFiles: Record<string, string> = {
  "/a.pem": alice.pem,
  "/b.pem": `${alice.pem}\n`,
  [`${home}/c.pem`]: `\n${alice.pem}`,
  "/a.key": alice.keyPem,
  "/b.key": `${alice.keyPem}\n`,
  "/chain.pem": issuer.pem,
  "/issuer.pem": `${issuer.pem}\n`,
};

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

async function runWith({ flags, env, extension, file }: Given, keychain: MemoryKeychain): Promise<Ran> {
  const ran: Omit<Ran, "code"> = { stdout: "", stderr: "", read: [], accounts: [], request: undefined };
  keychain.reads = [];
  const files = {
    ...identityFiles,
    [`${home}/.config/eks-x509/config.yaml`]: JSON.stringify(file),
    [`${home}/.config/eks-x509/cluster-servers`]: recorded,
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
        return { status: 201, headers: {}, body: session };
      }),
  });
  const code = await run(["get-token", ...flags], root);
  return { code, ...ran, accounts: keychain.reads };
}

const server = "https://127.0.0.1:18443";
const recorded = formatRecord(
  ["one", "two", "007", "1e3"].map((clusterName) => ({ clusterName, server, authorityHash: sha256("") })),
);

function execInfo(config: Record<string, string>): string {
  const apiVersion = "client.authentication.k8s.io/v1";
  return JSON.stringify({ apiVersion, kind: "ExecCredential", spec: { cluster: { server, config } } });
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

const session = JSON.stringify({
  credentialSet: [
    {
      credentials: {
        accessKeyId: "ASIAQNZGKIQY56JQ7WML",
        secretAccessKey: "secret",
        sessionToken: "token",
        expiration: from(hour).toISOString(),
      },
      assumedRoleUser: { arn: "arn:aws:sts::123456789012:assumed-role/one/1234" },
      sourceIdentity: "",
    },
  ],
});

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
