/**
 * The required part of org.freedesktop.secrets. It never asks the service to unlock and never lets it ask the user: it
 * does not show the prompts that the service offers.
 */
import type { BusConnection } from "./dbus/connection.ts";
import type { Reader } from "./dbus/reader.ts";
import type { Writer } from "./dbus/writer.ts";
import { KeychainError } from "../keychain.ts";

type Attributes = Readonly<Record<string, string>>;

const service = "org.freedesktop.secrets";
const servicePath = "/org/freedesktop/secrets";
const interfaces = {
  service: "org.freedesktop.Secret.Service",
  collection: "org.freedesktop.Secret.Collection",
  item: "org.freedesktop.Secret.Item",
  properties: "org.freedesktop.DBus.Properties",
};

export class SecretServiceSession {
  readonly #bus: BusConnection;
  #path = "";

  constructor(bus: BusConnection) {
    this.#bus = bus;
  }

  async search(attributes: Attributes): Promise<Record<"unlocked" | "locked", readonly string[]>> {
    const reply = await this.#service("SearchItems", "a{ss}", (writer) => writer.dictionary(attributes));
    return { unlocked: reply.strings(), locked: reply.strings() };
  }

  /** @throws KeychainError locked, if one of the items is */
  async unlocked(attributes: Attributes): Promise<readonly string[]> {
    const { unlocked, locked } = await this.search(attributes);
    if (locked.length > 0) throw lockedError();
    return unlocked;
  }

  /** By the items' paths. */
  async secrets(items: readonly string[]): Promise<Map<string, string>> {
    if (items.length === 0) return new Map();
    const session = await this.#session();
    const reply = await this.#service("GetSecrets", "aoo", (writer) => writer.strings(items).string(session));
    return new Map(reply.array(8, () => [reply.align(8).string(), secretText(reply)]));
  }

  async attributes(item: string): Promise<ReadonlyMap<string, string>> {
    const value = await this.#property(item, interfaces.item, "Attributes");
    return value instanceof Map ? value : new Map<string, string>();
  }

  /** @throws KeychainError absent, locked */
  async defaultCollection(): Promise<string> {
    const reply = await this.#service("ReadAlias", "s", (writer) => writer.string("default"));
    const path = reply.string();
    if (path === "/") throw new KeychainError("absent", "Secret Service has no default collection");
    if ((await this.#property(path, interfaces.collection, "Locked")) === true) throw lockedError();
    return path;
  }

  /** Replaces an item with the same attributes. */
  async create(collection: string, label: string, attributes: Attributes, secret: string): Promise<void> {
    const session = await this.#session();
    const body = (writer: Writer): void => {
      writer.array(8, () => {
        writer.align(8).string(`${interfaces.item}.Label`).signature("s").string(label);
        writer.align(8).string(`${interfaces.item}.Attributes`).signature("a{ss}").dictionary(attributes);
      });
      writer.align(8).string(session).byteArray(Buffer.alloc(0)).byteArray(Buffer.from(secret, "utf8"));
      writer.string("text/plain").uint32(1);
    };
    const reply = await this.#call(collection, interfaces.collection, "CreateItem", "a{sv}(oayays)b", body);
    reply.string();
    refusePrompt(reply.string());
  }

  async delete(item: string): Promise<void> {
    refusePrompt((await this.#call(item, interfaces.item, "Delete")).string());
  }

  /** With the algorithm "plain": a program that can listen on the user's own bus can also call the service. */
  async #session(): Promise<string> {
    if (this.#path !== "") return this.#path;
    const open = (writer: Writer): void => {
      writer.string("plain").signature("s").string("");
    };
    const reply = await this.#service("OpenSession", "sv", open);
    reply.variant();
    this.#path = reply.string();
    return this.#path;
  }

  async #property(path: string, of: string, name: string): Promise<ReturnType<Reader["variant"]>> {
    const body = (writer: Writer): Writer => writer.string(of).string(name);
    return (await this.#call(path, interfaces.properties, "Get", "ss", body)).variant();
  }

  async #service(member: string, signature: string, body: (writer: Writer) => void): Promise<Reader> {
    return this.#call(servicePath, interfaces.service, member, signature, body);
  }

  async #call(
    path: string,
    of: string,
    member: string,
    signature?: string,
    body?: (writer: Writer) => void,
  ): Promise<Reader> {
    return this.#bus.call({ destination: service, path, interface: of, member, signature, body });
  }
}

/** (oayays): session, parameters, value, content type */
function secretText(reader: Reader): string {
  reader.align(8).string();
  reader.byteArray();
  const text = reader.byteArray().toString("utf8");
  reader.string();
  return text;
}

/** "/" means no prompt. A prompt that is not shown does nothing and ends with the connection. */
function refusePrompt(path: string): void {
  if (path !== "/") throw lockedError();
}

export function lockedError(): KeychainError {
  return new KeychainError("locked", "Secret Service is locked");
}
