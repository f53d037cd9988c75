/** JSON that a test knows the shape of. */
export function fromJson<Value>(text: string): Value {
  return JSON.parse(text);
}
