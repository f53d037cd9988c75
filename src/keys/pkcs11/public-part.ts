/** The number or the point by which a token's key and a certificate are known to belong together. */
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { FoundObject } from "./protocol.ts";

/** As FoundObject has it; empty for other kinds of keys. */
export function publicPartOf(key: KeyObject): string {
  const { kty, n = "", x = "", y = "" }: JsonWebKey = isWithJwk(key) ? key.export({ format: "jwk" }) : {};
  const hex = (text: string): string => Buffer.from(text, "base64url").toString("hex");
  if (kty === "RSA") return hex(n);
  return kty === "EC" ? `04${hex(x)}${hex(y)}` : "";
}

function isWithJwk({ asymmetricKeyType: type }: KeyObject): boolean {
  return type === "rsa" || type === "ec";
}

/** By the length of an uncompressed point in hexadecimal digits, SEC 1 §2.3.3. */
const curves: ReadonlyMap<number, string> = new Map([
  [2 + 128, "P-256"],
  [2 + 192, "P-384"],
  [2 + 264, "P-521"],
]);

/** Undefined if the object does not have all of it. */
export function publicKeyOf({ publicPart, exponent }: FoundObject): KeyObject | undefined {
  const base64url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
  const curve = publicPart.startsWith("04") ? curves.get(publicPart.length) : undefined;
  const half = 2 + (publicPart.length - 2) / 2;
  const key: JsonWebKey | undefined =
    exponent !== ""
      ? { kty: "RSA", n: base64url(publicPart), e: base64url(exponent) }
      : curve === undefined
        ? undefined
        : {
            kty: "EC",
            crv: curve,
            x: base64url(publicPart.slice(2, half)),
            y: base64url(publicPart.slice(half)),
          };
  try {
    return key && createPublicKey({ format: "jwk", key });
  } catch {
    return undefined;
  }
}
