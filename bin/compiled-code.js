/**
 * Keeps the code that V8 has compiled: compiling takes a fifth of the processor time of a miss. Whoever can write that code runs it as
 * this user. So the folder and its files belong to this user and are closed to all others, and nobody else can rename the folders
 * above it. Only bin/eks-x509 loads this file, after it has checked the version of Node.
 */
"use strict";
const { hash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");

const dist = path.join(__dirname, "..", "dist");
/** Small files are compiled faster than their code is found. */
const smallest = 16_384;
const mostFiles = 12;

/** @returns undefined without a folder that is safe */
exports.open = () => {
  const folder = codeFolder();
  if (folder === undefined) return undefined;
  const fresh = [];
  return {
    /** @param name of a file in dist/ */
    load: (name) => load(name, folder, fresh),
    /** After the answer has left. By then, V8 has also compiled the functions that were called. */
    keep: () => {
      for (const one of fresh) keep(one, folder);
    },
  };
};

function codeFolder() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && path.join(HOME, ".cache"));
  if (!caches || !path.isAbsolute(caches)) return undefined;
  try {
    const own = path.join(caches, "eks-x509");
    const folder = path.join(own, "code");
    if (!fs.existsSync(folder)) makeFolders([path.dirname(caches), caches, own, folder]);
    const isPrivate =
      isOwn(fs.statSync(caches), 0o022) &&
      isOwn(fs.lstatSync(own), 0o022) &&
      isOwn(fs.lstatSync(folder), 0o077);
    return isPrivate ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** @param folders each in the one before it. With sudo, the home can be that of another user, who must not find a folder of root there. */
function makeFolders(folders) {
  for (const [index, folder] of folders.entries()) {
    const parent = folders[index - 1];
    if (parent !== undefined && !fs.existsSync(folder) && isOwn(fs.statSync(parent), 0o022))
      fs.mkdirSync(folder, 0o700);
  }
}

/** @param others the bits of the mode that must not be set */
function isOwn(stat, others) {
  return stat.uid === process.geteuid?.() && (stat.mode & others) === 0;
}

/** Loads a file of dist/ as require() does. */
function load(name, folder, fresh) {
  const file = path.join(dist, name);
  if (require.cache[file]) return require.cache[file].exports;
  const loaded = new Module(file, module);
  loaded.filename = file;
  require.cache[file] = loaded;
  const requireFromDist = (id) => (id.startsWith("./") ? load(id.slice(2), folder, fresh) : require(id));
  const run = compiled(file, folder, fresh).runInThisContext();
  run.call(loaded.exports, loaded.exports, requireFromDist, loaded, file, dist);
  loaded.loaded = true;
  return loaded.exports;
}

function compiled(file, folder, fresh) {
  const source = fs.readFileSync(file);
  const text = `(function (exports, require, module, __filename, __dirname) { ${source.toString()}\n})`;
  if (source.length < smallest) return new Script(text, { filename: file });
  const flags = JSON.stringify([process.version, process.arch, process.execArgv, process.env.NODE_OPTIONS]);
  const place = path.join(folder, sha256(flags + sha256(source)));
  const script = new Script(text, { filename: file, cachedData: codeIn(place) });
  if (script.cachedDataRejected !== false) fresh.push({ place, script });
  return script;
}

function sha256(content) {
  return hash("sha256", content);
}

/** V8 checks its version, its flags and the length of the source, but not every bit of the code. */
function codeIn(place) {
  let file;
  try {
    file = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    if (!isOwn(fs.fstatSync(file), 0o077)) return undefined;
    const content = fs.readFileSync(file);
    const code = content.subarray(32);
    return hash("sha256", code, "buffer").equals(content.subarray(0, 32)) ? code : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

function keep({ place, script }, folder) {
  try {
    const temporary = `${place}.${process.pid}`;
    const file = fs.openSync(temporary, "wx", 0o600);
    const code = script.createCachedData();
    fs.writeSync(file, Buffer.concat([hash("sha256", code, "buffer"), code]));
    fs.closeSync(file);
    fs.renameSync(temporary, place);
    forgetOld(folder);
  } catch {
    // Without kept code, the next run compiles again.
  }
}

/** That of other versions of this program and of Node. */
function forgetOld(folder) {
  const all = fs.readdirSync(folder).map((name) => {
    const place = path.join(folder, name);
    return { place, time: fs.statSync(place).mtimeMs };
  });
  all.sort((one, other) => other.time - one.time);
  for (const { place } of all.slice(mostFiles)) fs.unlinkSync(place);
}
