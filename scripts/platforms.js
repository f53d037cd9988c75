// The platforms that a release has an archive for, and what compilers, registries and package formats call them.

/**
 * @typedef {object} Platform
 * @property {string} name as in the name of an archive, and for scripts/build-executable --platform
 * @property {"linux" | "darwin" | "windows"} os
 * @property {"x64" | "arm64"} arch
 * @property {boolean} isMusl
 * @property {readonly string[]} native the npm packages whose native code is in libexec/
 */

/** @type {readonly Platform[]} */
export const platforms = [
  platform("linux-x64", ["@napi-rs/keyring-linux-x64-gnu", "@koromix/koffi-linux-x64"]),
  platform("linux-arm64", ["@napi-rs/keyring-linux-arm64-gnu", "@koromix/koffi-linux-arm64"]),
  platform("linux-x64-musl", ["@napi-rs/keyring-linux-x64-musl", "@koromix/koffi-linux-x64"]),
  platform("linux-arm64-musl", ["@napi-rs/keyring-linux-arm64-musl", "@koromix/koffi-linux-arm64"]),
  platform("darwin-x64", ["@napi-rs/keyring-darwin-x64", "@koromix/koffi-darwin-x64"]),
  platform("darwin-arm64", ["@napi-rs/keyring-darwin-arm64", "@koromix/koffi-darwin-arm64"]),
  platform("windows-x64", ["@napi-rs/keyring-win32-x64-msvc", "@koromix/koffi-win32-x64"]),
];

function platform(name, native) {
  const [os, arch, libc] = name.split("-");
  return { name, os, arch, isMusl: libc === "musl", native };
}

export function executableName({ os }) {
  return os === "windows" ? "eks-x509.exe" : "eks-x509";
}

export function archiveName({ name, os }, version) {
  return `eks-x509-${version}-${name}${os === "windows" ? ".zip" : ".tar.gz"}`;
}

/** GOARCH, which krew, deb and nfpm use. */
export function goArch({ arch }) {
  return arch === "x64" ? "amd64" : "arm64";
}

/** Rust's name of the platform of the front. With musl it is static, so it starts sooner, and on every Linux. */
export function rustTarget({ os, arch }) {
  const cpu = arch === "x64" ? "x86_64" : "aarch64";
  const system = { linux: "unknown-linux-musl", darwin: "apple-darwin", windows: "pc-windows-msvc" };
  return `${cpu}-${system[os]}`;
}

/** @param {Platform} platform */
export function npmTarget({ os, arch, isMusl }) {
  const libc = os === "linux" && { libc: isMusl ? "musl" : "glibc" };
  return { os: os === "windows" ? "win32" : os, cpu: arch, ...libc };
}

/** What the runtime of the full program calls the platform. @param {Platform} platform */
export function runtimeTarget({ os, arch, isMusl }) {
  return `bun-${os}-${arch === "arm64" ? "aarch64" : arch}${isMusl ? "-musl" : ""}`;
}

/** Paths below node_modules, each with its name beside the program. @param {Platform} platform */
export function nativeFiles({ os, arch, isMusl, native: [keyring, koffi] }) {
  const keyringFile = `${keyring.slice("@napi-rs/".length).replace("-", ".")}.node`;
  const koffiFolder = `${isMusl ? "musl" : npmTarget({ os }).os}_${arch}`;
  return [
    [`${keyring}/${keyringFile}`, keyringFile],
    [`${koffi}/${koffiFolder}/koffi.node`, "koffi.node"],
    // The crates in the keyring's native code.
    [`${keyring}/LICENSE.third-party.md`, "keyring.LICENSE.md"],
  ];
}

/** @returns {Platform} @throws Error that names the platforms */
export function platformNamed(name) {
  const found = platforms.find((each) => each.name === name);
  if (found) return found;
  throw new Error(`no platform ${name}; there are ${platforms.map((each) => each.name).join(", ")}`);
}

/** @returns {string} the name of this machine's platform, or what it would be */
export function thisPlatform() {
  const { platform, arch, report } = process;
  if (platform !== "linux") return `${platform === "win32" ? "windows" : platform}-${arch}`;
  const isGlibc = "glibcVersionRuntime" in report.getReport().header;
  return `linux-${arch}${isGlibc ? "" : "-musl"}`;
}
