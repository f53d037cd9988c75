/**
 * The account in an access key id. AWS documents sts:GetAccessKeyInfo, but not the encoding, which is public
 * knowledge: 16 base32 characters after the four of the prefix, with the account in bits 7 to 46 of the first 48.
 */

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A prefix of four characters, and the encoded part. Some ids are longer; the account stays in front. */
const encoded = /^A[A-Z0-9]{3}([A-Z2-7]{16})[A-Z0-9]*$/;

/** 12 digits; undefined for ids from before the scheme (their fifth character is below Q), and for other texts. */
export function accountOfAccessKey(accessKeyId: string): string | undefined {
  const payload = encoded.exec(accessKeyId)?.[1];
  if (!payload || base32.indexOf(payload.charAt(0)) < base32.indexOf("Q")) return undefined;
  const first48 =
    Array.from(payload.slice(0, 10)).reduce((bits, character) => bits * 32n + value(character), 0n) >> 2n;
  const account = (first48 & 0x7fff_ffff_ff80n) >> 7n;
  return account < 10n ** 12n ? account.toString().padStart(12, "0") : undefined;
}

function value(character: string): bigint {
  return BigInt(base32.indexOf(character));
}
