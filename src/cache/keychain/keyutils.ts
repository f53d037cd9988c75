/**
 * The Linux kernel keyring. linux-keyutils-keyring-store adds a key of type "user" to the session keyring and links it into
 * the user's persistent keyring, if the kernel supports it. Every login of the user finds it. It is removed at reboot, or
 * after three days without use. Calls take microseconds and cannot hang, so they are synchronous.
 */
import { readFileSync } from "node:fs";
import type { Binding } from "./native/binding.ts";
import type { KernelKey } from "./kernel-keys.ts";
import { type Keychain, KeychainError, keychainFailure } from "./keychain.ts";

const name = "the kernel keyring";
/** Tests whether keys can be read back. It contains no secret. */
const probe = "probe";

type Entry = InstanceType<Binding["Entry"]>;
type Use<Result> = (entry: Entry, probe: Entry) => Result | Promise<Result>;

/** Empty for a value that is not text. Such an entry exists and can be overwritten or deleted. */
function passwordOf(entry: Entry): string | null {
  try {
    return entry.getPassword();
  } catch (error) {
    if (error instanceof Error && error.message.includes("UTF-8")) return "";
    throw error;
  }
}

async function attempt<Result>(call: () => Result | Promise<Result>, secret?: string): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw keychainFailure(name, error, secret);
  }
}

export interface KeyutilsPorts {
  readonly binding: Pick<Binding, "Entry">;
  readonly uid: number;
  readonly procKeys?: () => string;
}

export function keyutilsKeychain({ binding, uid, procKeys = readProcKeys }: KeyutilsPorts): Keychain {
  const entryOf = (service: string, account: string): Entry =>
    new binding.Entry(service, account, { linux: { store: "keyutils" } });
  /**
   * The kernel gives a process without a session keyring, such as those of cron and containers, the user's default one.
   * There it can write keys that it can neither read nor delete (EACCES). An entry for the persistent keyring creates a
   * session keyring for the process, which is too late for the process itself but serves later processes.
   */
  const joinSession = () => entryOf("eks-x509", probe);
  refuseUnsafe(createdKeys(procKeys, joinSession), uid);
  joinSession();

  /** The kernel can deny a call for one entry alone, the probe included. */
  const using = <Result>(service: string, account: string, secret: string, use: Use<Result>) => {
    const call = (mark: string) =>
      attempt(() => use(entryOf(service, account + mark), entryOf(service, probe + mark)), secret);
    return call("").catch(async (error: unknown) =>
      (await import("./spare-entry.ts")).withSpare(error, (mark) => entryOf(service, probe + mark), call),
    );
  };
  const keychain: Keychain = {
    getPassword: (service, account) =>
      using(service, account, "", (entry, probe) => {
        const password = passwordOf(entry);
        if (password === null) probe.getPassword();
        return password ?? undefined;
      }),
    setPassword: (service, account, password) =>
      using(service, account, password, (entry, probe) => {
        proveReadable(probe);
        passwordOf(entry);
        entry.setPassword(password);
      }),
    deletePassword: (service, account) =>
      attempt(async () =>
        (await import("./kernel-keys.ts")).deleteKeys((mark) => entryOf(service, account + mark)),
      ),
    // The binding cannot list keys. The kernel can, and an index of our own could be wrong.
    findCredentials: (service) =>
      attempt(async () => {
        const { credentialsOf } = await import("./kernel-keys.ts");
        return credentialsOf(visibleKeys(procKeys), { uid, service, probe, keychain });
      }),
  };
  return keychain;
}

function readProcKeys(): string {
  return readFileSync("/proc/keys", "utf8");
}

/** The kernel creates a user's keyrings at their first use. Until then, /proc/keys is as empty as in a container. */
function createdKeys(procKeys: () => string, joinSession: () => void): readonly KernelKey[] {
  const keys = visibleKeys(procKeys, " keyring ");
  if (keys.length > 0) return keys;
  try {
    joinSession();
  } catch {
    // Then /proc/keys stays empty, and is judged so.
  }
  return visibleKeys(procKeys, " keyring ");
}

function refuseUnsafe(keys: readonly KernelKey[], uid: number): void {
  if (keys.length === 0)
    throw new KeychainError(
      "refused",
      "/proc/keys is empty: a container, which may share its keys with others",
    );
  const foreign = foreignKeyring(keys, uid);
  if (foreign)
    throw new KeychainError("refused", `${name} of this session is shared with user ${foreign.uid}`);
}

/**
 * A kernel without persistent keyrings leaves a process with the default one. A key without content detects this. It
 * stays, so that reads detect it too.
 */
function proveReadable(entry: Entry): void {
  if (entry.getPassword() === null) entry.setPassword("1");
}

/** @param word only of lines that contain it: a user can have hundreds of keys, and a hit needs the few keyrings */
function visibleKeys(procKeys: () => string, word = ""): readonly KernelKey[] {
  try {
    const lines = procKeys().split("\n");
    return kernelKeys(lines.filter((each) => each.includes(word)).join("\n"));
  } catch {
    throw new KeychainError("absent", "/proc/keys cannot be read: no kernel keyring");
  }
}

/** One line: serial, flags, references, timeout, permissions, uid, gid, type, description, `:` and a summary. */
const line = /^[\da-f]+ ([-\w]+) +\d+ +\S+ [\da-f]+ +(\d+) +\d+ (\S+) +(.*)$/;

export function kernelKeys(text: string): KernelKey[] {
  return text.split("\n").flatMap((row) => {
    const [, flags, uid, type, rest] = line.exec(row) ?? [];
    if (uid === undefined || type === undefined || rest === undefined) return [];
    // Deleted, but not yet removed.
    if (flags?.includes("i")) return [];
    return [{ uid: Number(uid), type, description: withoutSummary(rest) }];
  });
}

/** Not a regular expression, which would try each colon to the end of the line. */
function withoutSummary(text: string): string {
  const colon = text.lastIndexOf(":");
  return text[colon + 1] === " " ? text.slice(0, colon) : text;
}

/**
 * A keyring of another user. Only a process that possesses it sees it, such as one started by cron, or by su or sudo
 * without pam_keyinit. Another user could read and write its keys. The kernel's own keyrings begin with a dot.
 */
export function foreignKeyring(keys: readonly KernelKey[], uid: number): KernelKey | undefined {
  return keys.find((key) => key.type === "keyring" && key.uid !== uid && !key.description.startsWith("."));
}
