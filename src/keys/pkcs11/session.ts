/** What is asked of a module: its tokens, the objects of a token, a signature. Runs in the module's process. */
import { CryptokiError, type Attribute, type Cryptoki } from "./cryptoki.ts";
import type { Answer, Fault, FoundObject, FoundToken, Request, SignRequest } from "./protocol.ts";
import { results, wrongPin } from "./results.ts";

/** PKCS #11 v2.40, "PKCS #11 Cryptographic Token Interface Base Specification", appendix B. */
const CKF_SERIAL_SESSION = 4;
const CKU_USER = 1;
const CKU_CONTEXT_SPECIFIC = 2;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const CKA_CLASS = 0x00;
const CKA_LABEL = 0x03;
const CKA_VALUE = 0x11;
const CKA_ID = 0x102;
const CKA_MODULUS = 0x120;
const CKA_PUBLIC_EXPONENT = 0x122;
const CKA_EC_POINT = 0x181;
const CKA_ALWAYS_AUTHENTICATE = 0x202;
const CKM_RSA_PKCS = 0x1;
const CKM_SHA256_RSA_PKCS = 0x40;
const CKM_ECDSA = 0x1041;
const classes = { cert: 1, public: 2, private: 3 } as const;
const tokenFlags = {
  loginRequired: 0x4,
  pinPad: 0x100,
  initialized: 0x400,
  low: 0x10000,
  final: 0x20000,
  locked: 0x40000,
};

/** A token with more objects than these is no user's. */
const mostObjects = 1_000;
/** A module can return any number. No reader has so many slots, no token so many mechanisms. */
const mostListed = 10_000;
/** Bytes. A certificate is the longest attribute that is read. */
const longestAttribute = 65_536;
/** Bytes. RSA 16384 signs with 2,048. */
const longestSignature = 4_096;

/** Sends an answer before the last one. */
type Report = (answer: Answer) => void;

/** @throws CryptokiError */
export function answer(module: Cryptoki, request: Exclude<Request, { do: "load" }>, report: Report): Answer {
  if (request.do === "tokens") return { tokens: tokens(module) };
  const session = opened(module, request.slot);
  if (request.do === "sign") return signed(module, session, request, report);
  if (request.pin !== undefined) {
    const { slot, pin } = request;
    const fault = loginFault(module, session, { slot, login: { pin } }, report);
    if (fault) return { fault };
  }
  const all = (["cert", "public", "private"] as const).flatMap((type) => objects(module, session, type));
  if (request.pin !== undefined) logOut(module, session);
  module.call("C_CloseSession", session);
  return { objects: all };
}

function tokens(module: Cryptoki): FoundToken[] {
  const library = libraryInfo(module);
  return slots(module).flatMap((slot) => {
    try {
      return tokenInfo(module, slot, library);
    } catch (error) {
      // A card that was pulled just now, or that the module does not know, is no reason to hide the others.
      if (error instanceof CryptokiError) return [];
      throw error;
    }
  });
}

function slots(module: Cryptoki): number[] {
  return listed(module, "C_GetSlotList", 1);
}

/** @param first argument of a function whose others are a list and its length */
function listed(module: Cryptoki, at: "C_GetSlotList" | "C_GetMechanismList", first: number): number[] {
  const count = [0];
  module.call(at, first, null, count);
  const list = Buffer.alloc(bounded(count[0], mostListed, at) * module.longLength);
  if (list.length > 0) module.call(at, first, list, count);
  return longsIn(module, list, bounded(count[0], list.length / module.longLength, at));
}

/** @throws CryptokiError for a number that cannot be true */
function bounded(count = 0, most: number, at: string): number {
  if (count >= 0 && count <= most) return count;
  throw new CryptokiError(at, results.CKR_GENERAL_ERROR);
}

function longsIn(module: Cryptoki, list: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, at) => module.readLong(list, at * module.longLength));
}

type Place = FoundToken["place"];

/** CK_INFO: version, manufacturer (32), flags, description (32), version. */
function libraryInfo(module: Cryptoki): Place {
  const info = Buffer.alloc(128);
  module.call("C_GetInfo", info);
  const afterFlags = (module.isPacked ? 34 : align(34, module)) + module.longLength;
  return {
    "library-manufacturer": padded(info, 2, 32),
    "library-description": padded(info, afterFlags, 32),
    "library-version": `${info[afterFlags + 32] ?? 0}.${info[afterFlags + 33] ?? 0}`,
  };
}

function align(offset: number, { longLength }: Cryptoki): number {
  return Math.ceil(offset / longLength) * longLength;
}

/**
 * CK_SLOT_INFO: description (64), manufacturer (32). CK_TOKEN_INFO: label (32), manufacturer (32), model (16), serial (16), flags.
 * @returns nothing for the empty place that modules of software and TPMs show for a next token
 */
function tokenInfo(module: Cryptoki, slot: number, library: Place): FoundToken[] {
  const [slotInfo, info] = [Buffer.alloc(256), Buffer.alloc(512)];
  module.call("C_GetSlotInfo", slot, slotInfo);
  module.call("C_GetTokenInfo", slot, info);
  const has = flagsIn(module, info);
  const token = padded(info, 0, 32);
  if (!has("initialized")) return [];
  const place = {
    ...library,
    "slot-description": padded(slotInfo, 0, 64),
    "slot-manufacturer": padded(slotInfo, 64, 32),
    "slot-id": String(slot),
    token,
    manufacturer: padded(info, 32, 32),
    model: padded(info, 64, 16),
    serial: padded(info, 80, 16),
  };
  return [
    { slot, place, isLoginRequired: has("loginRequired"), hasPinPad: has("pinPad"), tries: tries(has) },
  ];
}

type HasFlag = (flag: keyof typeof tokenFlags) => boolean;

function flagsIn(module: Cryptoki, tokenInfo: Buffer): HasFlag {
  const flags = module.readLong(tokenInfo, 96);
  return (flag) => (flags & tokenFlags[flag]) !== 0;
}

function tries(has: HasFlag): FoundToken["tries"] {
  return (["locked", "final", "low"] as const).find(has) ?? "normal";
}

/** Texts are filled up with blanks, and are not terminated. */
function padded(bytes: Buffer, start: number, length: number): string {
  return bytes
    .subarray(start, start + length)
    .toString()
    .replace(/[\0 ]+$/, "");
}

function opened(module: Cryptoki, slot: number): number {
  const session = [0];
  module.call("C_OpenSession", slot, CKF_SERIAL_SESSION, null, null, session);
  return session[0] ?? 0;
}

function logIn(module: Cryptoki, session: number, user: number, login: { pin: string } | "pad"): void {
  const bytes = login === "pad" ? null : Buffer.from(login.pin);
  try {
    module.call("C_Login", session, user, bytes, bytes?.length ?? 0);
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.result !== CKR_USER_ALREADY_LOGGED_IN) throw error;
  }
}

/** A card can stay open for other programs after this one has ended. */
function logOut(module: Cryptoki, session: number): void {
  try {
    module.call("C_Logout", session);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error;
  }
}

function objects(module: Cryptoki, session: number, type: FoundObject["type"]): FoundObject[] {
  const ofType = [{ type: CKA_CLASS, value: module.longs(classes[type]) }];
  return handles(module, session, ofType).map((handle) => objectAt(module, session, { type, handle }));
}

interface At {
  type: FoundObject["type"];
  handle: number;
}

function objectAt(module: Cryptoki, session: number, { type, handle }: At): FoundObject {
  const read = (attribute: number): Buffer => attributeOf(module, session, handle, attribute);
  const hasPublicPart = type !== "cert";
  const modulus = hasPublicPart ? read(CKA_MODULUS) : Buffer.alloc(0);
  const point = hasPublicPart && modulus.length === 0 ? read(CKA_EC_POINT) : Buffer.alloc(0);
  return {
    type,
    id: read(CKA_ID).toString("hex"),
    label: read(CKA_LABEL).toString(),
    value: type === "cert" ? read(CKA_VALUE).toString("base64") : "",
    publicPart: (modulus.length > 0 ? unpadded(modulus) : unwrapped(point)).toString("hex"),
    exponent: modulus.length > 0 ? read(CKA_PUBLIC_EXPONENT).toString("hex") : "",
  };
}

function unpadded(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  return number.subarray(Math.max(first, 0));
}

/** Some modules leave out the OCTET STRING that PKCS #11 v2.40 wants around the point. */
function unwrapped(point: Buffer): Buffer {
  const [tag, length = 0] = point;
  if (tag !== 4) return point;
  if (length === point.length - 2) return point.subarray(2);
  return length === 0x81 && point[2] === point.length - 3 ? point.subarray(3) : point;
}

interface Wanted {
  type: number;
  value: Buffer;
}

function handles(module: Cryptoki, session: number, wanted: readonly Wanted[]): number[] {
  const template: Attribute[] = wanted.map(({ type, value }) => ({
    type,
    pValue: value,
    ulValueLen: value.length,
  }));
  module.call("C_FindObjectsInit", session, template, template.length);
  const list = Buffer.alloc(mostObjects * module.longLength);
  const count = [0];
  module.call("C_FindObjects", session, list, mostObjects, count);
  module.call("C_FindObjectsFinal", session);
  return longsIn(module, list, bounded(count[0], mostObjects, "C_FindObjects"));
}

/** Empty for an attribute that the object does not have. */
function attributeOf(module: Cryptoki, session: number, handle: number, type: number): Buffer {
  const template: Attribute[] = [{ type, pValue: null, ulValueLen: 0 }];
  try {
    module.call("C_GetAttributeValue", session, handle, template, 1);
    const length = template[0]?.ulValueLen ?? 0;
    // CK_UNAVAILABLE_INFORMATION is the largest CK_ULONG.
    if (length === 0 || length > longestAttribute) return Buffer.alloc(0);
    const value = Buffer.alloc(length);
    module.call("C_GetAttributeValue", session, handle, [{ type, pValue: value, ulValueLen: length }], 1);
    return value;
  } catch (error) {
    if (error instanceof CryptokiError) return Buffer.alloc(0);
    throw error;
  }
}

function signed(module: Cryptoki, session: number, request: SignRequest, report: Report): Answer {
  const fault = loginFault(module, session, request, report);
  if (fault) return { fault };
  const keys = privateKeys(module, session, request);
  const [key, ...more] = keys;
  if (key === undefined) throw new CryptokiError("C_FindObjects", results.CKR_OBJECT_HANDLE_INVALID);
  if (more.length > 0)
    return { ambiguous: keys.map((handle) => objectAt(module, session, { type: "private", handle })) };
  const signature = signatureWith(module, session, request, key);
  if (request.login !== "none") logOut(module, session);
  return { signature: signature.toString("base64") };
}

function isAboutPin({ result }: CryptokiError): boolean {
  return wrongPin.includes(result) || result === results.CKR_PIN_LOCKED;
}

/** @returns that of a refused PIN, with what the token reports about further tries */
function loginFault(
  module: Cryptoki,
  session: number,
  { slot, login }: Pick<SignRequest, "slot" | "login">,
  report: Report,
): Fault | undefined {
  if (login === "none") return undefined;
  report({ loggingIn: true });
  try {
    logIn(module, session, CKU_USER, login);
  } catch (error) {
    if (!(error instanceof CryptokiError) || !isAboutPin(error)) throw error;
    const info = Buffer.alloc(512);
    module.call("C_GetTokenInfo", slot, info);
    return { at: error.at, result: error.result, tries: tries(flagsIn(module, info)) };
  }
  report({ loggedIn: true });
  return undefined;
}

function signatureWith(module: Cryptoki, session: number, request: SignRequest, key: number): Buffer {
  const { mechanism, input } = mechanismFor(module, request);
  const pointerLength = 8;
  const structure = Buffer.alloc(module.longLength + pointerLength + module.longLength);
  module.longs(mechanism).copy(structure);
  module.call("C_SignInit", session, structure, key);
  if (attributeOf(module, session, key, CKA_ALWAYS_AUTHENTICATE)[0] === 1) {
    if (request.login === "none") throw new CryptokiError("C_Login", results.CKR_USER_NOT_LOGGED_IN);
    logIn(module, session, CKU_CONTEXT_SPECIFIC, request.login);
  }
  const signature = Buffer.alloc(longestSignature);
  const length = [signature.length];
  module.call("C_Sign", session, input, input.length, signature, length);
  const result = signature.subarray(0, bounded(length[0], longestSignature, "C_Sign"));
  if (request.kind === "EC" && result.length % 2 !== 0)
    throw new CryptokiError("C_Sign", results.CKR_GENERAL_ERROR);
  return result;
}

/** Several only if their public parts do not tell which one is meant. */
function privateKeys(module: Cryptoki, session: number, { id, label, publicPart }: SignRequest): number[] {
  const wanted: Wanted[] = [{ type: CKA_CLASS, value: module.longs(classes.private) }];
  if (id !== undefined) wanted.push({ type: CKA_ID, value: Buffer.from(id, "hex") });
  if (label !== undefined) wanted.push({ type: CKA_LABEL, value: Buffer.from(label) });
  const found = handles(module, session, wanted);
  if (found.length < 2) return found;
  const publicIds = new Set(
    objects(module, session, "public").flatMap((one) => (one.publicPart === publicPart ? one.id : [])),
  );
  const meant = found.filter((handle) => {
    const key = objectAt(module, session, { type: "private", handle });
    return key.publicPart === publicPart || (key.publicPart === "" && publicIds.has(key.id));
  });
  return meant.length > 0 ? meant : found;
}

/** RFC 8017 §9.2, note 1: the DigestInfo of a SHA-256. */
const sha256DigestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");

function mechanismFor(
  module: Cryptoki,
  { slot, kind, bytes, digest }: SignRequest,
): { mechanism: number; input: Buffer } {
  const hash = Buffer.from(digest, "base64");
  const supported = mechanisms(module, slot);
  if (kind === "EC") return { mechanism: CKM_ECDSA, input: hash };
  return supported.has(CKM_SHA256_RSA_PKCS)
    ? { mechanism: CKM_SHA256_RSA_PKCS, input: Buffer.from(bytes, "base64") }
    : { mechanism: CKM_RSA_PKCS, input: Buffer.concat([sha256DigestInfo, hash]) };
}

function mechanisms(module: Cryptoki, slot: number): Set<number> {
  return new Set(listed(module, "C_GetMechanismList", slot));
}
