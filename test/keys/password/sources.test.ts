/** Where a password comes from, in the order in which the sources are asked, and what no source may do. */
import { createCipheriv, randomBytes, scryptSync } from "node:crypto";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Environment } from "../../../src/foundation/ports.ts";
import type { KeyAccess } from "../../../src/identity/signer.ts";
import { integer, octetString, oid, sequence } from "../../der.ts";
import { rejectionOf } from "../../failure.ts";
import { passwordSources } from "../../../src/keys/password/sources.ts";
import { alice, KeyFolder } from "../key-folder.ts";
import { without } from "../programs.ts";

const password = "right-3f9a";
const noOpenssl = without("openssl", "version");
const why = noOpenssl ? ` (${noOpenssl})` : "";
const folder = new KeyFolder();
const noPrompt = { KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}', PATH: process.env["PATH"] };

beforeAll(() => {
  folder.write("locked.der", encryptedPkcs8(password));
  folder.write("credentials-here/.keep", "");
});

afterAll(() => {
  folder.remove();
});

/** RFC 8018 with scrypt, at the lowest cost. */
function encryptedPkcs8(secret: string): Buffer {
  const [salt, iv] = [randomBytes(8), randomBytes(16)];
  const cipher = createCipheriv("aes-256-cbc", scryptSync(secret, salt, 32, { N: 2, r: 1, p: 1 }), iv);
  const key = alice.keys.privateKey.export({ type: "pkcs8", format: "der" });
  const scrypt = sequence(octetString(salt), integer(2n), integer(1n), integer(1n));
  return sequence(
    sequence(
      oid("1.2.840.113549.1.5.13"),
      sequence(
        sequence(oid("1.3.6.1.4.1.11591.4.11"), scrypt),
        sequence(oid("2.16.840.1.101.3.4.1.42"), octetString(iv)),
      ),
    ),
    octetString(Buffer.concat([cipher.update(key), cipher.final()])),
  );
}

interface World {
  env?: Environment;
  access?: KeyAccess;
  remembered?: string;
}

async function open({ env = {}, access = {}, remembered }: World): Promise<string> {
  const { leaf } = await folder.identity({
    privateKey: "locked.der",
    access,
    ports: { env: { ...noPrompt, ...env }, remembered: () => Promise.resolve(remembered) },
  });
  return leaf.subject;
}

const file = (name: string, text: string, mode?: number): string => folder.write(name, text, mode);
const script = (name: string, body: string): string => folder.write(name, `#!/bin/sh\n${body}\n`, 0o700);
const answering = (name: string, text: string): string => script(name, `echo '${text}'`);

/** Each source with a password, in their order. */
const sources: readonly (readonly [string, (text: string) => World])[] = [
  [
    "--password-file",
    (text) => ({ access: { passwordFile: { path: file("pw", `${text}\n`), source: "--password-file" } } }),
  ],
  [
    "the systemd credential eks-x509-password",
    (text) => {
      file("credentials-here/eks-x509-password", text, 0o400);
      return { env: { CREDENTIALS_DIRECTORY: join(folder.path, "credentials-here") } };
    },
  ],
  ["the OS keychain", (text) => ({ remembered: text })],
  ["EKS_X509_PASSWORD", (text) => ({ env: { EKS_X509_PASSWORD: text } })],
  ["the askpass program", (text) => ({ access: { askpass: answering("flag-askpass", text) } })],
  ["the askpass program", (text) => ({ env: { EKS_X509_ASKPASS: answering("askpass", text) } })],
  ["the askpass program", (text) => ({ env: { SSH_ASKPASS: answering("ssh-askpass", text) } })],
];

function together(worlds: readonly World[]): World {
  return worlds.reduce<World>(
    (all, one) => ({
      ...all,
      ...one,
      env: { ...all.env, ...one.env },
      access: { ...all.access, ...one.access },
    }),
    {},
  );
}

it.each([
  ["UTF-8 with a byte-order mark", Buffer.from(`\ufeff${password}\r\n`)],
  ["UTF-16 of PowerShell", Buffer.from(`\ufeff${password}\r\n`, "utf16le")],
])("a password file in %s", async (_what, bytes) => {
  const path = folder.write("pw-windows", bytes);
  expect(await open({ access: { passwordFile: { path, source: "--password-file" } } })).toContain("CN=alice");
});

describe("the order of the sources", () => {
  it.each(sources.map(([name, make], at) => ({ name, make, later: sources.slice(at + 1) })))(
    "$name: its password opens the key, and those behind it are not asked",
    async ({ make, later }) => {
      const wrong = later.map(([, other]) => other("wrong"));
      expect(await open(together([make(password), ...wrong]))).toContain("CN=alice");
    },
  );

  it.each(sources.map(([name, make], at) => ({ name, make, later: sources.slice(at + 1) })))(
    "$name: its wrong password is an error that names it, and those behind it are not asked",
    async ({ name, make, later }) => {
      const right = later.map(([, other]) => other(password));
      const failure = await rejectionOf(open(together([make("wrong-77"), ...right])));
      expect(failure.code).toBe("PASSWORD_WRONG");
      expect(failure.message).toContain(name);
      expect(`${failure.message} ${failure.hint}`).not.toMatch(/wrong-77|right-3f9a/);
    },
  );

  it("without any, the error names them all", async () => {
    const failure = await rejectionOf(open({}));
    expect(failure.code).toBe("PASSWORD_NEEDED");
    for (const words of ["--password-file", "credential", "key remember", "EKS_X509_PASSWORD", "--askpass"])
      expect(failure.hint).toContain(words);
  });
});

describe("--password-file", () => {
  const withFile = (path: string): World => ({
    access: { passwordFile: { path, source: "--password-file" } },
  });

  it.each(["\n", "\r\n", "", "\nanother line\n"])("its first line is the password: then %j", async (end) => {
    expect(await open(withFile(file("pw", `${password}${end}`)))).toContain("CN=alice");
  });

  it("keeps spaces, which belong to the password", async () => {
    const failure = await rejectionOf(open(withFile(file("pw", ` ${password}\n`))));
    expect(failure.code).toBe("PASSWORD_WRONG");
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o620, 0o602])("mode %o is refused, without a try", async (mode) => {
    const path = file("open", `${password}\n`);
    chmodSync(path, mode);
    const failure = await rejectionOf(open(withFile(path)));
    expect(failure.code).toBe("PASSWORD_FILE_OPEN");
    expect(failure.hint).toContain(`chmod 600 ${path}`);
  });

  it.each([0o600, 0o400])("mode %o is accepted", async (mode) => {
    const path = file("private", `${password}\n`);
    chmodSync(path, mode);
    expect(await open(withFile(path))).toContain("CN=alice");
  });

  it("that does not exist is an error, also where another source has the password", async () => {
    const world = together([withFile("/does/not/exist"), { env: { EKS_X509_PASSWORD: password } }]);
    expect((await rejectionOf(open(world))).code).toBe("FILE_MISSING");
  });
});

describe("a systemd credential", () => {
  const world = (name: string): World => ({ env: { CREDENTIALS_DIRECTORY: join(folder.path, name) } });

  it("that others may read is refused; the group's bit is the mask of systemd's ACL", async () => {
    const path = file("credentials-here/eks-x509-password", password);
    chmodSync(path, 0o440);
    expect(await open(world("credentials-here"))).toContain("CN=alice");
    chmodSync(path, 0o444);
    expect((await rejectionOf(open(world("credentials-here")))).code).toBe("PASSWORD_FILE_OPEN");
  });

  it.each([
    ["/run/credentials/eks-x509-serve.service/pw", 0o440, true],
    ["/run/user/1000/credentials/eks-x509-serve.service/pw", 0o440, true],
    ["/run/credentials/eks-x509-serve.service/pw", 0o444, false],
    ["/run/credentials/pw", 0o440, false],
    ["/home/run/credentials/a/pw", 0o440, false],
  ])("as --password-file %s of mode %o is accepted: %s", async (path, mode, isAccepted) => {
    const [source] = passwordSources(
      { passwordFile: { path, source: "--password-file" } },
      {
        ...{ env: {}, childEnv: {}, prompt: undefined },
        readFile: () => Promise.resolve({ name: path, bytes: Buffer.from(password), mode }),
        fileState: () => Promise.resolve(""),
        remembered: () => Promise.resolve(undefined),
      },
    );
    const asking = Promise.resolve(source?.ask({ kind: "password", id: "", description: "alice.p12" }));
    if (isAccepted) expect(await asking).toBe(password);
    else expect((await rejectionOf(asking)).code).toBe("PASSWORD_FILE_OPEN");
  });

  it("that the service does not have is no error", async () => {
    const env = together([world("no-such-folder"), { env: { EKS_X509_PASSWORD: password } }]);
    expect(await open(env)).toContain("CN=alice");
  });
});

describe("an askpass program", () => {
  it("that prints without end is ended", async () => {
    const askpass = script("floods", "exec yes");
    expect((await rejectionOf(open({ access: { askpass } }))).message).toContain(
      "prints more than 4096 bytes",
    );
  });

  it("may leave a program behind that holds its output", async () => {
    const pid = join(folder.path, "left-behind");
    const askpass = script("leaves", `sleep 60 & echo $! > ${pid}; echo ${password}`);
    await open({ access: { askpass } });
    process.kill(Number(readFileSync(pid, "utf8")));
  });

  it("gets the question as its argument, and no password in its environment", async () => {
    const seen = join(folder.path, "seen");
    const program = script("spy", `printf '%s\\n' "$#" "$1" > ${seen}; env >> ${seen}; echo ${password}`);
    const uri = `pkcs11:token=x?pin-value=${password}`;
    await open({ env: { EKS_X509_PRIVATE_KEY: uri, HOME: "/home/alice" }, access: { askpass: program } });
    const [count, question, ...env] = readFileSync(seen, "utf8").split("\n");
    expect(count).toBe("1");
    expect(question).toBe(`Password for ${join(folder.path, "locked.der")}: `);
    expect(env).toContain("HOME=/home/alice");
    expect(env.filter((line) => line.includes(password) || line.startsWith("EKS_X509_"))).toEqual([]);
  });

  it.each([
    ["ends with 1, as on Cancel", "echo ignored; exit 1", "exit code 1"],
    ["is killed", "kill -9 $$", "was ended"],
  ])("that %s: an error, and none of its output", async (_name, body, words) => {
    const failure = await rejectionOf(
      open({ access: { askpass: script("fails", `echo noise >&2; ${body}`) } }),
    );
    expect(failure.code).toBe("ASKPASS_FAILED");
    expect(failure.message).toContain(words);
    expect(failure.message).not.toMatch(/noise|ignored/);
  });

  it("that does not exist", async () => {
    expect((await rejectionOf(open({ access: { askpass: "/does/not/exist" } }))).code).toBe("ASKPASS_FAILED");
  });

  it.skipIf(noOpenssl)(
    `is not asked for the empty password of a PKCS#12 file, which is tried first${why}`,
    async () => {
      folder.openssl("pkcs12 -export -inkey alice.key -in alice.pem -passout pass: -out empty.p12");
      const asked = join(folder.path, "asked");
      const askpass = script("counts", `touch ${asked}; echo wrong`);
      await folder.identity({ certificate: "empty.p12", access: { askpass }, ports: { env: noPrompt } });
      expect(existsSync(asked)).toBe(false);
    },
  );

  it.skipIf(noOpenssl)(`is asked once for the certificates and the key of one file${why}`, async () => {
    folder.openssl(`pkcs12 -export -inkey alice.key -in alice.pem -passout pass:${password} -out once.p12`);
    const askpass = script("once", `echo asked >> ${join(folder.path, "times")}; echo ${password}`);
    await folder.identity({ certificate: "once.p12", access: { askpass }, ports: { env: noPrompt } });
    expect(readFileSync(join(folder.path, "times"), "utf8")).toBe("asked\n");
  });
});
