/** `--cache keytar`: the package keytar, if a user has installed it. Its native code is loaded directly, as its own lib does. */
import { join } from "node:path";
import { existsSync } from "node:fs";
import type * as Keytar from "keytar";
import { loadNative, type Machine, type NativeFile } from "./binding.ts";
import { KeychainError, type Credential, type Keychain } from "../keychain.ts";
import { nativeFailure } from "./native-failure.ts";
import type { TimeLimit } from "../time-limit.ts";

const name = "keytar";
type KeytarBinding = Pick<
  typeof Keytar,
  "getPassword" | "setPassword" | "deletePassword" | "findCredentials"
>;

export interface KeytarPorts {
  readonly binding: KeytarBinding;
  readonly limit: TimeLimit;
  /** Fails when what keytar is about to wait for does not answer, or would show a dialog: keytar itself knows no limit. */
  readonly ready: () => Promise<void>;
}

/** @throws KeychainError absent, refused */
export function loadKeytar(machine: Machine): KeytarBinding {
  const loaded = loadNative(files(machine), machine);
  if (isKeytar(loaded)) return loaded;
  throw new KeychainError("broken", "this version does not support the installed keytar");
}

function files({ platform, arch }: Machine): NativeFile[] {
  const system = platform === "linux" && existsSync("/etc/alpine-release") ? "linuxmusl" : platform;
  const folders = [join("build", "Release"), join("prebuilds", `${system}-${arch}`)];
  return folders.map((folder) => ({
    inPackage: join(name, folder, "keytar.node"),
    owner: name,
    name: "keytar.node",
  }));
}

function isKeytar(value: unknown): value is KeytarBinding {
  return typeof value === "object" && value !== null && "getPassword" in value && "findCredentials" in value;
}

export class KeytarKeychain implements Keychain {
  readonly #ports: KeytarPorts;

  constructor(ports: KeytarPorts) {
    this.#ports = ports;
  }

  async getPassword(service: string, account: string): Promise<string | undefined> {
    return (await this.#try((keytar) => keytar.getPassword(service, account))) ?? undefined;
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    await this.#try((keytar) => keytar.setPassword(service, account, password), password);
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    return this.#try((keytar) => keytar.deletePassword(service, account));
  }

  async findCredentials(service: string): Promise<readonly Credential[]> {
    return this.#try((keytar) => keytar.findCredentials(service));
  }

  async #try<Result>(call: (keytar: KeytarBinding) => Promise<Result>, secret?: string): Promise<Result> {
    const { binding, limit, ready } = this.#ports;
    await ready();
    try {
      return await limit.run(name, async () => call(binding));
    } catch (error) {
      throw nativeFailure(name, error, secret);
    }
  }
}
