/**
 * Clients, made ready in a cache folder outside the repository: one folder for each state of a client's sources, complete or not
 * there at all.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sourceOf } from "./clients.js";
import { onPath, run } from "./processes.js";

export function cacheFolder(env) {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "eks-x509", "clients");
}

/**
 * @param build false: what is not there already is left out, and nothing is downloaded
 * @returns {Promise<{command: string[]} | {leftOut: string} | {failed: string}>}
 */
export async function prepare(client, cache, build) {
  const versions = [];
  for (const { ask, answers: expected = /^/, otherwise } of client.needs) {
    const [program, ...question] = ask;
    if (!onPath(program)) return { leftOut: `no ${program}` };
    const { code, stdout, stderr } = await asked(program, question);
    if (code !== 0 || !expected.test(stdout))
      return { leftOut: otherwise ?? `${ask.join(" ")} fails: ${lastLine(stderr)}` };
    versions.push(stdout + stderr);
  }
  if (!client.build) return { command: client.command() };
  const folder = join(cache, `${client.name}-${stateOf(client, versions)}`);
  if (existsSync(folder)) return { command: client.command(folder) };
  if (!build) return { leftOut: "not made ready on this machine: scripts/clients does" };
  try {
    await into(folder, (empty) => client.build(empty, cache));
    return { command: client.command(folder) };
  } catch (error) {
    return { failed: error.message };
  }
}

const answers = new Map();

/** Asked once for all that need it. */
function asked(program, question) {
  const key = [program, ...question].join(" ");
  if (!answers.has(key)) answers.set(key, run(program, question));
  return answers.get(key);
}

/** Half a build is never found: it gets its name when it is complete. */
async function into(folder, build) {
  mkdirSync(join(folder, ".."), { recursive: true });
  const empty = mkdtempSync(join(folder, "..", ".new-"));
  try {
    await build(empty);
    renameSync(empty, folder);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

/** Of its sources, how it is built, and its runtime: whoever changes one has it made again. */
function stateOf({ name, sources = sourceOf(name), list = sourceOf("clients.js") }, versions) {
  const hash = createHash("sha256").update(versions.join()).update(readFileSync(list));
  for (const path of filesOf(sources)) hash.update(`\0${path}\0`).update(readFileSync(join(sources, path)));
  return hash.digest("hex").slice(0, 16);
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length))
    .sort();
}

function lastLine(text) {
  return text.trim().split("\n").at(-1);
}
