/** eks-x509 key list: what it lists, and that its arguments sign in when a shell gets them as they are printed. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { day, from, keyPair, leaf } from "../certificates.ts";
import { fromJson } from "../json.ts";
import { alice, authority, issuer, KeyFolder } from "../keys/key-folder.ts";
import { absent, library, pin, SoftHsm } from "../keys/pkcs11/softhsm.ts";
import { until } from "../until.ts";
import { tokenOf, World } from "./plugin.ts";
import { run } from "./sandbox-process.ts";
import { started } from "../program-under-test.ts";

interface Listed {
  kind: string;
  subject: string;
  issuer: string;
  notAfter: string;
  fit: boolean;
  reasons: string[];
  arguments: string[];
}

const missing = absent("openssl", "softhsm2-util", "pkcs11-tool", "ssh-agent");
const folder = new KeyFolder();
const socket = join(folder.path, "agent");
const odd = "it's $HOME; alice (1).p12";
let world: World;
let hsm: SoftHsm;
let agent: ChildProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  if (missing !== undefined) return;
  hsm = new SoftHsm("alice token; 1");
  hsm.put({ token: "alice token; 1", id: "01", label: "alice's key", keys: alice.keys, certificate: alice });
  hsm.put({ token: "alice token; 1", id: "ca", label: "ca", certificate: issuer });
  const token = "alice token; 1";
  const [onToken, inFile, p384] = (["token-key", "file-key", "p384"] as const).map((name) =>
    leaf(issuer, { name, keys: keyPair(name === "p384" ? "p384" : "p256", name) }),
  );
  if (!onToken || !inFile || !p384) throw new Error("a certificate is missing");
  hsm.put({ token, id: "02", label: "key alone", keys: onToken.keys });
  hsm.put({ token, id: "03", label: "certificate alone", certificate: inFile });
  folder.write("token-key.pem", onToken.pem + issuer.pem);
  for (const one of [inFile, p384]) folder.writeIssued(one.name, one);
  const expired = leaf(issuer, {
    name: "expired",
    keys: keyPair("p256", "expired"),
    notBefore: from(-9 * day),
    notAfter: from(-day),
  });
  folder.write("expired.pem", expired.pem + expired.keyPem);
  folder.write("whole.pem", alice.pem + issuer.pem);
  const root = folder.write("root.pem", authority.pem);
  folder.run(
    "openssl",
    ...["pkcs12", "-export", "-inkey", "alice.key", "-in", "alice.pem", "-certfile", "chain.pem"],
    ...["-passout", "pass:", "-out", odd],
  );
  folder.openssl(
    "pkcs12 -export -inkey alice.key -in alice.pem -certfile chain.pem -passout pass:right -out locked.p12",
  );
  agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await until(() => existsSync(socket));
  env = { ...hsm.env, HOME: folder.path, SSH_AUTH_SOCK: socket, EKS_X509_CACHE: "none" };
  const password = hsm.write("pin", `${pin}\n`);
  world = await World.open({ env: { ...env, EKS_X509_PASSWORD_FILE: password } }, [
    `--certificate=${join(folder.path, "whole.pem")}`,
    `--private-key=${join(folder.path, "alice.key")}`,
    `--trust-anchor=${root}`,
  ]);
});

afterAll(async () => {
  folder.remove();
  if (missing !== undefined) return;
  agent.kill();
  hsm.remove();
  await world.close();
});

async function list(...args: readonly string[]): Promise<string> {
  return listWith({}, ...args);
}

async function listWith(more: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  const command = started(world.installation.program, ["key", "list", ...args]);
  const { code, stdout, stderr } = await run(...command, { ...env, ...more }, folder.path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

const listed = async (...args: readonly string[]): Promise<Listed[]> =>
  fromJson(await list("-o", "json", ...args));

/** The arguments as a shell reads the last line of an entry. */
async function pasted(text: string): Promise<string[]> {
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  const { stdout } = await run("sh", ["-c", `printf '%s\\n' ${line}`], env, folder.path);
  return stdout.trimEnd().split("\n");
}

describe.skipIf(missing !== undefined)(`key list${missing === undefined ? "" : ` (${missing})`}`, () => {
  const noModule = "--pkcs11-module=/none";

  it("a token: no PIN is asked for, and the printed arguments sign in with one", async () => {
    const [identity, ...others] = await listed(`--pkcs11-module=${library}`);
    expect(others.map(({ subject }) => subject).join()).toBe("O=Example Corp, CN=file-key");
    expect(identity).toMatchObject({ kind: "pkcs11", fit: true, reasons: [] });
    const [text = ""] = (await list(`--pkcs11-module=${library}`)).split("\n\n");
    const words = await pasted(text);
    expect(words).toEqual(identity?.arguments);
    const { arguments: flags = [] } = identity ?? {};
    const certificate = flags.find((flag) => flag.startsWith("--certificate=")) ?? "";
    const key = certificate.replace("--certificate=", "--private-key=");
    expect(tokenOf(await world.run({ flags: [...flags, key] }))).toMatch(/^k8s-aws-v1\./);
  });

  it("a file with its key, whose name a shell would read otherwise", async () => {
    const [identity] = await listed(odd, noModule);
    expect(identity).toMatchObject({ kind: "file", fit: true });
    expect([identity?.subject, identity?.issuer].join()).toMatch(/CN=alice.*CN=Company Issuing CA/);
    const words = await pasted(await list(odd, noModule));
    expect(words).toEqual([`--certificate=${odd}`]);
    const path = join(folder.path, odd);
    const flags = [`--certificate=${path}`, `--private-key=${path}`];
    // The PIN of the token is not the password of the file.
    const outcome = await world.run({ flags, env: { EKS_X509_PASSWORD_FILE: "" } });
    expect(tokenOf(outcome)).toMatch(/^k8s-aws-v1\./);
  });

  it("a certificate whose key is in the ssh-agent", async () => {
    const before = await listed("whole.pem", noModule);
    expect(before).toMatchObject([{ kind: "file", fit: false, arguments: ["--certificate=whole.pem"] }]);
    expect(before[0]?.reasons.join()).toContain("--private-key");
    folder.run("env", `SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", "alice.key");
    const [identity] = await listed("whole.pem", noModule);
    expect(identity).toMatchObject({ kind: "ssh-agent", fit: true });
    const words = await pasted(await list("whole.pem", noModule));
    expect(words).toEqual(["--certificate=whole.pem", "--private-key=ssh-agent:"]);
    const flags = words.map((word) => word.replace("=whole", `=${folder.path}/whole`));
    expect(tokenOf(await world.run({ flags }))).toMatch(/^k8s-aws-v1\./);
  });

  it("a certificate in a file whose key is on a token, and one on a token whose key is in a file", async () => {
    const ofToken = [`--pkcs11-module=${library}`];
    const [identity] = await listed("token-key.pem", ...ofToken);
    expect(identity).toMatchObject({ kind: "pkcs11", fit: true, reasons: [] });
    expect(identity?.arguments.join(" ")).toMatch(
      /^--certificate=token-key\.pem --private-key=pkcs11:\S*;id=%02;object=key%20alone;type=private --pkcs11-module=/,
    );
    const words = await pasted((await list("token-key.pem", ...ofToken)).split("\n\n")[0] ?? "");
    expect(words).toEqual(identity?.arguments);
    const flags = words.map((word) => word.replace("=token-key", `=${folder.path}/token-key`));
    expect(tokenOf(await world.run({ flags }))).toMatch(/^k8s-aws-v1\./);

    const without = await listed(...ofToken);
    expect(without.find(({ subject }) => subject.includes("CN=file-key"))).toMatchObject({
      ...{ kind: "pkcs11", fit: false },
      reasons: [expect.stringContaining("before the login: use --login")],
    });
    const key = join(folder.path, "file-key.key");
    const withKey = await listed(`--private-key=${key}`, ...ofToken);
    const found = withKey.find(({ subject }) => subject.includes("CN=file-key"));
    expect(found).toMatchObject({ kind: "file", fit: true, reasons: [] });
    expect(tokenOf(await world.run({ flags: found?.arguments ?? [] }))).toMatch(/^k8s-aws-v1\./);
  });

  it("with its settings from the environment, and what opens the key among the arguments", async () => {
    const file = folder.write("password", "right\n");
    const more = { EKS_X509_CERTIFICATE: "locked.p12", EKS_X509_PASSWORD_FILE: file };
    const [identity] = fromJson<Listed[]>(await listWith(more, "-o", "json", noModule));
    expect(identity).toMatchObject({
      kind: "file",
      fit: true,
      arguments: ["--certificate=locked.p12", `--password-file=${file}`],
    });
    const askpass = folder.write("askpass", "#!/bin/sh\necho right\n", 0o700);
    expect(await listed("locked.p12", `--askpass=${askpass}`, noModule)).toMatchObject([
      { fit: true, arguments: ["--certificate=locked.p12", `--askpass=${askpass}`] },
    ]);
    const module = { EKS_X509_PKCS11_MODULE: library };
    const onToken = fromJson<Listed[]>(await listWith(module, "-o", "json"));
    expect(onToken[0]?.arguments).toContain(`--pkcs11-module=${library}`);
  });

  it("a key of the agent on a curve that does not serve, with the reason", async () => {
    folder.run("env", `SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", "p384.key");
    const [identity] = await listed("p384.pem", noModule);
    expect(identity).toMatchObject({ kind: "ssh-agent", fit: false });
    expect(identity?.reasons.join()).toMatch(/secp384r1 over another hash than SHA-256/);
  });

  it("in JSON, with these fields alone", async () => {
    const [identity] = await listed(odd, noModule);
    expect(Object.keys(identity ?? {})).toEqual([
      ...["kind", "subject", "issuer", "notAfter", "fit", "reasons", "arguments"],
    ]);
    expect(identity?.notAfter).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("what is there, before the error of a module that fails", async () => {
    const text = folder.write("text.so", "no library");
    const [file, args] = started(world.installation.program, ["key", "list", odd, `--pkcs11-module=${text}`]);
    const { code, stdout, stderr } = await run(file, args, env, folder.path);
    expect(stdout).toMatch(/CN=alice[^]*✓ fit/);
    expect(code).toBe(3);
    expect(stderr).toContain("(PKCS11_MODULE_UNLOADABLE)");
  });

  it("an identity that is not fit, with the reason", async () => {
    const [identity] = await listed("expired.pem", noModule);
    expect(identity?.fit).toBe(false);
    expect(identity?.reasons.join()).toMatch(/expired/);
    expect(await list("expired.pem", noModule)).toMatch(/✗ .*expired/);
  });

  it("nothing at all", async () => {
    expect(await list(noModule)).toBe("No certificate with a key was found.\n");
    expect(await listed(noModule)).toEqual([]);
  });
});
