/** `eks-x509 key remember KEY` and `eks-x509 key forget`: passwords and PINs in the OS keychain. */
import { randomBytes } from "node:crypto";
import { cacheUnavailable } from "../../../cache/unavailable.ts";
import { openSigner, readCertificateFiles } from "../../../identity/identity.ts";
import type { Asking } from "../../../identity/signer.ts";
import { passwordAccount, passwordService } from "../../../keys/password/remembered.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { keyInput } from "../../settings/input.ts";

/** @throws EksX509Error CACHE_UNAVAILABLE, and those of the key */
export async function runKeyRemember(flags: Flags, root: Ports): Promise<number> {
  const { streams, sha256, cache } = root;
  const keychain = cache.keychain("auto", () => undefined);
  let count = 0;
  const asking: Asking = {
    fromStdin: () => fromStdin(root),
    opens: async (id, password) => {
      await keychain.setPassword(passwordService, passwordAccount(id, sha256), password).catch(unavailable);
      count += 1;
    },
  };
  const settings = await resolveSettings(flags.settings(), undefined, root);
  const { pkcs11Module } = keyInput(settings, root.machine).access;
  await openAndSign(flags.text("KEY") ?? "", { asking, pkcs11Module }, root);
  await streams.stdout(
    count === 0
      ? "The key needs no password.\n"
      : "The password is in the OS keychain. eks-x509 key forget removes it.\n",
  );
  return 0;
}

/** A token checks its PIN only when something is signed. */
async function openAndSign(
  path: string,
  access: Parameters<Ports["identities"]>[0],
  { identities }: Ports,
): Promise<void> {
  const given = { path, source: "KEY" };
  const sources = identities(access);
  const isToken = /^pkcs11:/i.test(path);
  if (!isToken) {
    await sources.signer(given).open([]);
    return;
  }
  const certificates = readCertificateFiles({ certificate: await sources.certificates(given).open() });
  const signer = await openSigner(sources.signer(given), certificates);
  await signer.sign(randomBytes(32));
}

async function fromStdin({ streams }: Ports): Promise<string> {
  const bytes = await streams.stdin();
  return Buffer.from(bytes).toString().split(/\r?\n/, 1)[0] ?? "";
}

/** @throws EksX509Error CACHE_UNAVAILABLE */
export async function runKeyForget({ cache, streams }: Ports): Promise<number> {
  const keychain = cache.keychain("auto", () => undefined);
  const found = await keychain.findCredentials(passwordService).catch(unavailable);
  for (const { account } of found) await keychain.deletePassword(passwordService, account).catch(unavailable);
  await streams.stdout(`${found.length} removed\n`);
  return 0;
}

function unavailable(error: unknown): never {
  throw cacheUnavailable(error, "Use --password-file or --askpass instead.");
}
