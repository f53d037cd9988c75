#!/usr/bin/env node
// The rooms of src and who imports whom, types included. Fails on a circle, on an arrow upwards, on an import that a rule forbids,
// on a folder with too many entries, on an import of Node where a cache hit must run without it, and on an adapter that is imported
// elsewhere than in the composition root. Prints the rooms from the top floor down.
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import typescript from "typescript";

/** The rooms from the ground floor up: each may import those before it, and itself. */
export const floors = [
  "foundation",
  "http",
  "aws",
  "identity",
  "keys",
  "trust-policy",
  "rolesanywhere",
  "token",
  "authenticator",
  "setup",
  "kubeconfig",
  "aws-config",
  "exec",
  "kubernetes-api",
  "cache",
  "sign-in",
  "serve",
  "debug",
  "sandbox",
  "cli",
  "key-dependencies.ts",
  "native-code.ts",
  "dependencies.ts",
  "main.ts",
  "executable.ts",
  "pkcs11-module.ts",
];

/** Whoever verifies did not sign: one bug in shared code would cancel itself out. */
const signers = ["rolesanywhere", "token", "@smithy", "@aws-sdk"];
export const never = [
  ["authenticator", signers],
  ["trust-policy", signers],
  ["setup", signers],
  [
    "sandbox",
    [...signers, "http", "cache", "sign-in", "serve", "exec", "kubeconfig", "kubernetes-api", "debug"],
  ],
];

/** What a cache hit runs: its command, its flags, its cache and its ledger. It works with ports alone, in any JavaScript engine. */
export const hit = [
  "cli/commands/get-token/run.ts",
  "cli/settings/cluster-server.ts",
  "cli/settings/config-yaml.ts",
  "cli/settings/flags.ts",
  "cache/cache.ts",
  "cache/refusals/ledger.ts",
];

/** The adapters behind the ports: they alone ask the system, and the composition root alone chooses them. */
export const adapters = [
  "foundation/files/files.ts",
  "foundation/files/patient-calls.ts",
  "foundation/files/links.ts",
  "foundation/files/make-folder.ts",
  "foundation/files/write-folder.ts",
  "foundation/output.ts",
  "http/client.ts",
  "http/exchange.ts",
  "http/route.ts",
  "http/trust-store.ts",
  "cache/flight/",
  "cache/keychain/keyutils.ts",
  "cache/keychain/native/",
  "cache/keychain/open.ts",
  "cache/keychain/platform.ts",
  "cache/keychain/secret-service/",
  "cache/refusals/ledger-files.ts",
  "cache/refusals/refused-pins.ts",
  "cache/private-folder.ts",
  "keys/opening.ts",
  "keys/password/prompt.ts",
  "keys/password/terminal-guard.ts",
  "keys/password/sources.ts",
  "keys/pkcs11/",
  "keys/ssh-agent.ts",
  "exec/plugin/",
  "kubeconfig/disk/",
  "serve/edge/",
  "sandbox/",
];
const roots = [
  "dependencies.ts",
  "key-dependencies.ts",
  "native-code.ts",
  "executable.ts",
  "pkcs11-module.ts",
];

/** Entries of one folder that a reader takes in at one look. */
const mostEntries = 15;

/**
 * @param {string[]} files relative to src
 * @param {{ from: string; to: string }[]} imports
 * @returns {string[]} what is wrong with the graph, a line each; nothing when all holds
 */
export function faults(files, imports) {
  return [
    ...upwards(imports),
    ...forbidden(imports),
    ...circles(files, imports),
    ...crowded(files),
    ...fromNode(imports),
    ...besideTheRoot(imports),
  ];
}

function upwards(imports) {
  return imports
    .filter(({ from, to }) => isSource(to) && floorOf(to) > floorOf(from))
    .map(({ from, to }) => `upwards: ${from} -> ${to}`);
}

function forbidden(imports) {
  return imports
    .filter(({ from, to }) =>
      never.some(([room, others]) => roomOf(from) === room && others.includes(roomOf(to))),
    )
    .map(({ from, to }) => `forbidden: ${from} -> ${to}`);
}

/** A hit loads its own files and whatever they import, but for types, which the build erases, and for import() on a miss. */
export function filesOfHit(imports) {
  const found = new Set(hit);
  for (const file of found)
    for (const { from, to, kind } of imports)
      if (from === file && kind === "value" && isSource(to)) found.add(to);
  return [...found].sort();
}

function fromNode(imports) {
  const files = filesOfHit(imports);
  return imports
    .filter(({ from, to, kind }) => files.includes(from) && kind !== "type" && isBuiltin(to))
    .map(({ from, to }) => `a cache hit imports Node: ${from} -> ${to}`);
}

/** Whoever needs an adapter takes a port. The type of an adapter is the type of its port. */
function besideTheRoot(imports) {
  return imports
    .filter(
      ({ from, to, kind }) => kind !== "type" && isAdapter(to) && !isAdapter(from) && !roots.includes(from),
    )
    .map(({ from, to }) => `an adapter without a port: ${from} -> ${to}`);
}

function isAdapter(path) {
  return adapters.some((adapter) => path === adapter || (adapter.endsWith("/") && path.startsWith(adapter)));
}

/** Tarjan's strongly connected components: each of more than one file is a circle. */
function circles(files, imports) {
  const next = new Map(files.map((file) => [file, []]));
  for (const { from, to } of imports) if (next.has(to)) next.get(from).push(to);
  const found = [];
  const index = new Map();
  const low = new Map();
  const stack = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const other of next.get(file)) {
      if (!index.has(other)) visit(other);
      if (stack.includes(other)) low.set(file, Math.min(low.get(file), low.get(other)));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || next.get(file).includes(file)) found.push(`circle: ${circle.sort().join(", ")}`);
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return found;
}

function crowded(files) {
  const entries = new Map();
  for (const file of files) {
    for (let path = file; dirname(path) !== "."; path = dirname(path)) {
      entries.set(dirname(path), (entries.get(dirname(path)) ?? new Set()).add(path));
    }
  }
  return [...entries]
    .filter(([, { size }]) => size > mostEntries)
    .map(([folder, { size }]) => `crowded: ${folder} has ${size} entries`);
}

function isSource(path) {
  return path.endsWith(".ts");
}

/** A folder of src, a file at its top, or a package's scope. */
function roomOf(path) {
  return path.split("/")[0];
}

function floorOf(path) {
  const floor = floors.indexOf(roomOf(path));
  if (floor < 0) throw new Error(`no floor for ${path}: name its room in scripts/import-graph.js`);
  return floor;
}

/**
 * @returns the files below a folder, and each import of theirs; paths are relative to it, packages by name. The kind of an import is
 *   `type`, `value`, or `later` for import().
 */
export function readGraph(folder) {
  const files = readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(sep).join("/"))
    .sort();
  const imports = files.flatMap((from) =>
    importsIn(readFileSync(join(folder, from), "utf8")).map(({ name, kind }) => ({
      from,
      to: name.startsWith(".") ? join(dirname(from), name).split(sep).join("/") : name,
      kind,
    })),
  );
  return { files, imports };
}

function importsIn(text) {
  const found = { value: [], type: [], later: [] };
  const later = typescript.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  for (const statement of typescript.createSourceFile("", text, typescript.ScriptTarget.Latest).statements) {
    const name = statement.moduleSpecifier?.text;
    if (name === undefined) continue;
    const isType = statement.importClause?.isTypeOnly ?? statement.isTypeOnly ?? false;
    found[isType ? "type" : "value"].push(name);
    later.splice(later.indexOf(name), 1);
  }
  found.later = later;
  return Object.entries(found).flatMap(([kind, names]) =>
    [...new Set(names)].map((name) => ({ name, kind })),
  );
}

function print({ files, imports }) {
  for (const room of [...floors].reverse()) {
    const own = files.filter((file) => roomOf(file) === room);
    const below = new Set(
      imports.filter(({ from, to }) => roomOf(from) === room && isSource(to)).map(({ to }) => roomOf(to)),
    );
    below.delete(room);
    console.log(
      `${room.padEnd(16)} ${String(own.length).padStart(3)} files -> ${[...below].sort().join(" ")}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const source = join(import.meta.dirname, "..", "src");
  const graph = readGraph(source);
  print(graph);
  const found = faults(graph.files, graph.imports);
  for (const fault of found) console.error(fault);
  console.log(`${relative(process.cwd(), source)}: ${graph.files.length} files, ${found.length} faults`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
