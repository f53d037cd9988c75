/** The packages of a release, of stand-ins for the executables: two of each run, compared byte by byte. */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { version } from "../../src/foundation/version.ts";
import { named } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "eks-x509-packages-"));
const out = join(scratch, "out");
const again = join(scratch, "again");
const linux = `eks-x509-${version}-linux-x64.tar.gz`;
const windows = `eks-x509-${version}-windows-x64.zip`;
const npm = `eks-x509-${version}.tgz`;

// rustup's cargo is there and does not answer where a home has no toolchain.
const missing = ["tar", "gzip", "zip", "cargo"].find(
  (program) => spawnSync(program, ["--version"]).status !== 0,
);
const why = missing === undefined ? undefined : `there is no ${missing}`;
const suite = why === undefined ? describe : describe.skip;

beforeAll(() => {
  if (why !== undefined) return;
  for (const [platform, program] of [
    ["linux-x64", "eks-x509"],
    ["windows-x64", "eks-x509.exe"],
  ] as const) {
    const folder = join(scratch, "executables", platform);
    mkdirSync(join(folder, "libexec"), { recursive: true });
    for (const file of [program, `libexec/${program}`]) {
      writeFileSync(join(folder, file), `stand-in of ${file}`);
      chmodSync(join(folder, file), 0o755);
    }
  }
  makePackages(out, "umask 022", {});
  makePackages(again, "umask 077", { TZ: "Asia/Tokyo" });
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Without Go, and so without deb and rpm: building nfpm takes minutes. */
function makePackages(folder: string, before: string, env: NodeJS.ProcessEnv): void {
  const path = process.env["PATH"]?.split(delimiter).filter((each) => !existsSync(join(each, "go")));
  const platforms = ["linux-x64", "windows-x64"].map((name) => `--platform ${name}`).join(" ");
  const command = `${before}; exec "$0" scripts/package.js "$1" --executables "$2" ${platforms}`;
  const args = ["-c", command, process.execPath, folder, join(scratch, "executables")];
  execFileSync("/bin/sh", args, { cwd: root, env: { ...process.env, ...env, PATH: path?.join(delimiter) } });
}

it("what cannot be made is one line, without a stack", () => {
  const script = join(root, "scripts/package.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, out, "--platform", "nowhere"]);
  expect({ status, stdout: String(stdout) }).toEqual({ status: 1, stdout: "" });
  expect(String(stderr)).toMatch(/^package: no platform nowhere; there are linux-x64, .*\n$/);
});

suite(named("npm run package", why), () => {
  it("makes an archive for each platform, the npm package, and what describes them", () => {
    const packages = [linux, windows, npm];
    const bills = packages.map((name) => `${name}.cdx.json`);
    const expected = ["SHA256SUMS", "eks-x509.rb", "eks-x509.yaml", ...packages, ...bills];
    expect(readdirSync(out)).toEqual(expected.sort());
  });

  it("gives the same bytes whatever the umask and the time zone are", () => {
    for (const name of readdirSync(out))
      expect(sha256(join(again, name)), name).toBe(sha256(join(out, name)));
  });

  it("lists the checksum of every other file", () => {
    const lines = textOf("SHA256SUMS").trim().split("\n");
    const files = readdirSync(out).filter((name) => name !== "SHA256SUMS");
    expect(lines.sort()).toEqual(files.map((name) => `${sha256(join(out, name))}  ${name}`).sort());
  });

  it("puts program, licences, completion and manual into an archive, owned by nobody", () => {
    const listed = execFileSync("tar", ["-tvzf", join(out, linux)], { env: { ...process.env, TZ: "UTC" } });
    const entries = listed
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    expect(entries.map(([mode, owner, , , , name]) => `${mode ?? ""} ${owner ?? ""} ${name ?? ""}`)).toEqual([
      "-rw-r--r-- 0/0 LICENSE",
      "-rw-r--r-- 0/0 THIRD-PARTY-NOTICES.txt",
      "drwxr-xr-x 0/0 completions/",
      "-rw-r--r-- 0/0 completions/_eks-x509",
      "-rw-r--r-- 0/0 completions/eks-x509.bash",
      "-rw-r--r-- 0/0 completions/eks-x509.fish",
      "-rwxr-xr-x 0/0 eks-x509",
      "-rwxr-xr-x 0/0 kubectl_complete-eks_x509",
      "drwxr-xr-x 0/0 libexec/",
      "-rwxr-xr-x 0/0 libexec/eks-x509",
      "drwxr-xr-x 0/0 man/",
      "drwxr-xr-x 0/0 man/man1/",
      "-rw-r--r-- 0/0 man/man1/eks-x509.1",
    ]);
    expect(new Set(entries.map(([, , , day, time]) => `${day ?? ""} ${time ?? ""}`)).size).toBe(1);
  });

  it("fails for Linux without a front, which cargo builds", () => {
    const executables = join(scratch, "frontless");
    mkdirSync(join(executables, "linux-x64"), { recursive: true });
    writeFileSync(join(executables, "linux-x64", "eks-x509"), "stand-in of a full program", { mode: 0o755 });
    const args = [join(scratch, "none"), "--executables", executables, "--platform", "linux-x64"];
    const { status, stderr } = spawnSync(process.execPath, ["scripts/package.js", ...args], { cwd: root });
    expect(status).toBe(1);
    expect(stderr.toString()).toContain("has no front. Install Rust");
    expect(readdirSync(join(scratch, "none"))).toEqual([]);
  });

  it("describes the manual's commands by the program's table", () => {
    const page = execFileSync("tar", ["-xzOf", join(out, linux), "man/man1/eks-x509.1"]).toString();
    expect(page).toMatch(/^\.TH EKS\\-X509 1 "\d{4}-\d\d-\d\d" "eks\\-x509 /);
    for (const words of ["SS token debug", "B \\-\\-cluster\\-name", "I FILE"])
      expect(page).toContain(`\n.${words}\n`);
  });
});

suite("a bill of materials", () => {
  const bill = (name: string) => fromJson<Bill>(textOf(`${name}.cdx.json`));

  it("names the package by its checksum", () => {
    expect(bill(linux).metadata.component).toMatchObject({
      version,
      hashes: [{ alg: "SHA-256", content: sha256(join(out, linux)) }],
    });
  });

  it("lists the bundled packages, and the native ones of the platform", () => {
    const names = (name: string) => bill(name).components.map(({ purl }) => purl.replace(/@[^@]*$/, ""));
    expect(names(linux)).toEqual(
      expect.arrayContaining([
        "pkg:npm/yargs",
        "pkg:npm/%40peculiar/x509",
        "pkg:npm/%40napi-rs/keyring-linux-x64-gnu",
      ]),
    );
    expect(names(windows)).toContain("pkg:npm/%40napi-rs/keyring-win32-x64-msvc");
    expect(names(npm)).toEqual(
      expect.arrayContaining(["pkg:npm/%40napi-rs/keyring", "pkg:npm/%40koromix/koffi-linux-x64"]),
    );
    expect(names(npm)).not.toContain("pkg:npm/vitest");
  });

  it.each([linux, windows, npm])("gives a licence and a hash for each part of %s", (name) => {
    for (const { licenses, hashes, purl } of bill(name).components) {
      expect(licenses, purl).toHaveLength(1);
      // The standard library of Rust comes from no registry.
      if (!purl.startsWith("pkg:generic/"))
        expect(hashes?.[0]?.content, purl).toMatch(/^([0-9a-f]{64}|[0-9a-f]{128})$/);
    }
  });

  it("has a notice with a text of the licence for each part of the archive", () => {
    const notices = execFileSync("tar", ["-xzOf", join(out, linux), "THIRD-PARTY-NOTICES.txt"]).toString();
    const sections = notices.split(`\n${"-".repeat(78)}\n\n`);
    for (const { name, version: its } of bill(linux).components) {
      const section = sections.find((text) => text.startsWith(`${name} ${its}: `)) ?? "";
      expect(section.replace(/^.*\n/, "").trim().length, `${name} ${its}`).toBeGreaterThan(60);
    }
    for (const text of ["GNU LESSER GENERAL PUBLIC LICENSE", "Fabrice Bellard"])
      expect(notices).toContain(text);
  });
});

suite("the manifests of package managers", () => {
  it("name archives of this project's releases, with their checksums", () => {
    const manifest: unknown = parse(textOf("eks-x509.yaml"));
    const from = `https://github.com/eks-x509/eks-x509/releases/download/v${version}`;
    expect(manifest).toMatchObject({
      spec: {
        platforms: [
          { uri: `${from}/${linux}`, sha256: sha256(join(out, linux)), bin: "eks-x509" },
          { uri: `${from}/${windows}`, sha256: sha256(join(out, windows)), bin: "eks-x509.exe" },
        ],
      },
    });
    expect(textOf("eks-x509.rb")).toContain('doc.install "THIRD-PARTY-NOTICES.txt"');
    expect(textOf("eks-x509.rb")).toContain(
      `      url "${from}/${linux}"\n      sha256 "${sha256(join(out, linux))}"\n`,
    );
  });
});

interface Bill {
  metadata: { component: object };
  components: {
    name: string;
    version: string;
    purl: string;
    licenses: unknown[];
    hashes?: { content: string }[];
  }[];
}

function textOf(name: string): string {
  return readFileSync(join(out, name), "utf8");
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
