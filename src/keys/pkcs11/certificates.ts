/** The certificate on a token that a `pkcs11:` URI names. */
import { X509Certificate } from "node:crypto";
import { areEqual } from "../../identity/algorithms.ts";
import type { NamedBytes } from "../../foundation/ports.ts";
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
  const texts = new Set([...meant, ...chain].map(({ x509 }) => x509.toString()));
  return {
    name: uriOf({ ...leaf.token, object: leaf.object }, wanted.uri),
    bytes: Buffer.from([...texts].join("")),
  };
}

/**
 * Every certificate that has its key beside it, as tokenCertificates returns one.
 * @param unlockFor logs in, where a token shows its keys only then. The PIN of one token must not reach another one.
 */
export async function certificatesWithKey(
  module: Module,
  unlockFor: ((isForSeveral: boolean) => Unlock) | undefined,
): Promise<NamedBytes[]> {
  const found: NamedBytes[] = [];
  const tokens = await module.tokens();
  const unlock = unlockFor?.(tokens.filter(({ isLoginRequired }) => isLoginRequired).length > 1);
  for (const token of tokens) {
    const objects = (await visibleObjects(token, module, unlock)).map((object) => ({ token, object }));
    const certificates = objects.flatMap((one) => readable(one) ?? []);
    const keyIds = new Set(objects.filter(({ object }) => object.type !== "cert").map(idOnToken));
    for (const leaf of certificates.filter((one) => keyIds.has(idOnToken(one)))) {
      const chain = certificates.filter((one) => one !== leaf && one.x509.ca);
      const texts = new Set([leaf, ...chain].map(({ x509 }) => x509.toString()));
      const name = uriOf({ ...token, object: leaf.object }, anyUri);
      found.push({ name, bytes: Buffer.from([...texts].join("")) });
    }
  }
  return found;
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
