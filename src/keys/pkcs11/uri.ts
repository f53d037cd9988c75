/** `pkcs11:` URIs, RFC 7512: which token, which object, and how to reach them. */
import { places, type FoundToken, type PlaceAttribute } from "./protocol.ts";

const pathAttributes: readonly string[] = [...places, "object", "id", "type"];
const queryAttributes: readonly string[] = ["pin-source", "pin-value", "module-name", "module-path"];

const objectTypes = ["cert", "private", "public", "data", "secret-key"] as const;

/** How to reach the token, RFC 7512 §2.4. */
export interface Reach {
  /** A path, whether the URI has a path or a `file:` URI. */
  pinSource: string | undefined;
  moduleName: string | undefined;
  modulePath: string | undefined;
}

export interface Pkcs11Uri extends Reach {
  /** What library, slot and token must be, each decoded. */
  place: ReadonlyMap<PlaceAttribute, string>;
  /** CKA_LABEL. */
  object: string | undefined;
  /** CKA_ID in hexadecimal digits: it can be any bytes. */
  id: string | undefined;
  type: (typeof objectTypes)[number] | undefined;
  pinValue: string | undefined;
}

/** Matches every object of every token. */
export const anyUri: Pkcs11Uri = {
  place: new Map(),
  object: undefined,
  id: undefined,
  type: undefined,
  pinValue: undefined,
  pinSource: undefined,
  moduleName: undefined,
  modulePath: undefined,
};

/** What is wrong with a URI. Holds no value of it, since one can be a PIN. */
export class UriProblem extends Error {}

/** RFC 7512 §2.3: an attribute of the path that is unknown or stands twice makes the URI match nothing. */
export function parsePkcs11Uri(text: string): Pkcs11Uri | UriProblem {
  try {
    return parsed(text.replace(/^pkcs11:/i, ""));
  } catch (problem) {
    if (problem instanceof UriProblem) return problem;
    throw problem;
  }
}

/** @throws UriProblem */
function parsed(text: string): Pkcs11Uri {
  const question = text.indexOf("?");
  const path = attributes(question === -1 ? text : text.slice(0, question), ";", (name) => {
    if (!pathAttributes.includes(name)) throw new UriProblem(`has an unknown attribute, ${shownName(name)}`);
    return true;
  });
  // RFC 7512 §2.4: a consumer ignores the query attributes of other vendors, which can stand several times.
  const query = attributes(question === -1 ? "" : text.slice(question + 1), "&", (name) =>
    queryAttributes.includes(name),
  );
  if (query.has("pin-value") && query.has("pin-source"))
    throw new UriProblem("has both a pin-value and a pin-source");
  const inQuery = (name: string): string | undefined => query.get(name)?.toString();
  return {
    place: placeIn(path),
    object: path.get("object")?.toString(),
    id: path.get("id")?.toString("hex"),
    type: typeIn(path),
    pinValue: inQuery("pin-value"),
    pinSource: pinFile(inQuery("pin-source")),
    moduleName: inQuery("module-name"),
    modulePath: inQuery("module-path"),
  };
}

/** @throws UriProblem */
function typeIn(path: ReadonlyMap<string, Buffer>): Pkcs11Uri["type"] {
  const text = path.get("type")?.toString();
  const type = objectTypes.find((one) => one === text);
  if (text !== undefined && type === undefined) throw new UriProblem("has an unknown type");
  return type;
}

/** @throws UriProblem */
function placeIn(path: ReadonlyMap<string, Buffer>): Map<PlaceAttribute, string> {
  const place = new Map<PlaceAttribute, string>();
  for (const name of places) {
    const value = path.get(name)?.toString();
    if (value !== undefined) place.set(name, value);
  }
  if (!/^\d+$/.test(place.get("slot-id") ?? "0")) throw new UriProblem('has a "slot-id" that is no number');
  if (!/^\d+(\.\d+)?$/.test(place.get("library-version") ?? "0"))
    throw new UriProblem('has a "library-version" that is no version');
  return place;
}

/** Whether the URI allows the token. Numbers are compared as numbers: `library-version=2` is 2.0. */
export function allows({ place }: Pkcs11Uri, token: FoundToken): boolean {
  return [...place].every(([name, value]) => {
    const found = token.place[name] ?? "";
    if (name === "slot-id") return BigInt(value) === BigInt(found);
    return name === "library-version" ? version(value) === version(found) : value === found;
  });
}

function version(text: string): string {
  const [major = "0", minor = "0"] = text.split(".");
  return `${Number(major)}.${Number(minor)}`;
}

/** A name is printed only when it looks like one: it can be the rest of a value with an unescaped separator. */
function shownName(name: string): string {
  return /^[a-z][a-z-]{0,29}$/.test(name) ? `"${name}"` : "whose name is not shown";
}

/** @throws UriProblem */
function attributes(
  text: string,
  separator: string,
  isKnown: (name: string) => boolean,
): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const attribute of text.split(separator)) {
    if (attribute === "") continue;
    const equals = attribute.indexOf("=");
    if (equals < 1) throw new UriProblem("has an attribute without a name or a value");
    const name = attribute.slice(0, equals);
    if (!isKnown(name)) continue;
    if (found.has(name)) throw new UriProblem(`has the attribute "${name}" twice`);
    const value = decoded(name, attribute.slice(equals + 1));
    found.set(name, name === "id" ? value : checkedText(name, value));
  }
  return found;
}

/**
 * RFC 7512 §2.3: all values but the one of "id" are UTF-8. Other bytes would become U+FFFD, which names several tokens, and a PIN with
 * them is a wrong one.
 * @throws UriProblem
 */
function checkedText(name: string, value: Buffer): Buffer {
  const text = value.toString();
  if (text.includes(unreadable)) throw new UriProblem(`has a value that is not UTF-8, in "${name}"`);
  if (text.includes("\0")) throw new UriProblem(`has a NUL, in "${name}"`);
  if (name === "module-name" && (text === "" || /[\\/]/.test(text)))
    throw new UriProblem('has a "module-name" that is no name');
  return value;
}

/** What stands for bytes that are not UTF-8. */
const unreadable = "\ufffd";

/** RFC 3986 §2.1: the value in bytes. @throws UriProblem for a percent sign that stands for itself */
function decoded(name: string, text: string): Buffer {
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new UriProblem(`has a "%" without two hexadecimal digits, in "${name}"`);
  const pieces = text.split(/(%[0-9A-Fa-f]{2})/);
  return Buffer.concat(
    pieces.map((piece) => (piece.startsWith("%") ? Buffer.from(piece.slice(1), "hex") : Buffer.from(piece))),
  );
}

/** RFC 7512 §2.4: a path, a URI, or a program behind "|". @throws UriProblem for what is no file */
function pinFile(source: string | undefined): string | undefined {
  if (source === undefined) return undefined;
  if (source.startsWith("|")) throw new UriProblem("has a program as pin-source, for which --askpass is");
  const [, ofFile] = /^file:(?:\/\/(?:localhost)?(?=\/))?(.*)$/is.exec(source) ?? [];
  if (ofFile === undefined) {
    if (/^[a-z][a-z0-9+.-]+:/i.test(source)) throw new UriProblem("has a pin-source that is no file");
    return source;
  }
  return checkedText("pin-source", decoded("pin-source", ofFile)).toString();
}

/** RFC 7512 §2.6: everything that is not unreserved can be escaped. */
function encoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The parts of a URI to paste. A module can leave any of them empty. */
export interface Named {
  place: FoundToken["place"];
  /** As FoundObject has them; undefined for a URI of the token. */
  object?: { id: string; label: string; type: "cert" | "private" | "public" } | undefined;
}

/** A URI for exactly one object or token, ready to paste. It has no PIN. */
export function uriOf({ place, object }: Named, { pinSource, moduleName, modulePath }: Reach): string {
  const names = (["token", "serial"] as const).flatMap((name) => attribute(name, place[name]));
  const path = names.length > 0 ? names : attribute("slot-id", place["slot-id"]);
  if (object) {
    path.push(...(object.id === "" ? [] : [`id=${object.id.replace(/../g, "%$&")}`]));
    path.push(...attribute("object", object.label), `type=${object.type}`);
  }
  const query = [
    ...attribute("module-path", modulePath),
    ...attribute("module-name", moduleName),
    ...attribute("pin-source", pinSource),
  ];
  return `pkcs11:${path.join(";")}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** What is not UTF-8 cannot be written. */
function attribute(name: string, value: string | undefined): string[] {
  return value && !value.includes(unreadable) ? [`${name}=${encoded(value)}`] : [];
}
