/** A signature with a key of a token. */
import { createHash, type KeyObject } from "node:crypto";
import { type EksX509Error, errorsOf } from "../../foundation/errors.ts";
import { keyFromDer } from "../../identity/algorithms.ts";
import type { Signer } from "../../identity/signer.ts";
import { verifiedSignature } from "../../identity/verified-signature.ts";
import type { Unlock } from "../password/unlock.ts";
import { ecdsaSignature } from "../ecdsa-signature.ts";
import { keyPlace, type KeyPlace } from "./key.ts";
import { moduleFault } from "./module.ts";
import { ambiguous, type Wanted } from "./objects.ts";
import { described, isPinRefused, lockOf, locked, triesLeft, warningOf } from "./pin.ts";
import type { Fault, FoundToken, SignRequest } from "./protocol.ts";
import { publicPartOf } from "./public-part.ts";
import { results } from "./results.ts";

const failure = errorsOf("identity", "private-key");

export interface TokenAccess extends Wanted {
  unlock: Unlock;
  /** Prints a line for whoever is at the reader. */
  notice: (line: string) => void;
}

/**
 * @param publicKeys of the certificates at hand, SubjectPublicKeyInfo in DER
 * @throws EksX509Error
 */
export async function tokenSigner(publicKeys: readonly Uint8Array[], access: TokenAccess): Promise<Signer> {
  const own = publicKeys.map(keyFromDer);
  const place = await keyPlace(access, own);
  const key = place.publicKey ?? own[0];
  if (!key)
    throw failure("PKCS11_OBJECT_MISSING", "no certificate has a public key", "Use another certificate.");
  const { token } = place;
  const warning = warningOf(token);
  let login = loginOf(token);
  const isRsa = key.asymmetricKeyType === "rsa";
  const about = {
    algorithm: isRsa ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256",
    description: described(token),
  } as const;
  return {
    ...about,
    publicKey: key.export({ type: "spki", format: "der" }),
    warnings: warning ? [{ ...warning, message: `${described(token)}: ${warning.message}` }] : [],
    facts: () => factsOf(place, access, login),
    sign: async (bytes) => {
      try {
        const signing = new Signing(access, place, requestFor({ place, key, bytes }));
        const raw = await signing.signature();
        login = signing.login;
        const signature = isRsa ? raw : ecdsaSignature(raw);
        return verifiedSignature({ ...about, bytes, signature, publicKey: key });
      } finally {
        access.module.end();
      }
    },
  };
}

function loginOf({ isLoginRequired, hasPinPad }: FoundToken): string {
  if (!isLoginRequired) return "not needed";
  return hasPinPad ? "needed, at the reader" : "needed, with a PIN";
}

function factsOf({ token, id, label }: KeyPlace, { module }: TokenAccess, login: string): [string, string][] {
  const { token: name = "", manufacturer, model, serial } = token.place;
  const key = [label && `label ${label}`, id && `id ${id}`].filter(Boolean).join(", ");
  return [
    ["kept in", "a PKCS#11 token"],
    ["module", module.path],
    ["token", `${name} (${[manufacturer, model, serial && `serial ${serial}`].filter(Boolean).join(", ")})`],
    ["key", key || "the one of the certificate"],
    ["login", login],
    ["PIN tries left", triesLeft[token.tries]],
  ];
}

interface ToSign {
  place: KeyPlace;
  key: KeyObject;
  bytes: Uint8Array;
}

type Request = Omit<SignRequest, "do" | "login">;

function requestFor({ place: { token, id, label }, key, bytes }: ToSign): Request {
  return {
    slot: token.slot,
    id,
    label,
    publicPart: publicPartOf(key),
    kind: key.asymmetricKeyType === "rsa" ? "RSA" : "EC",
    bytes: Buffer.from(bytes).toString("base64"),
    digest: createHash("sha256").update(bytes).digest("base64"),
  };
}

/** PKCS#1 v1.5 for RSA, r and s in one for EC. */
class Signing {
  readonly #access: TokenAccess;
  readonly #token: FoundToken;
  readonly #request: Request;
  /** In words. */
  login = "not needed";

  constructor(access: TokenAccess, { token }: KeyPlace, request: Request) {
    this.#access = access;
    this.#token = token;
    this.#request = request;
  }

  async signature(): Promise<Buffer> {
    const { isLoginRequired, hasPinPad, tries } = this.#token;
    if (tries === "locked") throw locked(this.#token);
    // A key can want a login where the token wants none.
    const made = isLoginRequired ? "login" : await this.#attempt("none");
    if (made !== "login" && made !== "refused") return made;
    this.login = hasPinPad ? "logged in at the reader" : "logged in with the PIN";
    return hasPinPad ? this.#atPinPad() : this.#withPin();
  }

  #withPin(): Promise<Buffer> {
    const lock = lockOf(this.#token);
    return this.#access.unlock(lock, async (pin) => {
      const made = await this.#attempt({ pin });
      if (made !== "refused" && made !== "login") return made;
      lock.warning = warningOf(this.#token);
      return undefined;
    });
  }

  async #atPinPad(): Promise<Buffer> {
    const name = described(this.#token);
    const warning = warningOf(this.#token);
    this.#access.notice(`enter the PIN of ${name} at its reader${warning ? ` (${warning.message})` : ""}`);
    const made = await this.#attempt("pad");
    if (made !== "refused" && made !== "login") return made;
    throw failure(
      this.#token.tries === "final" ? "PIN_FINAL_TRY" : "PIN_WRONG",
      `${name}: the PIN that was entered at the reader is wrong`,
      "Try again. A card locks after three wrong PINs.",
    );
  }

  /** @throws EksX509Error for what is no matter of the PIN */
  async #attempt(login: SignRequest["login"]): Promise<Buffer | "refused" | "login"> {
    const { module } = this.#access;
    const made = await module.sign({ ...this.#request, login });
    if (Buffer.isBuffer(made)) return made;
    if (Array.isArray(made)) {
      const placed = made.map((object) => ({ token: this.#token, object }));
      throw ambiguous("private keys", placed, this.#access);
    }
    return this.#reason(made, login);
  }

  #reason(fault: Fault, login: SignRequest["login"]): "refused" | "login" {
    // Before the login, a private key can be invisible.
    const isBeforeLogin =
      fault.result === results.CKR_USER_NOT_LOGGED_IN || fault.result === results.CKR_OBJECT_HANDLE_INVALID;
    if (isBeforeLogin && login === "none") return "login";
    if (isPinRefused(fault, this.#token)) return "refused";
    throw signingFault(fault, this.#token, this.#access.module.path);
  }
}

function signingFault(fault: Fault, token: FoundToken, path: string): EksX509Error {
  const { at, result } = fault;
  if (result === results.CKR_MECHANISM_INVALID)
    return failure(
      "PKCS11_MECHANISM_MISSING",
      `${described(token)} cannot sign as Roles Anywhere needs it (${at})`,
      "RSA needs CKM_SHA256_RSA_PKCS or CKM_RSA_PKCS, EC needs CKM_ECDSA: pkcs11-tool --list-mechanisms",
    );
  if (at === "C_FindObjects" && result === results.CKR_OBJECT_HANDLE_INVALID)
    return failure(
      "PKCS11_OBJECT_MISSING",
      `${described(token)} has no private key with the attributes of the PKCS#11 URI`,
      "The key's CKA_ID, or its label, must be that of the certificate: pkcs11-tool --list-objects --login",
    );
  return moduleFault(path, fault);
}
