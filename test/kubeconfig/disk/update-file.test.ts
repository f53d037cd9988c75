import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disk, type Disk } from "../../../src/kubeconfig/disk/disk.ts";
import { updateKubeconfigFile } from "../../../src/kubeconfig/disk/update-file.ts";
import { entriesOf, withFolder } from "../../cache/flight/crowd.ts";
import { rejectionOf } from "../../failure.ts";
import { testPorts } from "./ports.ts";
import { bundleWorker, run, work } from "./workers.ts";

const before = "# mine\n";
const after = "# mine\n# more\n";
const addLine = (text = "") => `${text}# more\n`;
const update = async (path: string, edit = addLine, calls: Partial<Disk> = {}) => {
  const { isWritten } = await updateKubeconfigFile(path, (text) => ({ text: edit(text) }), testPorts(calls));
  return isWritten;
};
/** What is called while the locks are held. */
const whileLocked = (call: () => void): Partial<Disk> => ({
  renameSync: (from, to) => {
    call();
    disk.renameSync(from, to);
  },
});
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const isRoot = process.geteuid?.() === 0;

describe("a kubeconfig that is not there", () => {
  it("is made for its user alone, and so are the folders above it", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a", "b", "config");
      expect(await update(path)).toBe(true);
      expect([mode(path), mode(join(folder, "a")), mode(join(folder, "a", "b"))]).toEqual([
        "600",
        "700",
        "700",
      ]);
      expect(readFileSync(path, "utf8")).toBe("# more\n");
      expect(entriesOf(join(folder, "a", "b"))).toEqual(["file config"]);
    });
  });

  it("is made where a link leads that leads nowhere yet", async () => {
    await withFolder(async (folder) => {
      symlinkSync("dotfiles/kube", join(folder, "config"));
      await update(join(folder, "config"));
      expect(entriesOf(join(folder, "dotfiles"))).toEqual(["file kube"]);
      expect(lstatSync(join(folder, "config")).isSymbolicLink()).toBe(true);
    });
  });
});

describe("a kubeconfig of a long name", () => {
  it.each([233, 250])("of %i characters is made and replaced", async (length) => {
    await withFolder(async (folder) => {
      const path = join(folder, "c".repeat(length));
      await update(path);
      expect(await update(path)).toBe(true);
      expect(readFileSync(path, "utf8")).toBe("# more\n# more\n");
      expect(entriesOf(folder)).toEqual([`file ${"c".repeat(length)}`]);
    });
  });

  it("that leaves no room for the lock's is refused", async () => {
    await withFolder(async (folder) => {
      const failure = await rejectionOf(update(join(folder, "c".repeat(253))));
      expect(failure.code).toBe("KUBECONFIG_WRITE_FAILED");
      expect(entriesOf(folder)).toEqual([]);
    });
  });
});

describe("a kubeconfig that is there", () => {
  it("keeps its mode, and its owner where this user may give files away", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      chmodSync(path, 0o640);
      if (isRoot) chownSync(path, 12345, 23456);
      await update(path);
      expect(mode(path)).toBe("640");
      expect(readFileSync(path, "utf8")).toBe(after);
      if (isRoot) expect(statSync(path)).toMatchObject({ uid: 12345, gid: 23456 });
    });
  });

  it("is not open to another group when its own cannot be kept", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      chmodSync(path, 0o664);
      await update(path, addLine, { fchownSync: failing("EPERM") });
      expect(mode(path)).toBe("604");
    });
  });

  it("is not written when nothing changes", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      const { ino, mtimeMs } = statSync(path);
      expect(await update(path, (text = "") => text)).toBe(false);
      expect(statSync(path)).toMatchObject({ ino, mtimeMs });
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });

  it("is replaced through links, which stay; all their names are locked meanwhile", async () => {
    await withFolder(async (folder) => {
      mkdirSync(join(folder, "dotfiles"));
      writeFileSync(join(folder, "dotfiles", "kube"), before);
      symlinkSync("dotfiles/kube", join(folder, "middle"));
      symlinkSync("middle", join(folder, "config"));
      let entries: string[] = [];
      await update(
        join(folder, "config"),
        addLine,
        whileLocked(() => {
          entries = entriesOf(folder);
        }),
      );
      expect(entries).toContain("file config.lock");
      expect(entries).toContain("file middle.lock");
      expect(entries).toContain("file dotfiles/kube.lock");
      expect(readlinkSync(join(folder, "config"))).toBe("middle");
      expect(readFileSync(join(folder, "dotfiles", "kube"), "utf8")).toBe(after);
      expect(entriesOf(folder).filter((entry) => entry.includes(".lock"))).toEqual([]);
    });
  });

  it("keeps its byte order mark, and characters of several bytes", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, "\uFEFF# ü €\r\n");
      await update(path);
      expect(readFileSync(path, "utf8")).toBe("\uFEFF# ü €\r\n# more\n");
    });
  });

  it("is as it was, and nothing is left, when the edit fails", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      const edit = () => {
        throw new Error("no");
      };
      await expect(update(path, edit)).rejects.toThrow("no");
      expect(readFileSync(path, "utf8")).toBe(before);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });
});

describe("what is no kubeconfig file is refused", () => {
  const cases: [code: string, make: (path: string) => void][] = [
    [
      "KUBECONFIG_IS_FOLDER",
      (path) => {
        mkdirSync(path);
      },
    ],
    ["KUBECONFIG_NO_FILE", (path) => spawnSync("mkfifo", [path])],
    [
      "KUBECONFIG_LINK_LOOP",
      (path) => {
        symlinkSync("config", path);
      },
    ],
    [
      "KUBECONFIG_NOT_UTF8",
      (path) => {
        writeFileSync(path, "kind: Config\n", "utf16le");
        writeFileSync(path, Buffer.from([0xff, 0xfe, 0x6b, 0]));
      },
    ],
    [
      "KUBECONFIG_HARD_LINKS",
      (path) => {
        writeFileSync(path, before);
        linkSync(path, `${path}.other`);
      },
    ],
    [
      "KUBECONFIG_TOO_LARGE",
      (path) => {
        writeFileSync(path, "");
        truncateSync(path, 50_000_000);
      },
    ],
    [
      "KUBECONFIG_NO_FOLDER",
      (path) => {
        writeFileSync(join(path, "..", "file"), "");
        symlinkSync("file/config", path);
      },
    ],
  ];

  it.each(["x/..", "x/.", "x/", "."])("KUBECONFIG_IS_FOLDER: %s, and makes none", async (name) => {
    await withFolder(async (folder) => {
      const failure = await rejectionOf(update(`${folder}/dir/${name}`));
      expect(failure.code).toBe("KUBECONFIG_IS_FOLDER");
      expect(entriesOf(folder)).toEqual([]);
    });
  });

  it.each(cases)("%s", async (code, make) => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      make(path);
      const entries = entriesOf(folder);
      expect(await rejectionOf(update(path))).toMatchObject({ code, category: "usage", hop: "kubeconfig" });
      expect(entriesOf(folder)).toEqual(entries);
    });
  });
});

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

describe("a disk that fails", () => {
  it.each([
    ["openSync", "EACCES", "KUBECONFIG_FOLDER_READ_ONLY"],
    ["openSync", "EROFS", "KUBECONFIG_FOLDER_READ_ONLY"],
    ["openSync", "ENAMETOOLONG", "KUBECONFIG_WRITE_FAILED"],
    ["readOpened", "EACCES", "KUBECONFIG_FORBIDDEN"],
    ["readOpened", "EIO", "KUBECONFIG_UNREADABLE"],
    ["accessSync", "EACCES", "KUBECONFIG_READ_ONLY"],
    ["writeSync", "ENOSPC", "KUBECONFIG_DISK_FULL"],
    ["writeSync", "EDQUOT", "KUBECONFIG_QUOTA"],
    ["fsyncSync", "EIO", "KUBECONFIG_WRITE_FAILED"],
    ["closeSync", "EDQUOT", "KUBECONFIG_QUOTA"],
    ["renameSync", "EBUSY", "KUBECONFIG_MOUNTED"],
  ] as const)("with %s: %s, is reported as %s, and nothing is left behind", async (call, system, code) => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      // The lock's own file is closed before.
      const calls = call === "closeSync" ? onceOpen(system) : { [call]: failing(system) };
      expect((await rejectionOf(update(path, addLine, calls))).code).toBe(code);
      expect(readFileSync(path, "utf8")).toBe(before);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });

  it.each(["file/sub/config", ...(process.platform === "linux" ? ["/proc/none/sub/config"] : [])])(
    "that has no folder %s, and can have none, is reported",
    async (name) => {
      await withFolder(async (folder) => {
        writeFileSync(join(folder, "file"), "");
        const { code } = await rejectionOf(update(resolve(folder, name)));
        expect(code).toBe("KUBECONFIG_NO_FOLDER");
        expect(entriesOf(folder)).toEqual(["file file"]);
      });
    },
  );

  function onceOpen(code: string): Partial<Disk> {
    let closed = 0;
    return {
      closeSync: (file) => {
        disk.closeSync(file);
        closed += 1;
        if (closed === 2) failing(code)();
      },
    };
  }

  it("only in the folder's fsync has done its work", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      let calls = 0;
      const fsyncSync = () => {
        calls += 1;
        if (calls === 2) failing("EINVAL")();
      };
      expect(await update(path, addLine, { fsyncSync })).toBe(true);
      expect(readFileSync(path, "utf8")).toBe(after);
    });
  });
});

describe("the kernel's own refusals", () => {
  let scripts = "";
  let script = "";
  beforeAll(async () => {
    scripts = mkdtempSync(join(tmpdir(), "eks-x509-test-"));
    chmodSync(scripts, 0o755);
    script = await bundleWorker(scripts);
  });
  afterAll(() => {
    rmSync(scripts, { recursive: true, force: true });
  });
  const nobody = isRoot ? { uid: 65534 } : {};

  it.each([
    [0o444, 0o777, "KUBECONFIG_READ_ONLY"],
    [0o666, 0o555, "KUBECONFIG_FOLDER_READ_ONLY"],
    [0o000, 0o777, "KUBECONFIG_FORBIDDEN"],
  ])("a file of mode %o in a folder of mode %o: %s", async (fileMode, folderMode, code) => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      chmodSync(path, fileMode);
      chmodSync(folder, folderMode);
      expect(await work(script, { path, ...nobody })).toMatchObject({
        code: 1,
        stdout: containingCode(code),
      });
      chmodSync(folder, 0o700);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });

  const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;
  /** In a name space of mounts of its own. */
  const mounted = (mount: string, path: string, how: object = {}) =>
    run("unshare", [
      "-m",
      "sh",
      "-c",
      `${mount} && "$0" "$1" "$2"; code=$?; ls -A "$3"; exit $code`,
      process.execPath,
      script,
      JSON.stringify({ path, ...how }),
      join(path, ".."),
    ]);

  it.skipIf(!canMount)("a full disk (unshare)", async () => {
    await withFolder(async (folder) => {
      const disk = join(folder, "disk");
      mkdirSync(disk);
      const fill = `mount -t tmpfs -o size=64k none ${disk} && echo '# mine' > ${disk}/config && ! head -c 65536 /dev/zero > ${disk}/filler 2> /dev/null`;
      const { code, stdout } = await mounted(fill, join(disk, "config"));
      expect(code).toBe(1);
      expect(stdout).toMatch(/^KUBECONFIG_DISK_FULL \d+config\nfiller\n$/);
    });
  });

  it.skipIf(!canMount)("a file that is mounted, as in a container (unshare)", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      const { code, stdout } = await mounted(`mount --bind ${path} ${path}`, path);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^KUBECONFIG_MOUNTED \d+config\n$/);
      expect(readFileSync(path, "utf8")).toBe(before);
    });
  });

  it.skipIf(!canMount)("a file that is mounted is written in place on request (unshare)", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, before);
      const { code } = await mounted(`mount --bind ${path} ${path}`, path, { inPlace: true });
      expect(code).toBe(0);
      expect(readFileSync(path, "utf8")).toBe(after);
      expect(entriesOf(folder)).toEqual(["file config"]);
    });
  });
});

describe("a file written in place", () => {
  it("keeps its other names, its mode and its inode, and gets shorter", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      writeFileSync(path, `${before}${"# long\n".repeat(100)}`);
      chmodSync(path, 0o640);
      linkSync(path, join(folder, "other"));
      const { ino } = statSync(path);
      await updateKubeconfigFile(path, () => ({ text: after }), { ...testPorts(), mode: "in place" });
      expect(readFileSync(join(folder, "other"), "utf8")).toBe(after);
      expect([statSync(path).ino, mode(path)]).toEqual([ino, "640"]);
      expect(entriesOf(folder).toSorted()).toEqual(["file config", "file other"]);
    });
  });

  it("is made anew where there is none", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "config");
      await updateKubeconfigFile(path, (text = "") => ({ text: addLine(text) }), {
        ...testPorts(),
        mode: "in place",
      });
      expect(readFileSync(path, "utf8")).toBe("# more\n");
    });
  });
});

describe.skipIf(!isRoot)("root in another user's folder", () => {
  const alice = 4321;
  const home = (folder: string): string => {
    const path = join(folder, "home");
    mkdirSync(path);
    chownSync(path, alice, alice);
    return path;
  };

  it("makes a file and folders that are that user's", async () => {
    await withFolder(async (folder) => {
      const above = home(folder);
      await update(join(above, ".kube", "sub", "config"));
      for (const name of [".kube", ".kube/sub", ".kube/sub/config"])
        expect(statSync(join(above, name)), name).toMatchObject({ uid: alice, gid: alice });
      expect(entriesOf(above)).toEqual([
        expect.stringContaining(".kube"),
        expect.stringContaining("sub"),
        "file .kube/sub/config",
      ]);
    });
  });

  it("follows no link there", async () => {
    await withFolder(async (folder) => {
      const secret = join(folder, "secret");
      writeFileSync(secret, before, { mode: 0o600 });
      const path = join(home(folder), "config");
      symlinkSync(secret, path);
      expect((await rejectionOf(update(path))).code).toBe("KUBECONFIG_FOREIGN_LINK");
      expect(readFileSync(secret, "utf8")).toBe(before);
    });
  });

  it("follows no folder's link there, wherever in the path", async () => {
    await withFolder(async (folder) => {
      const [above, own] = [home(folder), join(folder, "own")];
      mkdirSync(join(own, "sub"), { recursive: true });
      symlinkSync(own, join(above, ".kube"));
      lchownSync(join(above, ".kube"), alice, alice);
      for (const path of [".kube/config", ".kube/sub/config", ".kube/new/config"])
        expect((await rejectionOf(update(join(above, path)))).code, path).toBe("KUBECONFIG_FOREIGN_LINK");
      expect(readdirSync(own, { recursive: true })).toEqual(["sub"]);
    });
  });

  it("reads no file that a link leads to from one moment to the next", async () => {
    await withFolder(async (folder) => {
      const secret = join(folder, "secret");
      writeFileSync(secret, "# root's\n", { mode: 0o600 });
      const path = join(home(folder), "config");
      writeFileSync(path, before);
      const readOpened: Disk["readOpened"] = (name, most) => {
        rmSync(path);
        symlinkSync(secret, path);
        return disk.readOpened(name, most);
      };
      expect((await rejectionOf(update(path, addLine, { readOpened }))).code).toMatch(
        /^KUBECONFIG_(UNREADABLE|FOREIGN_LINK)$/,
      );
      expect(readFileSync(secret, "utf8")).toBe("# root's\n");
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
    });
  });

  it("follows a link that a folder for all holds, if it is root's own", async () => {
    await withFolder(async (folder) => {
      chmodSync(folder, 0o1777);
      writeFileSync(join(folder, "target"), before);
      symlinkSync("target", join(folder, "config"));
      expect(await update(join(folder, "config"))).toBe(true);
      lchownSync(join(folder, "config"), alice, alice);
      expect((await rejectionOf(update(join(folder, "config")))).code).toBe("KUBECONFIG_FOREIGN_LINK");
    });
  });
});

function containingCode(code: string): unknown {
  return expect.stringContaining(code);
}
