/** A certificate with a long value for each of ten attributes: all of them become session tags, and swell the token. */
import { keyPair, leaf, root } from "../certificates.ts";
import { oid, sequence, set, utf8String } from "../der.ts";

const types = [10, 11, 7, 8, 12, 4, 42, 5, 9, 3].map((arc) => oid(`2.5.4.${arc}`));

export const longRoot = root("Long Root");
export const longNamed = leaf(longRoot, {
  keys: keyPair("p256", "long"),
  subject: sequence(...types.map((type) => set(sequence(type, utf8String("x".repeat(200)))))),
});
