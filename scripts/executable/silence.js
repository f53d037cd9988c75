// Makes a copy of the runtime that does not read its own environment variables. An executable is started with any environment: that of
// an exec entry belongs to the author of a kubeconfig. No setting of the runtime turns these variables off.
import { readFileSync, writeFileSync } from "node:fs";
import { withoutSignature } from "./mach-o.js";

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
  // Certificates to trust, which Node does not read.
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  // Certificates to trust, of which the runtime uses none if one is malformed: src/http/trust-store.ts reads them.
  "NODE_EXTRA_CA_CERTS",
  // A warning on stderr if it is no number.
  "WTF_numberOfProcessorCores",
];

/** Not every runtime reads these: they belong to one system or one processor, and the macOS one uses the ICU of macOS. */
export const silencedWhereRead = [
  // The runtime ends at once with most values.
  "JSC_SIGNAL_FOR_GC",
  "SIMDUTF_FORCE_IMPLEMENTATION",
  // Folders of tables in the place of its own ones.
  "ICU_DATA",
  "ICU_TIMEZONE_FILES_DIR",
];

/** Of the runtime for Linux only. */
const silencedOnLinux = [
  // A file that it writes.
  "BUN_TRACE",
];

/**
 * Places of certificates that the TLS library trusts in addition. Node trusts its own list. On Windows, every user can create
 * `\etc\ssl`. A name that is empty leads nowhere.
 */
export const trusted = ["/etc/ssl/cert.pem", "/etc/ssl/certs"];

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

/**
 * What the runtime prints when it ends by itself, mostly because a limit of the system leaves it no memory or no thread. The texts have the
 * same length: they ask nobody to send a report about eks-x509 to somebody else.
 */
export const reworded = [
  [
    "Bun has crashed. This indicates a bug in Bun, not your code.",
    "The runtime of eks-x509 ended. Has it too little memory?",
  ],
  [
    "To send a redacted crash report to Bun's team,\nplease file a GitHub issue using the link below:",
    "To report it to the project of eks-x509,\nplease file an issue there, with these lines:",
  ],
  ["https://bun.report", "code of the report"],
];

/** @throws if the runtime does not have one of the names. It is another version then, and the lists have to be reviewed. */
export function silence(runtime, copy, os) {
  const bytes = readFileSync(runtime);
  const names = [...silenced, ...(os === "linux" ? silencedOnLinux : [])];
  // Names stand alone, or one after another without anything between them.
  for (const name of names) blank(bytes, [`${name}\0`, `${name}BUN_`, `${name}NODE_`], 0);
  for (const path of trusted) blank(bytes, [`\0${path}\0`], 1);
  for (const option of silencedOptions) blank(bytes, [`JSC_${option}\0`], "JSC_".length);
  for (const name of silencedWhereRead) for (const place of placesOf(bytes, `${name}\0`)) bytes[place] = 0;
  for (const [theirs, ours] of reworded) {
    const places = needed(bytes, [theirs]);
    for (const place of places) bytes.write(ours.padEnd(theirs.length), place, "latin1");
  }
  writeFileSync(copy, os === "darwin" ? withoutSignature(bytes) : bytes, { mode: 0o755 });
}

function blank(bytes, spellings, offset) {
  for (const place of needed(bytes, spellings)) bytes[place + offset] = 0;
}

function needed(bytes, spellings) {
  const places = spellings.flatMap((text) => placesOf(bytes, text));
  if (places.length === 0) throw new Error(`the runtime does not have ${spellings[0]}: review silence.js`);
  return places;
}

function placesOf(bytes, text) {
  const places = [];
  for (let at = -1; (at = bytes.indexOf(text, at + 1, "latin1")) >= 0;) places.push(at);
  return places;
}
