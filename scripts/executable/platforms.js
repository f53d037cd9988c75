// What npm and the runtime call the platforms of a release.
import { findPlatforms } from "../package/platforms.js";

/** @typedef {import("../package/platforms.js").Platform} Platform */

/** @returns {Platform} @throws Error that names the platforms */
export function platformNamed(name) {
  return findPlatforms([name])[0];
}

/** @returns {string} the name of this machine's platform, or what it would be */
export function thisPlatform() {
  const { platform, arch, report } = process;
  if (platform !== "linux") return `${platform === "win32" ? "windows" : platform}-${arch}`;
  const isGlibc = "glibcVersionRuntime" in report.getReport().header;
  return `linux-${arch}${isGlibc ? "" : "-musl"}`;
}

/** @param {Platform} platform */
export function npmTarget({ os, arch, isMusl }) {
  const libc = os === "linux" && { libc: isMusl ? "musl" : "glibc" };
  return { os: os === "windows" ? "win32" : os, cpu: arch, ...libc };
}

/** @param {Platform} platform */
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
