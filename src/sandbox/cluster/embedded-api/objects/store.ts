import type { KubernetesObject, ObjectKey, ResourceKey } from "./object.ts";

export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly key: ObjectKey;
  readonly version: number;
  readonly object: KubernetesObject;
  readonly previous: KubernetesObject | undefined;
}

/** A watch that is further behind must list again, as with the API server's watch cache. */
const rememberedChanges = 1000;

export class Store {
  readonly #objects = new Map<string, { key: ObjectKey; object: KubernetesObject }>();
  readonly #changes: Change[] = [];
  #waiting: (() => void)[] = [];
  #version = 0;

  get(key: ObjectKey): KubernetesObject | undefined {
    return this.#objects.get(idOf(key))?.object;
  }

  /** In the order of namespace and name, as in etcd. Without a namespace: all of them. */
  list({ group, resource }: ResourceKey, namespace: string): readonly KubernetesObject[] {
    return this.#entries()
      .filter(({ key }) => key.group === group && key.resource === resource)
      .filter(({ key }) => namespace === "" || key.namespace === namespace)
      .map(({ object }) => object);
  }

  /** Sets the resource version of the object. */
  put(key: ObjectKey, object: KubernetesObject): KubernetesObject {
    const previous = this.get(key);
    const stored = this.#record(previous === undefined ? "ADDED" : "MODIFIED", key, object, previous);
    this.#objects.set(idOf(key), { key, object: stored });
    return stored;
  }

  remove(key: ObjectKey): void {
    const object = this.get(key);
    if (object === undefined) return;
    this.#objects.delete(idOf(key));
    this.#record("DELETED", key, object, object);
  }

  /** Removes the objects of a deleted namespace. */
  removeNamespaced(namespace: string): void {
    for (const { key } of this.#entries()) if (key.namespace === namespace) this.remove(key);
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

  #entries() {
    return [...this.#objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
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
const idOf = ({ group, resource, namespace, name }: ObjectKey) => `${group}/${resource}/${namespace}/${name}`;
