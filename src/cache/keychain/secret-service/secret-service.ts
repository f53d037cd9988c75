/**
 * GNOME Keyring, KWallet and KeePassXC: Secret Service over the session bus, without @napi-rs/keyring. @napi-rs/keyring
 * connects synchronously, so a bus that does not answer blocks the whole program. It makes a locked service show a dialog.
 * Node waits in process.exit() for its hanging thread. A socket can be closed.
 */
import { lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { busSockets, type BusEnvironment } from "./dbus/address.ts";
import { connectToBus, type BusConnection } from "./dbus/connection.ts";
import { KeychainError, keychainFailure, type Credential, type Keychain } from "../keychain.ts";
import { lockedError, SecretServiceSession, type Attributes } from "./secret-service-session.ts";
import type { TimeLimit } from "../time-limit.ts";

const name = "Secret Service";

export interface SecretServicePorts {
  readonly bus: BusEnvironment;
  readonly uid: number;
  readonly limit: TimeLimit;
}

export class SecretServiceKeychain implements Keychain {
  readonly #ports: SecretServicePorts;

  constructor(ports: SecretServicePorts) {
    this.#ports = ports;
  }

  async getPassword(service: string, account: string): Promise<string | undefined> {
    return this.#with(async (session) => {
      const { unlocked, locked } = await session.search({ service, account });
      const [item] = unlocked;
      if (item !== undefined) return (await session.secrets([item])).get(item);
      if (locked.length > 0) throw lockedError();
      return undefined;
    });
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    await this.#with(async (session) => {
      const collection = await session.defaultCollection();
      await session.create(collection, `${service}/${account}`, attributesOf(service, account), password);
    });
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    return this.#with(async (session) => {
      const { unlocked, locked } = await session.search({ service, account });
      if (locked.length > 0) throw lockedError();
      for (const item of unlocked) await session.delete(item);
      return unlocked.length > 0;
    });
  }

  async findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#with(async (session) => {
      const { unlocked, locked } = await session.search({ service });
      if (locked.length > 0) throw lockedError();
      const secrets = unlocked.length > 0 ? await session.secrets(unlocked) : new Map<string, string>();
      const found: Credential[] = [];
      for (const [item, password] of secrets) {
        const account = (await session.attributes(item)).get("account");
        if (account !== undefined) found.push({ account, password });
      }
      return found;
    });
  }

  /** Whether the service answers and is unlocked, for code that would otherwise wait without a limit. @throws KeychainError */
  async ready(): Promise<void> {
    await this.#with((session) => session.defaultCollection());
  }

  /** One connection for each call. A run makes few calls, and each is independent of the one before. */
  async #with<Result>(use: (session: SecretServiceSession) => Promise<Result>): Promise<Result> {
    try {
      return await this.#ports.limit.run(name, async (signal) => {
        const bus = await this.#connect(signal);
        return use(new SecretServiceSession(bus)).finally(() => {
          bus.close();
        });
      });
    } catch (error) {
      throw keychainFailure(name, error);
    }
  }

  async #connect(signal: AbortSignal): Promise<BusConnection> {
    const { bus, uid } = this.#ports;
    const sockets = busSockets(bus);
    if (sockets.length === 0) throw new KeychainError("absent", "Secret Service: there is no session bus");
    const socket = sockets.find((path) => !path.includes("\0"));
    if (socket === undefined) throw ownerless();
    await this.#refuseForeign(socket);
    return connectToBus(socket, uid, signal);
  }

  /** With `sudo -E`, the environment names the bus of another user, who shall not be given root's secrets. */
  async #refuseForeign(socket: string): Promise<void> {
    const { uid } = this.#ports;
    const [own, folder] = await Promise.all([lstat(socket), stat(dirname(socket))]);
    if (own.uid !== uid)
      throw new KeychainError("refused", `${name}: the session bus belongs to user ${own.uid}`);
    // Whoever may rename in the folder can put another socket in its place. The sticky bit of /tmp forbids that.
    const isOpen = (folder.mode & 0o022) !== 0 && (folder.mode & 0o1000) === 0;
    if (isOpen || (folder.uid !== uid && folder.uid !== 0))
      throw new KeychainError("refused", `${name}: other users can replace the session bus`);
  }
}

/**
 * Any user may listen at an abstract name, and no file says who does. Node pads the name with zeros, so it would not even reach the
 * bus: it would reach the first process that listens at the padded name.
 */
function ownerless(): KeychainError {
  return new KeychainError(
    "refused",
    `${name}: nobody can tell who owns an abstract address of the session bus`,
  );
}

/** The attributes of keytar and of libsecret's generic schema, so that both backends find each other's entries. */
function attributesOf(service: string, account: string): Attributes {
  return { "xdg:schema": "org.freedesktop.Secret.Generic", service, account };
}
