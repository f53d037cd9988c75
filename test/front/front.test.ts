/** The front as a process: what it answers is what Node answers, and everything else reaches the full program unchanged. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keychainService } from "../../src/cache/cache.ts";
import { writeRecord } from "../../src/cache/record.ts";
import { dependencies } from "../../src/dependencies.ts";
import type { Environment } from "../../src/foundation/ports.ts";
import { printable, unsafeCharacters } from "../../src/foundation/shown.ts";
import { run } from "../../src/main.ts";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { execInfo, filesIn, givenIn, withoutExtension, type Given } from "../cli/settings/given-options.ts";
import { fromJson } from "../json.ts";
import { sha256 } from "../ports.ts";
import { sessionAnswer } from "../rolesanywhere/session-answer.ts";
import { isThorough } from "../thorough.ts";
import { Front, noFront } from "./front.ts";

const missing = noFront() ?? noKernelKeyring();

const folder = mkdtempSync(join(tmpdir(), "eks-x509-front-test-"));
const home = join(folder, "home");
const config = join(home, ".config", "eks-x509");
mkdirSync(config, { recursive: true });
for (const [path, text] of Object.entries(filesIn(folder, home))) writeFileSync(path, text, { mode: 0o600 });

/** Every character that messages do not contain, each between two letters, in names that are short enough for a file system. */
function unsafeNames(): string[] {
  const unsafe = new RegExp(`[${unsafeCharacters}]`, "u");
  const points = Array.from({ length: 0x110000 }, (_, point) => point).filter(
    (point) => point > 0 && (point < 0xd800 || point > 0xdfff),
  );
  const found = points
    .map((point) => String.fromCodePoint(point))
    .filter((character) => unsafe.test(character));
  const size = 40;
  const count = Math.ceil(found.length / size);
  return Array.from({ length: count }, (_, at) => `a${found.slice(at * size, (at + 1) * size).join("b")}c`);
}

/** A run of the same source on Node, in this process, with the kernel's keyring; Roles Anywhere grants every session. */
async function onNode(args: readonly string[], env: Environment) {
  const ran = { stdout: "", stderr: "", accounts: new Set<string>(), calls: 0 };
  const ports = dependencies(env);
  const code = await run(args, {
    ...ports,
    streams: {
      ...ports.streams,
      stdout: (text) => Promise.resolve(void (ran.stdout += text)),
      stderr: (text) => Promise.resolve(void (ran.stderr += text)),
    },
    cache: {
      ...ports.cache,
      entries: (mode, log) => {
        const entries = ports.cache.entries(mode, log);
        const read: typeof entries.read = (account) => entries.read((ran.accounts.add(account), account));
        return { ...entries, read };
      },
    },
    http: () => {
      ran.calls += 1;
      return Promise.resolve(() => Promise.resolve({ status: 201, headers: {}, body: sessionAnswer() }));
    },
  });
  const forget = async () => {
    const keychain = ports.cache.keychain("keyutils", () => undefined);
    for (const account of ran.accounts) await keychain.deletePassword(keychainService, account);
  };
  return { code, ...ran, forget };
}

/** Each has locks and notes of its own. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  const runtime = mkdtempSync(join(folder, "run-"));
  return { HOME: home, XDG_RUNTIME_DIR: runtime, EKS_X509_CACHE: "keyutils", ...more };
}

function callOf({ flags, env, extension, file }: Given, command = "get-token") {
  writeFileSync(join(config, "config.yaml"), JSON.stringify(file), { mode: 0o600 });
  const all = environment({ ...env, KUBERNETES_EXEC_INFO: execInfo(extension) });
  return { args: [command, ...flags], env: all };
}

const minute = 60_000;
const uuid = "3b5e9d6c-8a1f-4c2e-9b7d-0123456789ab";
const usual = [
  "get-token",
  "--cluster-name=demo",
  `--certificate=${join(folder, "a.pem")}`,
  `--private-key=${join(folder, "a.key")}`,
  `--trust-anchor-arn=arn:aws:rolesanywhere:us-west-2:123456789012:trust-anchor/${uuid}`,
  `--profile-arn=arn:aws:rolesanywhere:us-west-2:123456789012:profile/${uuid}`,
  "--role-arn=arn:aws:iam::123456789012:role/one",
];

describe.skipIf(missing)(named("the front", missing), () => {
  let front: Front;

  beforeAll(() => {
    front = new Front();
  }, 600_000);
  afterAll(() => {
    front.remove();
    rmSync(folder, { recursive: true });
  });

  /** With a token and a session in the cache. */
  async function warm(env: Record<string, string>, args = usual) {
    rmSync(join(config, "config.yaml"), { force: true });
    const ran = await onNode(args, env);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
    return ran;
  }

  const other = "--cluster-name=other";
  const accessKey = (stdout: string) => {
    const { status } = fromJson<{ status: { token: string } }>(stdout);
    const url = Buffer.from(status.token.slice("k8s-aws-v1.".length), "base64url").toString();
    return new URL(url).searchParams.get("X-Amz-Credential")?.split("/")[0];
  };

  it("answers any hit as Node does, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(givenIn(folder), async (given) => {
        const { args, env } = callOf(given);
        const { code, stdout, stderr, forget } = await onNode(args, env);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(await front.run(args, { env })).toEqual({
          code: 0,
          stdout,
          stderr: "",
          handedOver: undefined,
        });
        await forget();
      }),
      { numRuns: isThorough ? 300 : 25 },
    );
  });

  const text = fc.string({
    unit: fc.oneof(fc.constantFrom("/", "+", '"', "\\"), fc.string({ unit: "binary" })),
  });
  /** The first third of such a life, the last minutes of it, and what is over. */
  const age = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 60 }));
  const keptSession = fc
    .record({ minutes: fc.integer({ min: 5, max: 20 }).map((third) => 3 * third), age, text })
    .map(({ minutes, age, text }) => {
      // Between two whole minutes, so that the next second changes nothing.
      const createdAt = new Date(Date.now() - age * minute - minute / 2);
      const expiration = new Date(createdAt.getTime() + minutes * minute);
      const credentials = { accessKeyId: "ASIAKEPT", secretAccessKey: text, sessionToken: `token ${text}` };
      const session = { credentials, expiration, assumedRoleArn: text, sourceIdentity: text };
      const label = { subject: text, roleArn: text, clusterName: "", region: "" };
      return { kind: "session" as const, createdAt, expiration, session, label };
    });
  const second = fc.constantFrom([], ["--assume-role-arn=arn:aws:iam::444455556666:role/eks-deploy"]);

  it("answers credential-process byte for byte as Node does if the session in the cache is good enough", async () => {
    const outcomes = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(
        givenIn(folder).map(withoutExtension),
        second,
        keptSession,
        async (given, more, kept) => {
          const { args, env } = callOf({ ...given, flags: [...given.flags, ...more] }, "credential-process");
          const [account = ""] = (await onNode(args, env)).accounts;
          const keychain = dependencies(env).cache.keychain("keyutils", () => undefined);
          await keychain.setPassword(keychainService, account, writeRecord(account, kept, sha256));
          const answer = await front.run(args, { env });
          const { calls, stdout, forget } = await onNode(args, env);
          if (calls > 0) expect(answer).toMatchObject({ code: 77, handedOver: args });
          else expect(answer).toEqual({ code: 0, stdout, stderr: "", handedOver: undefined });
          if (calls === 0) expect(stdout).toContain("ASIAKEPT");
          outcomes.add(calls > 0);
          await forget();
        },
      ),
      { numRuns: isThorough ? 300 : 40 },
    );
    expect(outcomes.size).toBe(2);
  });

  it("answers a session's hit as Node does: the same token in the same second", async () => {
    const env = environment();
    const { forget } = await warm(env);
    const answer = await front.run([...usual, other], { env });
    expect(answer).toMatchObject({ code: 0, stderr: "", handedOver: undefined });
    const again = await onNode([...usual, other], env);
    expect(again).toMatchObject({ code: 0, stdout: answer.stdout });
    expect(accessKey(answer.stdout)).toBe("ASIAQNZGKIQY56JQ7WML");
    await forget();
    await again.forget();
  });

  it("hands over whatever Node refuses, and whatever it logs, with the same words", async () => {
    const word = fc.oneof(
      fc.string().filter((text) => !text.includes("\0")),
      fc.constantFrom(
        "--",
        "-",
        "--=",
        "--region=",
        "--verbose",
        "--no-such",
        "--region",
        "--cache=auto",
        "x",
        ...[
          "--with-proxy",
          "--reuse-pin=true",
          "--debug",
          "--pkcs11-lib=/a.so",
          "--no-verify-ssl",
          "--pin=1",
        ],
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        givenIn(folder),
        fc.array(word, { minLength: 1, maxLength: 2 }),
        fc.constantFrom("get-token", "credential-process"),
        async (given, words, command) => {
          const { args: flags, env } = callOf(given, command);
          const args = [...flags, ...words];
          const { code, stdout, stderr, forget } = await onNode(args, env);
          const answer = await front.run(args, { env });
          if (code === 0 && stderr === "")
            expect(answer).toMatchObject({ code, stdout, handedOver: undefined });
          else expect(answer).toMatchObject({ code: 77, handedOver: args });
          await forget();
        },
      ),
      { numRuns: isThorough ? 300 : 40 },
    );
  });

  it.each([
    [[]],
    [["--help"]],
    [["get-token", "--help"]],
    [["credential-process", "--help"]],
    [["version", "-o", "json"]],
    [["token", "debug"]],
    [["get-token", "", "a b", "'\"$x\n"]],
  ])("hands over %j", async (args) => {
    expect(await front.run(args, { env: environment() })).toMatchObject({ code: 77, handedOver: args });
  });

  it.each(["get-token", "credential-process"])("hands over a miss of %s", async (command) => {
    const env = environment();
    const { forget } = await warm(env);
    const args = [command, ...usual.slice(1), "--session-duration=901"];
    expect(await front.run(args, { env })).toMatchObject({ code: 77, handedOver: args });
    await forget();
  });

  it("answers credential-process with the session that get-token has made", async () => {
    const env = environment();
    const { forget } = await warm(env);
    const { stdout, ...answer } = await front.run(["credential-process", ...usual.slice(1)], { env });
    expect(answer).toEqual({ code: 0, stderr: "", handedOver: undefined });
    expect(fromJson(stdout)).toMatchObject({ Version: 1, AccessKeyId: "ASIAQNZGKIQY56JQ7WML" });
    await forget();
  });

  it("a client that asks again gets a token signed again, and then the same one", async () => {
    const env = environment();
    const { stdout, forget } = await warm(env);
    const answers: string[] = [];
    for (let ask = 0; ask < 4; ask++) {
      const answer = await front.run(usual, { env });
      expect(answer).toMatchObject({ code: 0, handedOver: undefined });
      answers.push(answer.stdout);
    }
    expect(answers[0]).toBe(stdout);
    expect(answers[1]).not.toBe(stdout);
    expect(answers[2]).toBe(answers[1]);
    expect(answers[3]).toBe(answers[1]);
    await forget();
  });

  it("a claim of a new session is left to the full program, which makes the session", async () => {
    const env = environment();
    const { accounts, forget } = await warm(env);
    expect(await front.run(usual, { env })).toMatchObject({ code: 0 });
    const keychain = dependencies(env).cache.keychain("keyutils", () => undefined);
    for (const account of accounts)
      if (account.startsWith("session/")) await keychain.deletePassword(keychainService, account);
    expect(await front.run(usual, { env })).toMatchObject({ code: 77, handedOver: usual });
    const notes = readdirSync(join(env["XDG_RUNTIME_DIR"] ?? "", "eks-x509"));
    expect(notes.filter((name) => name.startsWith("claim-"))).toEqual([]);
    await forget();
  });

  it("leaves a pipe's content to the full program", async () => {
    const env = environment();
    const { forget } = await warm(env);
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    for (const path of [pipe, "/dev/stdin"]) {
      const args = [...usual, `--certificate=${path}`];
      const answer = await front.run(args, { env, stdio: ["pipe", "pipe", "pipe"] });
      expect(answer).toMatchObject({ code: 77, handedOver: args });
    }
    await forget();
  });

  it("an answer that cannot be written is the full program's to report", async () => {
    const env = environment();
    const { forget } = await warm(env);
    const full = openSync("/dev/full", "w");
    expect(await front.run(usual, { env, stdio: ["ignore", full, "pipe"] })).toMatchObject({ code: 77 });
    closeSync(full);
    await forget();
  });

  it("follows links of its user, and reads a certificate in a folder that changes its target", async () => {
    const env = environment();
    const { stdout, forget } = await warm(env);
    symlinkSync("a.pem", join(folder, "link.pem"));
    const args = [...usual, `--certificate=${join(folder, "link.pem")}`];
    expect(await front.run(args, { env })).toMatchObject({ code: 0, stdout, handedOver: undefined });
    await forget();
  });

  describe("is deaf:", () => {
    it("no variable, working folder or name changes what runs", async () => {
      const planted = mkdtempSync(join(folder, "planted-"));
      const cwd = join(planted, "cwd");
      mkdirSync(join(cwd, "libexec"), { recursive: true });
      writeFileSync(join(cwd, "libexec", "eks-x509"), "#!/bin/sh\necho planted\n", { mode: 0o755 });
      writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./planted.js"]\n');
      writeFileSync(join(cwd, ".env"), "EKS_X509_CACHE=none\nBUN_OPTIONS=--print=1\n");
      const variables = {
        PATH: `${cwd}/libexec:${cwd}`,
        BUN_BE_BUN: "1",
        BUN_OPTIONS: "--print=1",
        BUN_INSPECT: "ws://127.0.0.1:1/",
        NODE_OPTIONS: "--require=/nonexistent.js",
        NODE_PATH: cwd,
        NODE_ENV: "a\nb",
        NODE_UNIQUE_ID: "1",
        MIMALLOC_VERBOSE: "1",
        RUST_BACKTRACE: "full",
        RUST_MIN_STACK: "1",
      };
      const env = { ...environment(), ...variables };
      const { stdout, forget } = await warm(env);
      const call = { env, cwd, argv0: join(cwd, "eks-x509") };
      expect(await front.run(usual, call)).toEqual({ code: 0, stdout, stderr: "", handedOver: undefined });
      const answer = await front.run(["version"], call);
      expect(answer).toMatchObject({ code: 77, handedOver: ["version"] });
      const left = answer.stderr.split("\n").map((line) => line.split("=")[0]);
      expect(left).toEqual(expect.arrayContaining(["HOME", "XDG_RUNTIME_DIR", "PATH"]));
      expect(left.filter((name) => /^(BUN_|NODE_|MIMALLOC_)/.test(name ?? ""))).toEqual([]);
      await forget();
    });

    it.skipIf(process.geteuid?.() !== 0)("a set-user-ID bit gives no rights", async () => {
      const [user, status] = ["65534", "/proc/self/status"];
      rmSync(front.full);
      copyFileSync("/bin/cat", front.full);
      chmodSync(front.folder, 0o755);
      chmodSync(front.program, 0o6755);
      const args = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", front.program, status];
      const { stdout } = await front.run(args, { env: {} }, "/usr/bin/setpriv");
      expect(stdout).toContain(`Uid:\t${[user, user, user, user].join("\t")}\n`);
      expect(stdout).toContain(`Gid:\t${[user, user, user, user].join("\t")}\n`);
      chmodSync(front.program, 0o755);
      front.restore();
    });

    it("the engine compiles nothing for the commands of clients, and only for them", async () => {
      const env = { BUN_JSC_useJIT: "1" };
      const engine = async (args: readonly string[]) =>
        (await front.run(args, { env })).stderr.split("\n").filter((line) => line.startsWith("BUN_"));
      for (const command of ["get-token", "credential-process"])
        expect(await engine([command, "--unknown"])).toEqual(["BUN_JSC_useJIT=0"]);
      expect(await engine(["serve"])).toEqual([]);
      expect(await engine([])).toEqual([]);
    });

    it("NODE_EXTRA_CA_CERTS reaches the full program", async () => {
      const { stderr } = await front.run(["version"], { env: { NODE_EXTRA_CA_CERTS: "/ca.pem" } });
      expect(stderr.split("\n")).toContain("NODE_EXTRA_CA_CERTS=/ca.pem");
    });

    it("a usual NODE_ENV reaches the full program, for the commands that it starts", async () => {
      const { stderr } = await front.run(["version"], { env: { NODE_ENV: "production" } });
      expect(stderr.split("\n")).toContain("NODE_ENV=production");
    });

    it("it finds the full program beside its own file, whatever link it is called by", async () => {
      const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
      const link = join(elsewhere, "kubectl-eks_x509");
      symlinkSync(front.program, link);
      expect(await front.run(["version"], { env: {} }, link)).toMatchObject({ code: 77 });
    });

    it.each([
      [
        "the folder is writable for all",
        (one: Front) => {
          chmodSync(one.libexec, 0o777);
        },
      ],
      [
        "the program is writable for all",
        (one: Front) => {
          chmodSync(one.full, 0o757);
        },
      ],
      [
        "the folder is missing",
        (one: Front) => {
          rmSync(one.libexec, { recursive: true });
        },
      ],
      [
        "the program is a link",
        (one: Front) => {
          rmSync(one.full);
          symlinkSync("/bin/true", one.full);
        },
      ],
      [
        "the program is empty",
        (one: Front) => {
          writeFileSync(one.full, "");
        },
      ],
      [
        "the system cannot run the program, which a shell could",
        (one: Front) => {
          writeFileSync(one.full, "echo planted\n");
        },
      ],
    ])("it starts no program if %s", async (_, change) => {
      change(front);
      const { code, stdout, stderr } = await front.run(["version"], { env: {} });
      front.restore();
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^eks-x509: configuration: [^\n]+ \(PROGRAM_INCOMPLETE\)\n {2}[^\n]+\n$/);
    });
  });

  it.each([
    ["glibc", "/none/ld-linux.so.2"],
    ["musl", "/none/ld-musl-x86.so.1"],
  ])("names the C library of the archive if the system does not have it: %s", async (name, loader) => {
    const elf = readFileSync("/bin/true");
    elf.write(`${loader}\0`, elf.indexOf(/\/lib\w*\/ld-[\w.-]+\0/.exec(elf.toString("latin1"))?.[0] ?? ""));
    writeFileSync(front.full, elf);
    const { code, stderr } = await front.run(["version"], { env: {} });
    front.restore();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `does not start: .*\\n {2}Install eks-x509 again, from the archive for this system: this one is for ${name}\\.\\n$`,
      ),
    );
  });

  it("prints the path of its folder without characters that control a terminal", async () => {
    const deep = join(folder, ...unsafeNames());
    mkdirSync(deep, { recursive: true });
    copyFileSync(front.program, join(deep, "eks-x509"));
    const { code, stderr } = await front.run(["version"], { env: {} }, join(deep, "eks-x509"));
    expect(code).toBe(1);
    expect(stderr.split("\n")[0]).toContain(`configuration: ${printable(join(deep, "libexec"))}: `);
  });

  const inNamespace = ["--map-root-user", "--mount"];
  it.skipIf(spawnSync("unshare", [...inNamespace, "true"]).status !== 0)(
    "names what is missing where /proc is not mounted",
    async () => {
      const script = 'mount -t tmpfs none /proc && exec "$0" version';
      const args = [...inNamespace, "/bin/sh", "-c", script, front.program];
      const { code, stderr } = await front.run(args, { env: { PATH: process.env["PATH"] ?? "" } }, "unshare");
      expect(code).toBe(1);
      expect(stderr).toMatch(/\(PROGRAM_INCOMPLETE\)\n {2}Mount \/proc: [^\n]+\n$/);
    },
  );

  it("is small", () => {
    expect(statSync(front.program).size).toBeLessThan(3 * 1024 * 1024);
  });
});
