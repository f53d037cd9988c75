/**
 * Letters that Go takes for the same: strings.EqualFold for ARNs, encoding/json for keys. Both fold two letters
 * beyond ASCII into ASCII: the long s, and the Kelvin sign (which toLowerCase folds as well).
 */
export function folded(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

export function sameFolded(one: string, other: string): boolean {
  return folded(one) === folded(other);
}
