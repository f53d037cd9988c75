/** The options of get-token that take a text: what is tried on one is tried on each. */
import { optionEntries } from "../../src/cli/settings/options.ts";

export const textOptions = optionEntries.flatMap(([name, { type }]) => (type === "string" ? [name] : []));
