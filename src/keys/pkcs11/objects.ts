/** The tokens and objects that a `pkcs11:` URI names. */
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import type { Module } from "./module.ts";
import type { FoundObject, FoundToken } from "./protocol.ts";
import { allows, uriOf, type Pkcs11Uri } from "./uri.ts";

const failure = errorsOf("identity", "private-key");
/** A message lists no more than these. */
const longestList = 10;

/** An object and where it is. */
export interface Placed {
  token: FoundToken;
  object: FoundObject;
}

/** A URI, and the module that it leads to. */
export interface Wanted {
  uri: Pkcs11Uri;
  module: Module;
}

/** @returns the tokens that the URI's path allows. @throws EksX509Error PKCS11_TOKEN_MISSING */
export async function tokensOf({ uri, module }: Wanted): Promise<FoundToken[]> {
  const all = await module.tokens();
  const matching = all.filter((token) => allows(uri, token));
  if (matching.length > 0) return matching;
  const names = all.map(({ place }) => `"${place.token ?? ""}" (serial ${place.serial ?? "unknown"})`);
  const found =
    names.length === 0 ? `${module.path} has none` : `there are: ${names.slice(0, longestList).join(", ")}`;
  throw failure(
    "PKCS11_TOKEN_MISSING",
    `no token matches the PKCS#11 URI; ${found}`,
    "Plug the token in, or correct the URI. eks-x509 key list prints the URI of each certificate.",
  );
}

export async function objectsOf(tokens: readonly FoundToken[], module: Module): Promise<Placed[]> {
  const found: Placed[] = [];
  for (const token of tokens)
    found.push(...(await module.objects(token.slot)).map((object) => ({ token, object })));
  return found;
}

export function isNamed({ object, id, type }: Pkcs11Uri, found: FoundObject): boolean {
  if (type === "data" || type === "secret-key") return false;
  return (id === undefined || id === found.id) && (object === undefined || object === found.label);
}

/** Objects with the same one belong together: a certificate, its key, its public key. */
export function idOnToken({ token, object }: Placed): string {
  return `${token.slot}/${object.id || `label ${object.label}`}`;
}

export function missing(what: string): EksX509Error {
  return failure(
    "PKCS11_OBJECT_MISSING",
    `no ${what} on the token matches the PKCS#11 URI`,
    "eks-x509 key list prints the URI of each certificate.",
  );
}

/** @param found with a URI for each */
export function ambiguous(what: string, found: readonly Placed[], { uri }: Wanted): EksX509Error {
  // A module lists its objects in any order.
  const uris = found.map(({ token, object }) => uriOf({ ...token, object }, uri)).sort();
  return failure(
    "PKCS11_OBJECT_AMBIGUOUS",
    `${uris.length} ${what} match the PKCS#11 URI: ${listed(uris)}`,
    "Use one of these URIs, in quotes.",
  );
}

export function ambiguousToken(tokens: readonly FoundToken[], { uri }: Wanted): EksX509Error {
  const uris = tokens.map(({ place }) => uriOf({ place }, uri));
  return failure(
    "PKCS11_TOKEN_AMBIGUOUS",
    `no token shows a key that matches the PKCS#11 URI before the login, and ${tokens.length} tokens can hold it: ${listed(uris)}`,
    "Add the token to the URI, so that no other token gets its PIN.",
  );
}

function listed(uris: readonly string[]): string {
  const rest = uris.length - longestList;
  return `${uris.slice(0, longestList).join(" ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** The first of the lists that is not empty. */
export function firstWithSome<Item>(...lists: readonly (readonly Item[])[]): readonly Item[] {
  return lists.find(({ length }) => length > 0) ?? [];
}
