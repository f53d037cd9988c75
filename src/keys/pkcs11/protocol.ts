/**
 * The messages between this program and the process of a module: a line of JSON each way. Each request has a number, and so has its
 * answer: a module that forks can answer twice, and it can print to any descriptor.
 */

/** The path attributes of RFC 7512 §2.3 that name a library, a slot, or a token. */
export const places = [
  "library-manufacturer",
  "library-description",
  "library-version",
  "slot-manufacturer",
  "slot-description",
  "slot-id",
  "token",
  "manufacturer",
  "serial",
  "model",
] as const;

export type PlaceAttribute = (typeof places)[number];

/** File descriptors of the process. It answers on one. The other has no data: its end is the end of the program that started it. */
export const descriptors = { answers: 3, life: 4 } as const;

export interface FoundToken {
  slot: number;
  place: Partial<Record<PlaceAttribute, string>>;
  isLoginRequired: boolean;
  /** CKF_PROTECTED_AUTHENTICATION_PATH: the reader asks for the PIN itself. */
  hasPinPad: boolean;
  tries: "normal" | "low" | "final" | "locked";
}

export interface FoundObject {
  type: "cert" | "public" | "private";
  /** CKA_ID in hexadecimal digits. */
  id: string;
  label: string;
  /** Base64: the certificate in DER. Empty for keys. */
  value: string;
  /** In hexadecimal digits: CKA_MODULUS, or CKA_EC_POINT without the OCTET STRING around it. Empty if the object has neither. */
  publicPart: string;
  /** CKA_PUBLIC_EXPONENT in hexadecimal digits. */
  exponent: string;
}

/** CKA_ID in hexadecimal digits, and CKA_LABEL. */
export interface ObjectName {
  id?: string | undefined;
  label?: string | undefined;
}

export interface SignRequest extends ObjectName {
  do: "sign";
  slot: number;
  /** `pad`: the reader asks for the PIN. */
  login: { pin: string } | "pad" | "none";
  /** As FoundObject has it: chooses from several keys, which can be invisible before the login. */
  publicPart: string;
  kind: "RSA" | "EC";
  /** Base64 of the bytes, for CKM_SHA256_RSA_PKCS, and of their SHA-256. */
  bytes: string;
  digest: string;
}

export type Request =
  | { do: "load"; path: string }
  | { do: "tokens" }
  | { do: "objects"; slot: number; pin?: string }
  | SignRequest;

export type Answer =
  | { loaded: true }
  /** The words of the dynamic linker. */
  | { withoutNative: string }
  | { unloadable: string }
  | { tokens: FoundToken[] }
  | { objects: FoundObject[] }
  /** Base64: PKCS#1 v1.5 for RSA, r and s in one for EC. */
  | { signature: string }
  /** The private keys that can be meant. */
  | { ambiguous: FoundObject[] }
  /** The token checks the PIN from here on. */
  | { loggingIn: true }
  /** The PIN was right. Followed by another answer. */
  | { loggedIn: true }
  | { fault: Fault };

/** A function of the module that failed: `C_Login`, and its CK_RV. */
export interface Fault {
  at: string;
  result: number;
  /** What the token reports after it refused a PIN. */
  tries?: FoundToken["tries"];
}
