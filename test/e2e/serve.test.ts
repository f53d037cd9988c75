import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";
import { named, noKernelKeyring } from "../cache/keychain/programs.ts";
import { until } from "../until.ts";
import { KeyringSession } from "./keyring-session.ts";
import { install, type Installation } from "./plugin.ts";
import { emptyHome, startSandboxProcess, type RunningSandbox } from "./sandbox-process.ts";
import {
  CertificateVolume,
  identityFlags,
  ServeProcess,
  type Credentials,
  type Serving,
} from "./serve-process.ts";
import { Switch } from "./switch.ts";

const ca = root("Serve Root");
const issuer = intermediate(ca, "Serve Issuing");
/** The certificate of a renewal, with a key of its own. */
const certificate = (serial: number) => {
  const issued = leaf(issuer, {
    name: "pod",
    serial: BigInt(serial),
    keys: keyPair("p256", `pod ${serial}`),
  });
  return { pem: issued.pem + issuer.pem, keyPem: issued.keyPem };
};
const [first, second, third] = [certificate(1001), certificate(1002), certificate(1003)];

let folder: string;
let installation: Installation;
let sandbox: RunningSandbox;
let rolesAnywhere: Switch;
let arns: string[];
const running: ServeProcess[] = [];

beforeAll(async () => {
  folder = emptyHome();
  chmodSync(folder, 0o755);
  installation = install();
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  sandbox = await startSandboxProcess(
    [
      ...["--certificate", file("pod.pem", first.pem), "--private-key", file("pod.key", first.keyPem)],
      ...["--trust-anchor", file("root.pem", ca.pem)],
    ],
    installation.program,
  );
  rolesAnywhere = await Switch.before(sandbox.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] ?? "");
  arns = identityFlags(sandbox.env).filter((flag) => flag.includes("-arn="));
});
afterEach(async () => {
  rolesAnywhere.turn("on");
  await Promise.all(running.splice(0).map((one) => one.end("SIGKILL")));
});
afterAll(async () => {
  rolesAnywhere.close();
  await sandbox.stop();
  installation.remove();
});

/** Prints the IP_TTL of each socket of a process that listens on IPv4. */
const listeners = `
import ctypes, os, socket, sys
process = os.pidfd_open(int(sys.argv[1]))
pidfd_getfd = 438
for descriptor in os.listdir(f"/proc/{sys.argv[1]}/fd"):
    copy = ctypes.CDLL(None, use_errno=True).syscall(pidfd_getfd, process, int(descriptor), 0)
    try:
        own = socket.socket(fileno=copy)
        if own.family == socket.AF_INET and own.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            print(own.getsockopt(socket.IPPROTO_IP, socket.IP_TTL))
    except OSError:
        pass
`;
const noForeignSockets =
  process.getuid?.() === 0 && spawnSync("python3", ["-c", "import os; os.pidfd_open"]).status === 0
    ? undefined
    : "this needs root and Python 3.9 on Linux";

function hopLimitsOf(pid = 0): number[] {
  const { stdout, stderr } = spawnSync("python3", ["-c", listeners, `${pid}`], { encoding: "utf8" });
  return (stdout || stderr).trim().split("\n").map(Number);
}

function serve(flags: readonly string[], more: Partial<Serving> = {}): ServeProcess {
  const env = { ...sandbox.env, AWS_ENDPOINT_URL_ROLESANYWHERE: rolesAnywhere.endpoint, ...more.env };
  const started = new ServeProcess({
    ...more,
    env,
    program: installation.program,
    flags: [...arns, ...flags],
  });
  running.push(started);
  return started;
}

const own = (): string[] => identityFlags(sandbox.env).filter((flag) => !flag.includes("-arn="));

/** Of each test one, with the first certificate. */
let volumes = 0;
function volume(): CertificateVolume {
  const made = new CertificateVolume(join(folder, `volume-${volumes++}`));
  made.write(first, first);
  return made;
}

function sessions(): number {
  return sandbox.output().split("✓ rolesanywhere POST /sessions").length - 1;
}

describe("serve", () => {
  it("renews while clients hold as many connections as they get, of few descriptors", async () => {
    const files = volume();
    const within = (command: readonly string[]): string[] => [
      "sh",
      "-c",
      'ulimit -n 128; exec "$@"',
      "sh",
      ...command,
    ];
    const server = serve(files.flags, { within });
    await server.says("listening");
    const clients = Array.from({ length: 200 }, () => connect(Number(new URL(server.url).port), "127.0.0.1"));
    for (const client of clients) client.on("error", () => undefined).resume();
    const ask = (): void => {
      for (const client of clients) client.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    };
    ask();
    // A connection without a request ends after five seconds.
    const asking = setInterval(ask, 1_000);
    const answeredOrEnded = (client: Socket): Promise<void> =>
      new Promise((resolve) => {
        client.once("data", () => {
          resolve();
        });
        client.once("close", () => {
          resolve();
        });
      });
    await Promise.all(clients.map(answeredOrEnded));
    files.write(second, second);
    await server.says("session-made", 2);
    clearInterval(asking);
    for (const client of clients) client.destroy();
  });

  it("gives the same session by both ways, creates the token file, logs no secret, and ends on SIGTERM", async () => {
    const tokenFile = join(folder, "token");
    const server = serve([...own(), `--token-file=${tokenFile}`, "--health-listen=127.0.0.1:0", "--verbose"]);
    await server.says("listening", 2);
    const token = readFileSync(tokenFile, "utf8");
    expect({ mode: statSync(tokenFile).mode & 0o777, token: /^[\w-]{43}$/.test(token) }).toEqual({
      mode: 0o600,
      token: true,
    });
    const [container, metadata] = await Promise.all([server.container(token), server.metadata()]);
    if (typeof container === "number" || typeof metadata === "number") expect.fail("no credentials");
    expect(container.AccessKeyId).toBe(metadata.AccessKeyId);
    // Of a terminal that is closed: the server has none.
    server.child.kill("SIGHUP");
    expect(await server.container("wrong")).toBe(401);
    expect(await (await server.fetch("/readyz")).text()).toBe("ok\n");
    expect(await (await server.fetch("/metrics")).text()).toContain("eks_x509_sessions_made_total 1\n");
    expect(await server.end()).toBe(0);
    for (const secret of [container.SecretAccessKey, container.Token.slice(0, 20), token])
      expect(server.log).not.toContain(secret);
    expect(server.events.filter(({ level }) => level !== "debug").map(({ event }) => event)).toEqual([
      ...["start", "session-made", "listening", "listening", "stop"],
    ]);
  });

  it("listens when it has its first session, for which it waits while the network is away", async () => {
    rolesAnywhere.turn("off");
    const server = serve(own());
    await server.says("renewal-failed");
    expect(server.count("listening")).toBe(0);
    rolesAnywhere.turn("on");
    await server.says("listening");
    expect(await server.metadata()).toMatchObject({ Code: "Success" });
    expect(await server.end("SIGINT")).toBe(0);
  });

  it("ends with its code when no session can be created", async () => {
    const { keyPem } = leaf(ca, { name: "stranger", keys: keyPair("p256", "stranger") });
    const files = new CertificateVolume(join(folder, "mixed"));
    files.write(first, { keyPem });
    const server = serve(files.flags);
    await until(() => {
      expect(server.child.exitCode).toBe(3);
    });
    expect(server.log).toContain("(PRIVATE_KEY_MISMATCH)");
  });

  it("uses a renewed certificate within seconds, in the middle of requests of which none fails", async () => {
    const files = volume();
    const server = serve(files.flags);
    await server.says("listening");
    const seen: (Credentials | number)[] = [];
    const over = new AbortController();
    const client = (async () => {
      while (!over.signal.aborted) {
        seen.push(await server.metadata());
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    files.write(second, second);
    await server.says("session-made", 2);
    // The certificate comes before its key.
    files.write(third, second);
    await server.says("renewal-failed");
    files.write(third, third);
    await server.says("session-made", 3);
    seen.push(await server.metadata());
    over.abort();
    await client;
    const keys = seen.map((one) => (typeof one === "number" ? one : one.AccessKeyId));
    expect(new Set(keys).size).toBe(3);
    expect(keys.filter((one) => typeof one === "number")).toEqual([]);
    expect(server.events.find(({ event }) => event === "renewal-failed")?.["code"]).toBe(
      "PRIVATE_KEY_MISMATCH",
    );
  });

  it.skipIf(process.getuid?.() !== 0)(
    "runs as any user, without HOME, a folder for temporary files or one that it can write to",
    async () => {
      const files = volume();
      files.write(first, first, 0o644);
      // As the folder of a volume is.
      chmodSync(files.folder, 0o3777);
      chmodSync(installation.folder, 0o755);
      chmodSync(sandbox.env["AWS_CA_BUNDLE"] ?? "", 0o644);
      chmodSync(join(sandbox.env["AWS_CA_BUNDLE"] ?? "", ".."), 0o755);
      chmodSync(sandbox.home, 0o755);
      const env = {
        HOME: undefined,
        XDG_RUNTIME_DIR: undefined,
        TMPDIR: "/nonexistent",
        EKS_X509_CACHE: "auto",
      };
      const server = serve(files.flags, { env, uid: 54_323 });
      await server.says("listening");
      expect(await server.metadata()).toMatchObject({ Code: "Success" });
      expect(await server.end()).toBe(0);
    },
  );

  it("keeps a token file that is there, warns if others can read it, and refuses one with a line feed", async () => {
    const tokenFile = join(folder, "own-token");
    writeFileSync(tokenFile, "Basic my own token", { mode: 0o644 });
    const server = serve([...own(), `--token-file=${tokenFile}`]);
    await server.says("listening");
    expect(server.events.find(({ event }) => event === "warning")?.["code"]).toBe("TOKEN_FILE_READABLE");
    expect(await server.container("Basic my own token")).toMatchObject({
      RoleArn: arns.at(-1)?.split("=")[1],
    });
    writeFileSync(tokenFile, "token\n");
    const other = serve([...own(), `--token-file=${tokenFile}`]);
    await until(() => {
      expect(other.child.exitCode).toBe(2);
    });
    expect(other.log).toContain("(TOKEN_FILE_INVALID)");
  });

  it.skipIf(process.platform === "win32")(
    "leaves no part of a token file that cannot be written",
    async () => {
      const full = join(folder, "full");
      mkdirSync(full, { recursive: true });
      const within = (command: readonly string[]): string[] => [
        ...["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"],
        ...command,
      ];
      const server = serve([`--token-file=${join(full, "token")}`, ...own()], { within });
      await until(() => {
        expect(server.child.exitCode).toBe(1);
      });
      expect(server.log).toContain("(TOKEN_FILE_NOT_CREATED)");
      expect(readdirSync(full)).toEqual([]);
    },
  );

  it("names a port that is taken, before it creates a session", async () => {
    const server = serve(own());
    await server.says("listening");
    const { host, port } = new URL(server.url);
    const others = [[`--port=${port}`], [`--health-listen=${host}`, "--port=0"]];
    for (const other of others.map((flags) => serve([...own(), ...flags]))) {
      await until(() => {
        expect(other.child.exitCode).toBe(1);
      });
      expect(other.log).toContain("(SERVE_PORT_IN_USE)");
      expect(other.log).not.toContain("session-made");
    }
  });

  it.skipIf(noForeignSockets)(named("sets its hop limit", noForeignSockets), async () => {
    const server = serve([...own(), "--hop-limit=7"]);
    await server.says("listening");
    expect(hopLimitsOf(server.child.pid)).toEqual([7]);
  });
});

const noCache = noKernelKeyring();

describe.skipIf(noCache)(named("serve with the user's cache", noCache), () => {
  it("needs no further session after kill -9, nor beside another server", async () => {
    const keyring = await KeyringSession.open();
    const runtime = join(folder, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const env = { EKS_X509_CACHE: "keyutils", XDG_RUNTIME_DIR: runtime };
    const within = (command: readonly string[]): string[] => keyring.within(command);
    const before = sessions();
    const server = serve(own(), { env, within });
    await server.says("listening");
    const key = await server.metadata();
    await server.end("SIGKILL");
    const [again, beside] = [serve(own(), { env, within }), serve(own(), { env, within })];
    await Promise.all([again.says("listening"), beside.says("listening")]);
    expect([await again.metadata(), await beside.metadata()]).toEqual([key, key]);
    expect([again.count("session-shared"), beside.count("session-shared"), sessions() - before]).toEqual([
      1, 1, 1,
    ]);
    keyring.close();
  });
});
