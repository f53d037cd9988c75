/** `eks-x509 token debug`. */
import type { Dependencies } from "../dependencies.ts";
import type { Flags } from "./command-flags.ts";

export function runTokenDebug(_flags: Flags, _root: Dependencies): Promise<number> {
  return Promise.reject(new Error("not yet"));
}
