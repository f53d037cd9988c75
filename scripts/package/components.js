// The foreign code in the packages: npm packages in the bundle and beside it, the crates of the front, the runtime.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runtimeTarget, rustTarget } from "../platforms.js";
import { bunVersion, licenceText, linked } from "./linked.js";
import { root } from "./release.js";

/** The packages whose code is in dist/, as the build writes them down. */
export function bundled() {
  return JSON.parse(readFileSync(join(root, "dist/bundled-packages.json"), "utf8")).map((path) =>
    locked(path),
  );
}

/** What npm installs beside the bundle. Of the optional packages, it installs that of its platform. */
export function besideNode() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return native([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);
}

/** @param {readonly string[]} names packages that hold native code; npm installs only those of this machine */
export function native(names) {
  return names.map((name) => ({ ...locked(`node_modules/${name}`), texts: [nativeText(name)] }));
}

/** The packages for one platform contain no text of the project's licence. */
function nativeText(name) {
  if (name.startsWith("@koromix/koffi-"))
    return linked.koffi.flatMap((part) => [...part.copyright, "", ...part.texts.map(licenceText)]).join("\n");
  return readFileSync(join(root, "node_modules/@napi-rs/keyring/LICENSE"), "utf8").trim();
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
  const ofCrates = linked.map((crate) => ({
    registry: "cargo",
    name: crate.name,
    version: crate.version,
    license: crate.license ?? undefined,
    hash: { alg: "SHA-256", content: sums.get(`${crate.name} ${crate.version}`) },
    texts: crateTexts(crate, linked),
  }));
  return [...ofCrates, standardLibrary()];
}

const underApache = "eks-x509 uses it under the Apache License 2.0, whose text is in the file LICENSE.";

/** Of a crate without a text: that of another crate in its repository, or a licence that it leaves to choose. */
function crateTexts({ name, license, repository, manifest_path: path }, linked) {
  const own = licenceTexts(dirname(path));
  if (own.length > 0) return own;
  const siblings = linked.filter((other) => repository && other.repository === repository);
  const [texts] = siblings
    .map((other) => licenceTexts(dirname(other.manifest_path)))
    .filter((all) => all.length > 0);
  if (texts) return texts;
  if (/\bApache-2\.0\b/.test(license)) return [underApache];
  throw new Error(`the crate ${name} has no text of its licence`);
}

function standardLibrary() {
  const [, version] = execFileSync("rustc", ["--version"]).toString().split(" ");
  const license = "MIT OR Apache-2.0";
  return { registry: "generic", name: "rust-std", version, license, texts: [underApache] };
}

/** The runtime of the full program. Its package contains no text. */
export function runtime(platform) {
  const component = locked(`node_modules/@oven/${runtimeTarget(platform)}`, "scripts/executable");
  if (component.version !== bunVersion)
    throw new Error(
      `scripts/package/licences/linked.json lists the parts of Bun ${bunVersion}. Compare it with LICENSE.md of Bun ${component.version}.`,
    );
  const notice = readFileSync(join(import.meta.dirname, "licences/bun.txt"), "utf8").trim();
  return [{ ...component, texts: [notice.replace("VERSION", component.version)] }];
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
