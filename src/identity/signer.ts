/** Signing with a certificate's private key, wherever the key is stored. */
import type { CodeOf, EksX509Error } from "../foundation/errors.ts";
import type { GivenFile, NamedBytes } from "../foundation/ports.ts";

/** IAM Roles Anywhere user guide, "Task 2: Create a string to sign". */
export type SigningAlgorithm = "AWS4-X509-RSA-SHA256" | "AWS4-X509-ECDSA-SHA256" | "AWS4-X509-MLDSA";

export interface KeyWarning {
  code: CodeOf<"warning", "private-key"> | "PIN_FINAL_TRY";
  message: string;
  hint: string;
}

export interface Signer {
  algorithm: SigningAlgorithm;
  /** SubjectPublicKeyInfo in DER, RFC 5280 §4.1. A certificate with the same one belongs to this signer. */
  publicKey: Uint8Array;
  /** Names the key in messages, such as `alice.key`. Holds no secret. */
  description: string;
  /** Warnings about the key that do not stop a sign-in. */
  warnings: readonly KeyWarning[];
  /** Where the key is, and in which state, for a report. Changes with a signature. */
  facts(): readonly (readonly [label: string, value: string])[];
  /**
   * Returns the signature of the bytes: PKCS#1 v1.5 for RSA, DER for ECDSA, SHA-256 for both; ML-DSA signs the bytes themselves, without
   * a context.
   */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Certificates before they are opened: a file, or the certificates of a token. */
export interface CertificateSource {
  /** Changes if the certificates are replaced. Every run reads it to find its cache entry. */
  state(): Promise<string>;
  /** PEM or DER. @throws EksX509Error of category identity */
  open(): Promise<NamedBytes>;
}

/** The settings of keys that are not in a plain file. */
export interface KeyAccess {
  /** The file of the password or PIN. */
  passwordFile?: GivenFile | undefined;
  /** The program that asks for it. */
  askpass?: string | undefined;
  /** Path of the PKCS#11 module. */
  pkcs11Module?: string | undefined;
  /** Takes the place of all other sources of passwords. */
  asking?: Asking | undefined;
}

/** A password that is given now: by a person at the terminal, or by a program on stdin where there is no terminal. */
export interface Asking {
  fromStdin: () => Promise<string>;
  /** Called with each password that opened a file, a key or a token. The id names it in the OS keychain. */
  opens: (id: string, password: string) => Promise<void>;
}

/** The certificates and the keys that one run can open. Each password is asked for once. */
export interface IdentitySources {
  certificates(given: GivenFile): CertificateSource;
  signer(given: GivenFile): SignerSource;
  tokens(): Promise<Tokens>;
}

/** The tokens of the module. */
export interface Tokens {
  /**
   * What each token shows, or why it shows nothing.
   * @param isLogin also what it shows only after a login
   * @throws EksX509Error of the module
   */
  contents(isLogin: boolean): Promise<(TokenContents | EksX509Error)[]>;
}

export interface TokenContents {
  /** Under their URIs: those that are no CA's or have a key, each with the CAs of its token behind it. */
  certificates: readonly NamedBytes[];
  /** Under their URIs, as far as their public parts are visible: SubjectPublicKeyInfo in DER. */
  keys: readonly { name: string; publicKey: Uint8Array }[];
  /** A login can show more. */
  isLocked: boolean;
}

/** A private key before it is opened. The composition root selects the kind from the parsed input. No other code knows where the key is. */
export interface SignerSource {
  description: string;
  /** Changes if the key is replaced. Every run reads it to find its cache entry, so it must not open the key. */
  state(): Promise<string>;
  /**
   * @param publicKeys of the certificates at hand, in the form of Signer. A source of several keys, such as an agent, opens one of these.
   */
  open(publicKeys: readonly Uint8Array[]): Promise<Signer>;
}
