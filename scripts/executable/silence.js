// Makes a copy of the runtime that does not read its own environment variables. An executable is started with any environment: that of
// an exec entry belongs to the author of a kubeconfig. No setting of the runtime turns these variables off.
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Variables by which the runtime runs other code, is another program, or writes files. Each name is replaced by one that no variable can
 * have: its first byte is NUL.
 */
export const silenced = [
  // It becomes the runtime's own command line, which runs any code.
  "BUN_BE_BUN",
  // Flags of the runtime: --preload, --eval, --inspect.
  "BUN_OPTIONS",
  // A debugger, which runs any code.
  "BUN_INSPECT",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_INSPECT_NOTIFY",
  "BUN_INSPECT_PRELOAD",
  // Messages of a parent process.
  "NODE_CHANNEL_FD",
  // Code from a cache that another user may be able to write.
  "NODE_COMPILE_CACHE",
  "BUN_RUNTIME_TRANSPILER_CACHE_PATH",
  // Files that the runtime writes.
  "BUN_BYTECODE_DIGEST_OUT",
  "BUN_BYTECODE_ORDER_NAMES_OUT",
  "BUN_BYTECODE_ORDER_OUT",
  "BUN_WATCHER_TRACE",
  // Where crashes are reported to.
  "BUN_CRASH_REPORT_URL",
  "BUN_ENABLE_CRASH_REPORTING",
];

/** Of the runtime for Linux only. */
const silencedOnLinux = [
  // A file that it writes.
  "BUN_TRACE",
];

/** Options of the JavaScript engine, read from variables with the prefix BUN_JSC_, that name files to read or to write. */
export const silencedOptions = [
  // Other bodies for functions.
  "functionOverrides",
  // Bytecode.
  "diskCachePath",
  // A file of such options.
  "configFile",
  "dumpJITMemoryPath",
  "dumpWasmSourceFileName",
  "fuzzerPredictionsFile",
  "ionGraphDirectory",
  "irDumpDirectory",
  "jitDumpDirectory",
  "samplingProfilerPath",
  "sourceCodeDumpDirectory",
  "textMarkersDirectory",
];

/** @throws if the runtime does not have one of the names. It is another version then, and the lists have to be reviewed. */
export function silence(runtime, copy, os) {
  const bytes = readFileSync(runtime);
  const names = [...silenced, ...(os === "linux" ? silencedOnLinux : [])];
  // Names stand alone, or one after another without anything between them.
  for (const name of names) blank(bytes, [`${name}\0`, `${name}BUN_`, `${name}NODE_`], 0);
  for (const option of silencedOptions) blank(bytes, [`JSC_${option}\0`], "JSC_".length);
  writeFileSync(copy, bytes, { mode: 0o755 });
}

function blank(bytes, spellings, offset) {
  const places = spellings.flatMap((text) => placesOf(bytes, text));
  if (places.length === 0) throw new Error(`the runtime does not have ${spellings[0]}: review silence.js`);
  for (const place of places) bytes[place + offset] = 0;
}

function placesOf(bytes, text) {
  const places = [];
  for (let at = -1; (at = bytes.indexOf(text, at + 1, "latin1")) >= 0;) places.push(at);
  return places;
}
