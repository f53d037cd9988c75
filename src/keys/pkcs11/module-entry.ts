/** The entry of the npm package's process of a PKCS#11 module. The package with the native code of koffi runs no install script. */
import process from "node:process";
import { serve } from "./module-process.ts";

void serve(`@koromix/koffi-${process.platform}-${process.arch}`);
