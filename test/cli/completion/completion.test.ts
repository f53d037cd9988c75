import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerCompletion, completions } from "../../../src/cli/completion/completion.ts";
import { commandGroups, commands } from "../../../src/cli/commands.ts";
import { portsWith } from "../../ports.ts";

/** Typed as in a shell: a space at the end begins a new word. */
function offered(line: string) {
  const { words, ...rest } = completions(line.split(" "));
  return { words: words.map(({ word }) => word), ...rest };
}

const nothing = { words: [], files: false };
const files = { words: [], files: true };

describe("commands", () => {
  it("begins with the first words of all, in --help's order", () => {
    const single = commands.filter(({ path }) => path.length === 1).map(({ path }) => path[0]);
    expect(offered("").words).toEqual([...single, ...Object.keys(commandGroups)]);
  });

  it.each(commands.map(({ path }) => [path.join(" "), path] as const))("leads to %s", (_name, path) => {
    path.forEach((word, index) => {
      const typed = [...path.slice(0, index), word.slice(0, -1)];
      expect(completions(typed).words.map((each) => each.word)).toContain(word);
    });
  });

  it("describes each in one line", () => {
    expect(completions(["tok"]).words).toEqual([
      { word: "token", describe: "Examine a token and the steps that create it" },
    ]);
  });

  it("offers --help and --version once a dash is typed", () => {
    expect(offered("-").words).toEqual(["--help", "--version"]);
  });

  it.each(["nonsense ", "token nonsense ", "token debugging", "nonsense --output "])(
    "knows nothing of %j",
    (line) => {
      expect(offered(line)).toEqual(nothing);
    },
  );
});

describe("flags", () => {
  it("are offered where nothing else must come first", () => {
    expect(offered("cache clear ").words).toEqual(["--cache", "--all", "--help"]);
    expect(offered("get-token --ro").words).toEqual(["--role-arn", "--role-session-name"]);
  });

  it("are left out once they are given, in whichever form", () => {
    for (const given of ["--output json", "--output=json", "-o json", "-o=json"])
      expect(offered(`cache list ${given} -`).words).toEqual(["--cache", "--help"]);
    expect(offered("cache clear --all -").words).not.toContain("--all");
  });

  it("may be repeated where the table says so", () => {
    expect(offered("update-kubeconfig --name a --na").words).toEqual(["--name"]);
  });

  it("are not offered as a value that is missing", () => {
    expect(offered("get-token --role-arn --c")).toEqual(nothing);
  });
});

describe("values", () => {
  it("are the choices that the table has, also behind = and a flag's one letter", () => {
    expect(offered("cert inspect a.pem --output ").words).toEqual(["text", "json"]);
    expect(offered("cert inspect a.pem -o j").words).toEqual(["json"]);
    expect(offered("cert inspect a.pem --output=j").words).toEqual(["json"]);
  });

  it("are the caches, though these are no choices", () => {
    expect(offered("get-token --cache key").words).toEqual(["keychain", "keyutils", "keytar"]);
  });

  it("are files for paths", () => {
    expect(offered("get-token --certificate ali")).toEqual(files);
    expect(offered("get-token --private-key=~/")).toEqual(files);
  });

  it("are contexts, of the kubeconfig that is given", () => {
    expect(offered("token debug --context ")).toEqual({ ...nothing, contextsOf: { kubeconfig: undefined } });
    expect(offered("token debug --kubeconfig=a.yaml --admin-context=x")).toEqual({
      ...nothing,
      contextsOf: { kubeconfig: "a.yaml" },
    });
  });

  it("are unknown for everything else, and then no files", () => {
    expect(offered("get-token --role-arn ")).toEqual(nothing);
    expect(offered("get-token --nonsense=")).toEqual(nothing);
  });
});

describe("arguments", () => {
  it("FILE is a file, unless a dash begins a flag; behind it come flags", () => {
    expect(offered("cert inspect ")).toEqual(files);
    expect(offered("cert inspect ali")).toEqual(files);
    expect(offered("cert inspect --output json ")).toEqual(files);
    expect(offered("cert inspect --in").words).toEqual(["--intermediates"]);
    expect(offered("cert inspect alice.pem ").words).toContain("--intermediates");
  });

  it("TOKEN, which may be - for stdin, is none", () => {
    expect(offered("token debug k8s-aws")).toEqual(nothing);
    expect(offered("token debug - --off").words).toEqual(["--offline"]);
  });

  it("behind -- stands a command, where one may", () => {
    expect(offered("sandbox ").words).toContain("--");
    expect(offered("sandbox -- kub")).toEqual(files);
    expect(offered("sandbox -- kubectl --out")).toEqual(files);
    expect(offered("token debug -- ")).toEqual(nothing);
  });
});

it("takes whatever is typed, and offers only what continues it", () => {
  const known = commands.flatMap(({ path, options }) => [
    ...path,
    ...Object.keys(options).map((name) => `--${name}`),
  ]);
  const word = fc.oneof(
    fc.constantFrom(...known, "--", "-", "-o", "--output=", "="),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (typed) => {
      const current = typed.at(-1) ?? "";
      const value = current.slice(current.indexOf("=") + 1);
      for (const { word: offer, describe: what } of completions(typed).words) {
        expect(offer.startsWith(current) || offer.startsWith(value)).toBe(true);
        expect(`${offer}${what}`).not.toMatch(/[\t\n]/);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

describe("the answer, in cobra's form", () => {
  async function answer(typed: readonly string[], kubeconfig = ""): Promise<string> {
    let output = "";
    const root = portsWith({
      env: { KUBECONFIG: "/given/kubeconfig" },
      readFile: (name) => Promise.resolve({ name, bytes: Buffer.from(kubeconfig), mode: 0o600 }),
      stdout: (text) => Promise.resolve(void (output += text)),
    });
    await answerCompletion(typed, root);
    return output;
  }

  it("a line a word, what it is for behind a tab, and at the end that nothing else may stand there", async () => {
    expect(await answer(["token", ""])).toBe(
      "debug\tReport which hop on the way to the cluster fails, and why\n:4\n",
    );
  });

  it("or that a file may", async () => {
    expect(await answer(["cert", "inspect", ""])).toBe(":0\n");
  });

  const contexts = ["dev@eu", "dev@us", "prod", "two\nlines"].map((name) => ({
    name,
    context: { cluster: "c", user: "u" },
  }));
  const kubeconfig = JSON.stringify({ apiVersion: "v1", kind: "Config", contexts });

  it("contexts that continue what is typed, but for those that would break its lines", async () => {
    expect(await answer(["token", "debug", "--context", "dev"], kubeconfig)).toBe("dev@eu\ndev@us\n:4\n");
    expect(await answer(["token", "debug", "--context=p"], kubeconfig)).toBe("prod\n:4\n");
    expect(await answer(["token", "debug", "--context", ""], kubeconfig)).toBe("dev@eu\ndev@us\nprod\n:4\n");
  });

  it("no contexts of a kubeconfig that cannot be read, and no word about it", async () => {
    expect(await answer(["token", "debug", "--context", ""], "[")).toBe(":4\n");
  });

  it("has no context that begins with a hyphen, unless it stands behind an equals sign", async () => {
    const text = JSON.stringify({ contexts: [{ name: "-rf" }, { name: "a" }] });
    expect(await answer(["token", "debug", "--context", ""], text)).toBe("a\n:4\n");
    expect(await answer(["token", "debug", "--context=-"], text)).toBe("-rf\n:4\n");
  });

  it("does not fail when nobody reads it any more", async () => {
    const root = portsWith({ stdout: () => Promise.reject(new Error("EPIPE")) });
    await expect(answerCompletion([""], root)).resolves.toBeUndefined();
  });
});
