/** Which PINs a real token gets: from each source, by run after run. The token's own log counts the tries. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { refusedPins } from "../../../src/cache/refusals/refused-pins.ts";
import type { Environment } from "../../../src/foundation/ports.ts";
import { rejectionOf } from "../../failure.ts";
import { sha256 } from "../../ports.ts";
import { alice, KeyFolder } from "../key-folder.ts";
import { absent, pin, SoftHsm } from "./softhsm.ts";

const program = fileURLToPath(new URL("../../../dist/pkcs11-module.js", import.meta.url));
const missing = absent("softhsm2-util", "gcc") ?? (existsSync(program) ? undefined : "dist is not built");
const folder = new KeyFolder();
let hsm: SoftHsm;
let log: string;
let count = 0;

beforeAll(() => {
  if (missing) return;
  hsm = new SoftHsm("alice", "bob");
  for (const token of ["alice", "bob"])
    hsm.put({ token, id: "01", label: "alice", keys: alice.keys, certificate: alice });
});

beforeEach(() => {
  log = `log-${(count += 1)}`;
});

afterAll(() => {
  folder.remove();
  if (!missing) hsm.remove();
});

interface Source {
  query?: string;
  passwordFile?: string;
  askpass?: string;
  env?: Environment;
  remembered?: string;
}

const uri = "pkcs11:token=alice;object=alice";

/** What a process of its own does, as far as the notes know. */
function ports({ env = {}, remembered }: Source) {
  const notes = refusedPins({
    ...{ uid: process.geteuid?.(), pid: process.pid, isAlive: () => true, sha256 },
    ...{ stateFolder: join(folder.path, log), runtimeFolder: undefined, temporaryFolder: folder.path },
  });
  return {
    env: { ...hsm.faults("", log), KUBERNETES_EXEC_INFO: '{"spec":{"interactive":false}}', ...env },
    moduleProgram: [process.execPath, program] as const,
    refused: notes,
    remembered: () => Promise.resolve(remembered),
  };
}

async function sign(source: Source): Promise<void> {
  const { query = "", passwordFile, askpass } = source;
  const { signer } = await folder.identity({
    privateKey: uri + query,
    access: {
      ...{ pkcs11Module: hsm.faulty(), askpass },
      passwordFile:
        passwordFile === undefined ? undefined : { path: passwordFile, source: "--password-file" },
    },
    ports: ports(source),
  });
  await signer.sign(Buffer.from("string to sign"));
}

const codeOf = async (source: Source): Promise<string> => (await rejectionOf(sign(source))).code;
const logins = (): string[] => hsm.log(log).lines.filter((line) => line.includes("login"));

const file = (name: string, text: string): string => folder.write(name, `${text}\n`);
const credentials = (text: string): Environment => {
  file("credentials/eks-x509-password", text);
  return { CREDENTIALS_DIRECTORY: join(folder.path, "credentials") };
};
const askpass = (text: string): string => folder.write("ask", `#!/bin/sh\necho ${text}\n`, 0o700);

/** With a PIN; whether a changed one is noticed. */
const sources: readonly (readonly [name: string, make: (pin: string) => Source, hasChanges: boolean])[] = [
  ["pin-value", (text) => ({ query: `?pin-value=${text}` }), false],
  ["pin-source", (text) => ({ query: `?pin-source=${file("source", text)}` }), true],
  ["--password-file", (text) => ({ passwordFile: file("password", text) }), true],
  ["a systemd credential", (text) => ({ env: credentials(text) }), true],
  ["the OS keychain", (text) => ({ remembered: text }), false],
  ["EKS_X509_PASSWORD", (text) => ({ env: { EKS_X509_PASSWORD: text } }), false],
  ["an askpass program", (text) => ({ askpass: askpass(text) }), true],
  ["EKS_X509_ASKPASS", (text) => ({ env: { EKS_X509_ASKPASS: askpass(text) } }), true],
];

describe.skipIf(missing !== undefined)(`a refused PIN${missing ? ` (${missing})` : ""}`, () => {
  it.each(sources)("of %s is tried once, by all runs", async (_name, make, hasChanges) => {
    const wrong = make("9999");
    expect(await codeOf(wrong)).toBe("PIN_WRONG");
    expect(await Promise.all([codeOf(wrong), codeOf(wrong)])).toEqual(Array(2).fill("PIN_REFUSED_BEFORE"));
    expect(logins()).toEqual(["wrong login"]);
    const right = sign(make(pin));
    if (hasChanges) await right;
    else expect((await rejectionOf(right)).code).toBe("PIN_REFUSED_BEFORE");
    expect(logins()).toEqual(hasChanges ? ["wrong login", "login"] : ["wrong login"]);
  });

  it("is noted without a function of it, for its owner alone", async () => {
    await codeOf({ env: { EKS_X509_PASSWORD: "9999" } });
    const notes = join(folder.path, log, "eks-x509");
    const [name = "", ...others] = readdirSync(notes);
    expect(others).toEqual([]);
    expect(readFileSync(join(notes, name), "utf8")).toBe("refused");
    expect([statSync(notes).mode & 0o777, statSync(join(notes, name)).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  const list = (source: Source) =>
    folder
      .sources({ ports: ports(source) })
      .identities({ pkcs11Module: hsm.faulty() })
      .tokens()
      .then((tokens) => tokens.certificatesWithKey(true));

  it("stays one where key list --login logs in to several tokens: none gets it", async () => {
    const stored = { env: { EKS_X509_PASSWORD: pin, ...credentials(pin) } };
    expect((await rejectionOf(list(stored))).code).toBe("PIN_NEEDED");
    expect(logins()).toEqual([]);
    const asked = await list({ askpass: "", env: { EKS_X509_ASKPASS: askpass(pin) } });
    expect(asked).toHaveLength(2);
    expect(logins()).toEqual(["login", "login"]);
  });

  it("is noted where the module crashes while key list --login waits for it", async () => {
    const crashes = { ...hsm.faults("crash-login", log), EKS_X509_ASKPASS: askpass(pin) };
    expect((await rejectionOf(list({ env: crashes }))).code).toBe("PIN_UNANSWERED");
    expect((await rejectionOf(list({ env: crashes }))).code).toBe("PIN_REFUSED_BEFORE");
  });
});
