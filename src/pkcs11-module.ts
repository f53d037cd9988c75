/** The entry of the npm package's process of a PKCS#11 module. */
import { serve } from "./keys/pkcs11/module-process.ts";
import { koffi } from "./native-code.ts";

void serve(koffi());
