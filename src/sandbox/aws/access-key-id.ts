/** Access key ids contain their account, in the first bits of the base32 of their last 16 characters. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The bit above the account. If it is set, the fifth character is `Q` or later, which marks the present scheme. */
const scheme = 1n << 47n;

/**
 * Creates the id of temporary credentials (`ASIA` and 16 characters of base32) for a 12-digit account id.
 * `random` returns the 5 bytes that distinguish the keys of an account.
 */
export function temporaryAccessKeyId(accountId: string, random: Buffer): string {
  const lowest = BigInt(random.readUInt8(0) & 0x7f);
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(scheme | (BigInt(accountId) << 7n) | lowest);
  return `ASIA${base32(Buffer.concat([head.subarray(2), random.subarray(1, 5)]))}`;
}

/** The 12-digit account id in a key id; undefined for ids that are malformed or older than the scheme. */
export function accountOfAccessKeyId(accessKeyId: string): string | undefined {
  const digits = accessKeyId.slice(4);
  if (!/^[Q-Z2-7][A-Z2-7]{15}$/.test(digits)) return undefined;
  const value = digits
    .split(/(?=.)/)
    .reduce((sum, digit) => (sum << 5n) | BigInt(alphabet.indexOf(digit)), 0n);
  const account = ((value >> 32n) & 0x7fffffffff80n) >> 7n;
  return account.toString().padStart(12, "0");
}

/** RFC 4648, section 6, for whole groups of 5 bytes. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group, 2))).join("");
}
