/**
 * GNOME Keyring, KWallet and KeePassXC: Secret Service over the session bus, without @napi-rs/keyring. @napi-rs/keyring
 * connects synchronously, so a bus that does not answer blocks the whole program. It makes a locked service show a dialog.
 * Node waits in process.exit() for its hanging thread. A socket can be closed.
 */
import { lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { busSockets, type BusEnvironment } from "./dbus/address.ts";
import { connectToBus } from "./dbus/connection.ts";
import { KeychainError, keychainFailure, type Credential, type Keychain } from "../keychain.ts";
import { lockedError, SecretServiceSession } from "./secret-service-session.ts";
import { replaceable } from "../../private-folder.ts";
import type { TimeLimit } from "../time-limit.ts";

const name = "Secret Service";

export interface SecretService extends Keychain {
  /** Whether the service answers and is unlocked, for code that would otherwise wait without a limit. @throws KeychainError */
  readonly ready: () => Promise<void>;
}

export interface SecretServicePorts {
  readonly bus: BusEnvironment;
  readonly uid: number;
  readonly limit: TimeLimit;
}

/** One connection for each call. A run makes few calls, and each is independent of the one before. */
async function inSession<Result>(
  { bus, uid, limit }: SecretServicePorts,
  use: (session: SecretServiceSession) => Promise<Result>,
): Promise<Result> {
  try {
    return await limit.run(name, async (signal) => {
      const connection = await connectToBus(await ownSocket(bus, uid), uid, signal);
      return use(new SecretServiceSession(connection)).finally(() => {
        connection.close();
      });
    });
  } catch (error) {
    throw keychainFailure(name, error);
  }
}

export function secretServiceKeychain(ports: SecretServicePorts): SecretService {
  const within = <Result>(use: (session: SecretServiceSession) => Promise<Result>) => inSession(ports, use);
  return {
    getPassword: (service, account) =>
      within(async (session) => {
        const { unlocked, locked } = await session.search({ service, account });
        const [item] = unlocked;
        if (item === undefined && locked.length > 0) throw lockedError();
        return item === undefined ? undefined : (await session.secrets([item])).get(item);
      }),
    setPassword: (service, account, password) =>
      within(async (session) => {
        const collection = await session.defaultCollection();
        // The attributes of keytar and of libsecret's generic schema, so that both backends find each other's entries.
        const attributes = { "xdg:schema": "org.freedesktop.Secret.Generic", service, account };
        await session.create(collection, `${service}/${account}`, attributes, password);
      }),
    deletePassword: (service, account) =>
      within(async (session) => {
        const items = await session.unlocked({ service, account });
        for (const item of items) await session.delete(item);
        return items.length > 0;
      }),
    findCredentials: (service) =>
      within(async (session) => {
        const found: Credential[] = [];
        for (const [item, password] of await session.secrets(await session.unlocked({ service }))) {
          const account = (await session.attributes(item)).get("account");
          if (account !== undefined) found.push({ account, password });
        }
        return found;
      }),
    ready: () =>
      within(async (session) => {
        await session.defaultCollection();
      }),
  };
}

/** With `sudo -E`, the environment names the bus of another user, who shall not be given root's secrets. */
async function ownSocket(bus: BusEnvironment, uid: number): Promise<string> {
  const sockets = busSockets(bus);
  if (sockets.length === 0) throw new KeychainError("absent", "Secret Service: there is no session bus");
  const socket = sockets.find((path) => !path.includes("\0"));
  // Any user may listen at an abstract name, and no file says who does. Node pads the name with zeros, so it would not even
  // reach the bus: it would reach the first process that listens at the padded name.
  if (socket === undefined) throw refused("the owner of an abstract address of the session bus is unknown");
  const [own, folder] = await Promise.all([lstat(socket), stat(dirname(socket))]);
  if (own.uid !== uid) throw refused(`the session bus belongs to user ${own.uid}`);
  if (replaceable(folder, uid) !== undefined) throw refused("other users can replace the session bus");
  return socket;
}

function refused(why: string): KeychainError {
  return new KeychainError("refused", `${name}: ${why}`);
}
