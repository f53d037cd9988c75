// The platforms of the executable, with the names that npm and the runtime have for them.

/** @typedef {{ os: string, cpu: string, libc?: string, runtime: string, keyring: string, koffi: string }} Platform */

/** @type {Readonly<Record<string, Platform>>} */
export const platforms = {
  "linux-x64": linux("x64", "glibc"),
  "linux-arm64": linux("arm64", "glibc"),
  "linux-x64-musl": linux("x64", "musl"),
  "linux-arm64-musl": linux("arm64", "musl"),
  "darwin-x64": other("darwin", "x64"),
  "darwin-arm64": other("darwin", "arm64"),
  "windows-x64": other("win32", "x64"),
};

function linux(cpu, libc) {
  const isMusl = libc === "musl";
  return {
    ...{ os: "linux", cpu, libc },
    runtime: `linux-${runtimeCpu(cpu)}${isMusl ? "-musl" : ""}`,
    keyring: `linux-${cpu}-${isMusl ? "musl" : "gnu"}`,
    koffi: `${isMusl ? "musl" : "linux"}_${cpu}`,
  };
}

function other(os, cpu) {
  return {
    ...{ os, cpu },
    runtime: `${os === "win32" ? "windows" : os}-${runtimeCpu(cpu)}`,
    keyring: os === "win32" ? `win32-${cpu}-msvc` : `${os}-${cpu}`,
    koffi: `${os}_${cpu}`,
  };
}

function runtimeCpu(cpu) {
  return cpu === "arm64" ? "aarch64" : cpu;
}

/** @returns {string} the name of this machine's platform, or what it would be */
export function thisPlatform() {
  const { platform, arch, report } = process;
  if (platform !== "linux") return `${platform === "win32" ? "windows" : platform}-${arch}`;
  const isGlibc = "glibcVersionRuntime" in report.getReport().header;
  return `linux-${arch}${isGlibc ? "" : "-musl"}`;
}
