/** Which private key a `pkcs11:` URI names. It can be invisible before the login, so other objects show where it is. */
import { X509Certificate, type KeyObject } from "node:crypto";
import { areEqual } from "../../identity/algorithms.ts";
import type { FoundObject, FoundToken, ObjectName } from "./protocol.ts";
import {
  ambiguous,
  ambiguousToken,
  firstWithSome,
  idOnToken,
  isNamed,
  missing,
  objectsOf,
  tokensOf,
  type Placed,
  type Wanted,
} from "./objects.ts";
import { publicKeyOf } from "./public-part.ts";

export interface KeyPlace extends ObjectName {
  token: FoundToken;
  /** Undefined if nothing that is visible tells it. */
  publicKey: KeyObject | undefined;
}

/** Objects with one CKA_ID. */
interface Group {
  first: Placed;
  hasKey: boolean;
  keys: readonly KeyObject[];
}

/**
 * @param own the public keys of the certificates at hand
 * @throws EksX509Error PKCS11_…
 */
export async function keyPlace(wanted: Wanted, own: readonly KeyObject[]): Promise<KeyPlace> {
  const tokens = await tokensOf(wanted);
  const objects = await objectsOf(tokens, wanted.module);
  const groups = groupsNamed(wanted, objects);
  const isOwn = (key: KeyObject): boolean => own.some((one) => areEqual(one, key));
  const matching = groups.filter(({ keys }) => keys.some(isOwn));
  const hasKey = (group: Group): boolean => group.hasKey;
  const namesObject = wanted.uri.id !== undefined || wanted.uri.object !== undefined;
  const meant = firstWithSome(
    matching.filter(hasKey),
    matching,
    groups.filter(hasKey),
    namesObject ? groups : [],
  );
  const [found, ...more] = meant;
  if (!found) return invisibleKey(wanted, tokens);
  const placed = meant.map(({ first }) => first);
  if (more.length > 0) throw ambiguous("keys", placed, wanted);
  const { token, object } = found.first;
  const name = object.id === "" ? { label: object.label } : { id: object.id };
  return { token, ...name, publicKey: found.keys.find(isOwn) ?? found.keys[0] };
}

function groupsNamed({ uri }: Wanted, objects: readonly Placed[]): Group[] {
  const isOfType = ({ object: { type } }: Placed): boolean =>
    uri.type === undefined || (uri.type === "cert") === (type === "cert");
  const named = objects.filter((one) => isOfType(one) && isNamed(uri, one.object));
  return [...new Set(named.map(idOnToken))].flatMap((id) => {
    const group = objects.filter((one) => idOnToken(one) === id);
    const keys = group.filter(({ object }) => object.type !== "cert");
    const first = keys.find((one) => named.includes(one)) ?? named.find((one) => idOnToken(one) === id);
    return first
      ? { first, hasKey: keys.length > 0, keys: group.flatMap(({ object }) => publicKey(object) ?? []) }
      : [];
  });
}

export interface PlacedKey extends Placed {
  publicKey: KeyObject;
}

/** Keys whose public part is visible: in an object of the key, or in a certificate with its CKA_ID. */
export function keysOf(objects: readonly Placed[]): PlacedKey[] {
  const found = new Map<string, PlacedKey>();
  const isKey = ({ object }: Placed): boolean => object.type !== "cert";
  const ids = new Set(objects.filter(isKey).map(idOnToken));
  for (const placed of [...objects.filter(isKey), ...objects]) {
    const [id, key] = [idOnToken(placed), publicKey(placed.object)];
    if (ids.has(id) && !found.has(id) && key) found.set(id, { ...placed, publicKey: key });
  }
  return [...found.values()];
}

function publicKey(object: FoundObject): KeyObject | undefined {
  if (object.type !== "cert") return publicKeyOf(object);
  try {
    return new X509Certificate(Buffer.from(object.value, "base64")).publicKey;
  } catch {
    return undefined;
  }
}

/** The PIN of one token must not reach another one. */
function invisibleKey(wanted: Wanted, tokens: readonly FoundToken[]): KeyPlace {
  const { id, object: label, type } = wanted.uri;
  if (type === "data" || type === "secret-key") throw missing("private key");
  const [token, ...more] = tokens.filter(({ isLoginRequired }) => isLoginRequired);
  if (!token) throw missing("private key");
  if (more.length > 0) throw ambiguousToken([token, ...more], wanted);
  return { token, id, label, publicKey: undefined };
}
