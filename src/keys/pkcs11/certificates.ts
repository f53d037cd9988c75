/** The certificate on a token that a `pkcs11:` URI names. */
import { X509Certificate } from "node:crypto";
import { EksX509Error, settled } from "../../foundation/errors.ts";
import type { NamedBytes } from "../../foundation/ports.ts";
import { areEqual, publicKey as publicKeyIn } from "../../identity/algorithms.ts";
import type { TokenContents } from "../../identity/signer.ts";
import type { Unlock } from "../password/unlock.ts";
import { moduleFault, type Module } from "./module.ts";
import {
  ambiguous,
  firstWithSome,
  idOnToken,
  isNamed,
  missing,
  objectsOf,
  tokensOf,
  type Placed,
  type Wanted,
} from "./objects.ts";
import { keysOf, type PlacedKey } from "./key.ts";
import { isPinRefused, locked, lockOf } from "./pin.ts";
import type { FoundObject, FoundToken } from "./protocol.ts";
import { anyUri, uriOf } from "./uri.ts";

interface PlacedCertificate extends Placed {
  x509: X509Certificate;
}

/**
 * The certificate that the URI names, with the CAs of its token behind it, as PEM. Several with one key, such as a renewed certificate
 * beside its predecessor, are left to whoever judges their fitness.
 * @throws EksX509Error PKCS11_…
 */
export async function tokenCertificates(wanted: Wanted): Promise<NamedBytes> {
  const objects = await objectsOf(await tokensOf(wanted), wanted.module);
  const certificates = objects.flatMap((one) => readable(one) ?? []);
  const keyIds = new Set(objects.filter(({ object }) => object.type !== "cert").map(idOnToken));
  const named = certificates.filter(({ object }) => isNamed(wanted.uri, object));
  // CAs are on a token without their keys. A key can be invisible before the login.
  const meant = firstWithSome(
    named.filter((one) => keyIds.has(idOnToken(one))),
    named.filter(({ x509 }) => !x509.ca),
    named,
  );
  const [leaf] = meant;
  if (!leaf) throw missing("certificate");
  if (meant.some((one) => one.token !== leaf.token || !isSameKey(one, leaf)))
    throw ambiguous("certificates", meant, wanted);
  const chain = certificates.filter(({ token, x509 }) => token === leaf.token && x509.ca);
  return {
    name: uriOf({ ...leaf.token, object: leaf.object }, wanted.uri),
    bytes: pem([...meant, ...chain]),
  };
}

/** A token can have one certificate in several objects. */
function pem(certificates: readonly PlacedCertificate[]): Buffer {
  const texts = new Set(certificates.map(({ x509 }) => x509.toString()));
  return Buffer.from([...texts].join(""));
}

/**
 * What each token of the module shows.
 * @param unlockFor logs in. The PIN of one token must not reach another one.
 */
export async function tokenContents(
  module: Module,
  unlockFor: ((isForSeveral: boolean) => Unlock) | undefined,
): Promise<(TokenContents | EksX509Error)[]> {
  const tokens = await module.tokens();
  const unlock = unlockFor?.(tokens.filter(({ isLoginRequired }) => isLoginRequired).length > 1);
  const found: (TokenContents | EksX509Error)[] = [];
  for (const token of tokens) {
    const objects = await settled(visibleObjects(token, module, unlock));
    found.push(objects instanceof EksX509Error ? objects : contentsOf(token, objects, unlock !== undefined));
  }
  return found;
}

function contentsOf(token: FoundToken, objects: readonly FoundObject[], isLogin: boolean): TokenContents {
  const placed = objects.map((object) => ({ token, object }));
  const certificates = placed.flatMap((one) => readable(one) ?? []);
  const keys = keysOf(placed);
  const authorities = certificates.filter(({ x509 }) => x509.ca);
  const leaves = certificates.filter((one) => !one.x509.ca || keys.some((key) => belongs(key, one)));
  const uri = (object: FoundObject): string => uriOf({ ...token, object }, anyUri);
  const found = leaves.map((leaf) => ({ name: uri(leaf.object), bytes: pem([leaf, ...authorities]) }));
  return {
    // A module lists its objects in any order.
    certificates: found.sort((one, other) => one.name.localeCompare(other.name)),
    keys: keys.map(({ object, publicKey }) => ({
      name: uri({ ...object, type: "private" }),
      publicKey: publicKey.export({ type: "spki", format: "der" }),
    })),
    isLocked: token.isLoginRequired && (token.hasPinPad || !isLogin),
  };
}

function belongs({ publicKey }: PlacedKey, { x509 }: PlacedCertificate): boolean {
  const own = publicKeyIn(x509);
  return own !== undefined && areEqual(publicKey, own);
}

async function visibleObjects(
  token: FoundToken,
  module: Module,
  unlock: Unlock | undefined,
): Promise<FoundObject[]> {
  if (!unlock || !token.isLoginRequired || token.hasPinPad) return module.objects(token.slot);
  if (token.tries === "locked") throw locked(token);
  return unlock(lockOf(token), async (pin) => {
    const found = await module.objectsAfterLogin(token.slot, pin);
    if (Array.isArray(found)) return found;
    if (isPinRefused(found, token)) return undefined;
    throw moduleFault(module.path, found);
  });
}

/** Undefined for keys, and for what a token holds in place of a certificate. */
function readable(placed: Placed): PlacedCertificate | undefined {
  if (placed.object.type !== "cert") return undefined;
  try {
    return { ...placed, x509: new X509Certificate(Buffer.from(placed.object.value, "base64")) };
  } catch {
    return undefined;
  }
}

function isSameKey(one: PlacedCertificate, other: PlacedCertificate): boolean {
  try {
    return areEqual(one.x509.publicKey, other.x509.publicKey);
  } catch {
    // Of a kind that Node does not know.
    return one.x509.raw.equals(other.x509.raw);
  }
}
