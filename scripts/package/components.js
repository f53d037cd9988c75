// The foreign code in the packages: npm packages in the bundle and beside it, the crates of the front, the runtime.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimeTarget, rustTarget } from "../platforms.js";
import { root } from "./release.js";

/** The packages whose code is in dist/, as the build writes them down. */
export function bundled() {
  return JSON.parse(readFileSync(join(root, "dist/bundled-packages.json"), "utf8")).map((path) =>
    locked(path),
  );
}

/** What npm installs beside the bundle. */
export function besideNode() {
  return native(["@napi-rs/keyring"]);
}

/** @param {readonly string[]} names packages that hold native code; npm installs only those of this machine */
export function native(names) {
  return names.map((name) => locked(`node_modules/${name}`));
}

/** A lock file has the version, the licence and the hash of each package, also of those for other platforms. */
function locked(path, folder = ".") {
  const { packages } = JSON.parse(readFileSync(join(root, folder, "package-lock.json"), "utf8"));
  const entry = packages[path];
  if (entry === undefined) throw new Error(`${folder}/package-lock.json does not contain ${path}`);
  const [algorithm, digest] = entry.integrity.split("-");
  const alg = algorithm.replace("sha", "SHA-");
  return {
    registry: "npm",
    name: entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    version: entry.version,
    license: entry.license,
    hash: { alg, content: Buffer.from(digest, "base64").toString("hex") },
  };
}

/** The crates that the front links, with the texts of their licences. */
export function crates(platform) {
  const manifest = join(root, "front/Cargo.toml");
  const sums = checksums(readFileSync(join(root, "front/Cargo.lock"), "utf8"));
  const linked = linkedCrates(manifest, rustTarget(platform));
  return linked.map(({ name, version, license, manifest_path: path }) => ({
    registry: "cargo",
    name,
    version,
    license: license ?? undefined,
    hash: { alg: "SHA-256", content: sums.get(`${name} ${version}`) },
    texts: licenceTexts(dirname(path)),
  }));
}

/** The runtime of the full program. */
export function runtime(platform) {
  const component = locked(`node_modules/@oven/${runtimeTarget(platform)}`, "scripts/executable");
  return [{ ...component, texts: [runtimeNotice(component.version)] }];
}

/** The package of the runtime contains no text of its own. The LGPL asks for the sources, and for a way to link them anew. */
function runtimeNotice(version) {
  return `libexec/eks-x509 contains Bun. Bun is linked statically with JavaScriptCore and WebCore (LGPL-2.0), with
tinycc (LGPL-2.1), and with other libraries. Their licences, and how to build Bun with a changed
JavaScriptCore, are in https://github.com/oven-sh/bun/blob/bun-v${version}/LICENSE.md
Its sources of JavaScriptCore are in https://github.com/oven-sh/WebKit
The sources of eks-x509 contain the script that builds the executable with a Bun: scripts/build-executable`;
}

/** Build scripts and tests are not in the program: cargo tree knows, cargo metadata has the details. */
function linkedCrates(manifest, target) {
  const cargo = (...args) =>
    execFileSync("cargo", [...args, "--locked", "--manifest-path", manifest], { maxBuffer: 2 ** 28 });
  const tree = cargo("tree", "--target", target, "--edges=normal", "--prefix=none", "--format={p}");
  const names = new Set(tree.toString().split("\n"));
  const { packages: all } = JSON.parse(cargo("metadata", "--format-version=1"));
  return all.filter(({ name, version, source }) => source !== null && names.has(`${name} v${version}`));
}

function checksums(lock) {
  const entries = lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g);
  return new Map([...entries].map(([, name, version, sum]) => [`${name} ${version}`, sum]));
}

/** Also those of C sources that a crate contains. */
function licenceTexts(folder, depth = 2) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? licenceTexts(path, depth - 1) : [];
    return /^(licen[cs]e|copying|notice)/i.test(entry.name) ? [readFileSync(path, "utf8").trim()] : [];
  });
}
