/** What comes before a command: the words of its command line, made flags of. */
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { keyFiles } from "../key-files.ts";
import { portsWith } from "../ports.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import { run } from "../../src/main.ts";

interface Seen {
  code: number;
  stdout: string;
  stderr: string;
  /** Paths of files that were asked for. */
  read: string[];
}

/** Nothing that this program could do: no file is there, and no request may be made. */
async function program(...args: string[]): Promise<Seen> {
  const seen: Seen = { code: 0, stdout: "", stderr: "", read: [] };
  const root = portsWith({
    env: { HOME: "/home/alice" },
    clock: () => new Date(),
    stdout: (text) => Promise.resolve(void (seen.stdout += text)),
    stderr: (text) => Promise.resolve(void (seen.stderr += text)),
    ...keyFiles((path, { category, hop }) => {
      seen.read.push(path);
      return Promise.reject(
        new EksX509Error({ category, hop, code: "FILE_MISSING", message: path, hint: "Look." }),
      );
    }),
  });
  seen.code = await run(args, root);
  return seen;
}

const switches = commands.flatMap(({ path, options }) =>
  Object.entries(options).flatMap(([name, { type }]) =>
    type === "boolean" ? [{ command: path.join(" "), name }] : [],
  ),
);

describe("a switch", () => {
  it.each(switches)("of $command: --$name is true or false, and nothing else means false", async (one) => {
    for (const value of ["client", "maybe", "", "2", "truefalse", " true", "tru", "ja", "true\n"]) {
      const { code, stderr, stdout, read } = await program(
        ...one.command.split(" "),
        `--${one.name}=${value}`,
      );
      expect({ code, stdout }, JSON.stringify(value)).toEqual({ code: 2, stdout: "" });
      // The fast path looks for a config file first.
      if (!["get-token", "credential-process"].includes(one.command)) expect(read).toEqual([]);
      expect(stderr).toContain(`--${one.name} is neither true nor false`);
      expect(stderr).toContain("(BOOLEAN_INVALID)");
    }
  });

  it.each(["true", "True", "TRUE", "1", "yes", "on"])("is on with %s", async (value) => {
    expect((await program("token", "debug", "x", `--offline=${value}`)).stderr).not.toContain("BOOLEAN");
    expect((await program("update-kubeconfig", `--all=${value}`, "--name=a")).read).not.toEqual([]);
    expect((await program("update-kubeconfig", `--help=${value}`)).stdout).toContain("--dry-run");
  });

  it.each(["false", "False", "0", "no", "OFF"])("is off with %s", async (value) => {
    expect((await program("cache", "clear", `--all=${value}`, "--cache=x")).stderr).toContain("CACHE_MODE");
    expect((await program("update-kubeconfig", `--help=${value}`)).stderr).toContain("CLUSTERS_NOT_NAMED");
  });

  it("--dry-run is not kubectl's: client and server are explained", async () => {
    for (const value of ["client", "server", "none"]) {
      const { code, stderr } = await program("update-kubeconfig", `--dry-run=${value}`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/BOOLEAN_INVALID\)\n {2}--dry-run alone prints the file/);
    }
  });

  it("takes no word that stands by itself: it is an argument", async () => {
    const { code, stderr } = await program("update-kubeconfig", "--dry-run", "false");
    expect(code).toBe(2);
    expect(stderr).toContain("unknown argument: false (USAGE)");
  });

  it("has one spelling", async () => {
    const { code, stderr } = await program("update-kubeconfig", "--dryRun=client");
    expect(code).toBe(2);
    expect(stderr).toContain("(USAGE)");
  });

  it("before the command is judged alike", async () => {
    expect((await program("--dry-run=client", "update-kubeconfig")).stderr).toContain("BOOLEAN_INVALID");
    expect((await program("update-kubeconfig", "-h=maybe")).stderr).toContain("--help is neither");
  });

  it("is one for every command that has it", () => {
    const names = new Set(switches.map(({ name }) => name));
    const others = commands.flatMap(({ options }) =>
      Object.entries(options).filter(([name, { type }]) => names.has(name) && type !== "boolean"),
    );
    expect(others).toEqual([]);
  });
});

describe("a command that is not there", () => {
  it.each([
    [[], "no command is given", "See: eks-x509 --help"],
    [["gettoken"], "unknown command: gettoken", "Did you mean get-token? See: eks-x509 --help"],
    [["cert", "inspekt"], "unknown command: inspekt", "Did you mean cert inspect? See: eks-x509 cert --help"],
    [["frobnicate"], "unknown command: frobnicate", "See: eks-x509 --help"],
    [["cache"], "cache needs one of its commands: list, clear", "See: eks-x509 cache --help"],
    [["key", "remember"], "KEY is missing", "See: eks-x509 key remember --help"],
    [["kuberc", "--command"], "--command needs a value", "See: eks-x509 kuberc --help"],
  ])("%j", async (args, message, hint) => {
    const { code, stderr } = await program(...args);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `eks-x509: configuration: ${message} (USAGE)\n  ${hint}\n`,
    });
  });
});

describe("aws_signing_helper's options", () => {
  it.each([
    ["update-kubeconfig", "--name=demo", "--pkcs8-password", "hunter2"],
    ["cert", "inspect", "a.pem", "--password=hunter2"],
    ["key", "list", "--pin", "hunter2"],
    ["get-token", "--pkcs8-password", "hunter2"],
  ])("with a password are refused, and it is not repeated: %s %s %s", async (...args) => {
    const { code, stdout, stderr, read } = await program(...args);
    expect({ code, stdout, read }).toEqual({ code: 2, stdout: "", read: [] });
    expect(stderr).toContain("(FLAG_IS_PASSWORD)");
    expect(stderr).not.toContain("hunter2");
  });

  it("name the PKCS#11 module as it does", async () => {
    const { stderr } = await program("update-kubeconfig", "--pkcs11-lib", "/a.so", "--no-such");
    expect(stderr).toContain("no-such");
    expect(stderr).not.toContain("pkcs11-lib");
  });
});

describe("what follows --", () => {
  it.each([
    ["update-kubeconfig", "--name=demo", "--", "rm", "-rf", "x"],
    ["completion", "bash", "--", "x"],
    ["kuberc", "--", "--command=x"],
    ["cache", "list", "--", "x"],
    ["cert", "inspect", "a.pem", "--", "b.pem"],
    ["cert", "inspect", "--", "a.pem", "b.pem"],
    ["token", "debug", "--offline", "--", "a", "b"],
    ["get-token", "--", "x"],
  ])("is refused by a command that takes none of it: %s %s %s %s", async (...args) => {
    const { code, stdout, read } = await program(...args);
    expect({ code, stdout, read }).toEqual({ code: 2, stdout: "", read: [] });
  });

  it("is a file's name, whatever it begins with", async () => {
    expect((await program("cert", "inspect", "--", "-x")).read).toEqual(["-x"]);
    expect((await program("cert", "inspect", "--", "--output")).read).toEqual(["--output"]);
    expect((await program("cert", "inspect", "--output=text", "--", "a b.pem")).read).toEqual(["a b.pem"]);
  });

  it("may be nothing", async () => {
    expect((await program("cert", "inspect", "a.pem", "--")).read).toEqual(["a.pem"]);
    expect((await program("kuberc", "--")).code).toBe(0);
  });

  it("is never repeated: it may be a token", async () => {
    const { stderr } = await program("token", "debug", "x", "--", "k8s-aws-v1.c2VjcmV0");
    expect(stderr).not.toContain("c2VjcmV0");
  });
});
