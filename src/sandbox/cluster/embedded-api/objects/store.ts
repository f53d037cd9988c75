import type { KubernetesObject, ObjectKey } from "./object.ts";

export interface Entry {
  readonly key: ObjectKey;
  readonly object: KubernetesObject;
}

export interface Change extends Entry {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly previous: KubernetesObject | undefined;
}

/** A resource, in one namespace or, if that is empty, in all. */
export type Collection = Pick<ObjectKey, "resource" | "namespace">;

export const isIn = ({ key }: Entry, { resource, namespace }: Collection) =>
  key.resource === resource && (namespace === "" || key.namespace === namespace);

/** A watch that is further behind must list again, as with the API server's watch cache. */
const rememberedChanges = 1000;

export class Store {
  readonly #entries = new Map<string, Entry>();
  readonly #changes: Change[] = [];
  #waiting: (() => void)[] = [];
  #version = 0;

  get(key: ObjectKey): KubernetesObject | undefined {
    return this.#entries.get(idOf(key))?.object;
  }

  /** In the order of namespace and name, as in etcd. */
  list(collection: Collection): readonly KubernetesObject[] {
    return this.#sorted()
      .filter((entry) => isIn(entry, collection))
      .map(({ object }) => object);
  }

  put(key: ObjectKey, object: KubernetesObject): KubernetesObject {
    const previous = this.get(key);
    const stored = this.#record(previous === undefined ? "ADDED" : "MODIFIED", key, object, previous);
    this.#entries.set(idOf(key), { key, object: stored });
    return stored;
  }

  remove(key: ObjectKey): void {
    const object = this.get(key);
    if (object === undefined) return;
    this.#entries.delete(idOf(key));
    this.#record("DELETED", key, object, object);
  }

  removeNamespaced(namespace: string): void {
    for (const { key } of this.#sorted()) if (key.namespace === namespace) this.remove(key);
  }

  /** Of the whole store: it counts writes, as the revision of etcd does. */
  get version(): number {
    return this.#version;
  }

  /** Undefined if the store has dropped some of them. */
  changesSince(version: number): readonly Change[] | undefined {
    if (version < this.#version - this.#changes.length) return undefined;
    return this.#changes.filter((change) => change.version > version);
  }

  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #sorted(): readonly Entry[] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }

  #record(
    type: Change["type"],
    key: ObjectKey,
    written: KubernetesObject,
    previous: KubernetesObject | undefined,
  ): KubernetesObject {
    this.#version += 1;
    const metadata = { ...written.metadata, resourceVersion: String(this.#version) };
    const object = { ...written, metadata };
    this.#changes.push({ type, key, version: this.#version, object, previous });
    if (this.#changes.length > rememberedChanges) this.#changes.shift();
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
    return object;
  }
}

/** A name contains no slash (see validation.ts), so the path is unambiguous. */
const idOf = ({ resource, namespace, name }: ObjectKey) =>
  `${resource.group}/${resource.name}/${namespace}/${name}`;
