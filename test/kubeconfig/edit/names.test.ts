/** Any text as a name, a path or an option: clients read it as it was given, in block style, flow style and JSON. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";
import { kubectls } from "../../e2e/sandbox-process.ts";
import { fromJson } from "../../json.ts";
import { filesIn } from "../read/kubeconfig-files.ts";

const seed = 20_261_123;

/** Of what a YAML reader may take for something else. */
const part = fc.oneof(
  fc.constantFrom(
    ..."\u2028 \u2029 \u0085 \u0080 \u009f \u007f \ufeff \ufffe \uffff \u00a0 \u{1f600} \u{1fffe}".split(" "),
  ),
  fc.constantFrom(
    ..."\t \n \r \0 \u001b : # - ? , [ ] { } & * ! | > ' \" % @ ` \\ = << ~ . y no 0 1 e _ 0x 0o : 20-".split(
      " ",
    ),
  ),
  fc.constantFrom(" ", "  ", "\n ", " #", ": ", "x".repeat(90)),
  fc.string({ unit: "grapheme" }),
);
const name = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("").replace(/\p{Surrogate}/gu, ""));

const entriesOf = (alias: string, user: string, path: string) => ({
  cluster: {
    name: "demo",
    cluster: {
      server: "https://demo",
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { certificate: path } }],
    },
  },
  user: {
    name: user,
    user: {
      exec: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: path,
        args: ["get-token", `--certificate=${path}`, path],
        interactiveMode: "Never",
      },
    },
  },
  context: { name: alias, context: { cluster: "demo", user } },
  isCurrent: true,
});

const given = fc
  .tuple(name, name, name)
  .filter(([, user]) => user !== "old")
  .map((names) => entriesOf(...names));
const before = fc.constantFrom(
  "",
  "{}",
  '{"users": [{"name": "old", "user": {}}], "current-context": "old"}',
  "users: [{name: old, user: {}}]\ncurrent-context: 'old'\n",
  'users:\n- name: old\n  user: {}\ncurrent-context: "old" # now\n',
  "clusters:\n- name: demo\n  cluster:\n    extensions: [{name: client.authentication.k8s.io/exec, extension: {certificate: old}}]\n",
  'clusters:\n- {"name": "demo", "cluster": {"server": "https://old"}}\n',
);

describe("whatever a name is", () => {
  it("readers of YAML 1.1 and 1.2 read it, from characters that kubectl takes", () => {
    fc.assert(
      fc.property(before, given, (text, entries) => {
        const edited = editKubeconfig({ name: "config", text }, [entries]).text;
        // eslint-disable-next-line no-control-regex
        expect(edited).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/);
        const content = {
          "current-context": entries.context.name,
          contexts: [entries.context],
          clusters: [entries.cluster],
          users: text.includes("users") ? [{ name: "old", user: {} }, entries.user] : [entries.user],
        };
        expect(parse(edited, { version: "1.1" })).toMatchObject(content);
        expect(parse(edited)).toMatchObject(content);
        expect(load(edited)).toMatchObject(content);
        expect(editKubeconfig({ name: "config", text: edited }, [entries]).text).toBe(edited);
      }),
      { seed, numRuns: 150 },
    );
  });
});

const kubectl = kubectls().find(({ path }) => path)?.path ?? "";

describe.skipIf(kubectl === "")("kubectl", () => {
  const view = (text: string): unknown => {
    const path = join(filesIn({}), "config");
    writeFileSync(path, text);
    const { stdout, stderr } = spawnSync(
      kubectl,
      ["--kubeconfig", path, "config", "view", "--raw", "-o", "json"],
      {
        encoding: "utf8",
      },
    );
    expect(stderr, text).toBe("");
    return fromJson(stdout);
  };

  it("reads each name as it was given (kubectl)", () => {
    const fixed = [
      "prod\u2028west",
      "west\u2029",
      "\u0085",
      "\ufeffa",
      "a\uffff",
      "\u0080",
      "<<",
      "=",
      ".",
      "y",
      "012",
      "1_0",
    ];
    const samples: [string, ReturnType<typeof entriesOf>][] = [
      ...fixed.map((text): [string, ReturnType<typeof entriesOf>] => ["", entriesOf(text, text, text)]),
      ...fc.sample(fc.tuple(before, given), { seed, numRuns: 12 }),
    ];
    for (const [text, entries] of samples) {
      const read = view(editKubeconfig({ name: "config", text }, [entries]).text);
      // Without a name, as if there were none.
      expect(read).toMatchObject({
        "current-context": entries.context.name,
        contexts: [{ ...entries.context, context: namesGiven(entries.context.context) }],
      });
      expect(read).toHaveProperty(
        "users",
        expect.arrayContaining([expect.objectContaining({ name: entries.user.name })]),
      );
      expect(JSON.stringify(read)).toContain(JSON.stringify(entries.user.user.exec.args));
    }
  });

  function namesGiven({ cluster, user }: { cluster: string; user: string }): object {
    return user === "" ? { cluster } : { cluster, user };
  }

  it("reads what others put into our entries as before (kubectl)", () => {
    const text = `apiVersion: v1
kind: Config
clusters:
- name: demo
  cluster:
    disable-compression: yes
    server: https://old
    extensions:
    - name: other
      extension: {a: 12345678901234567890, g: yes, h: 010, i: 1_000, j: 1e3, k: ~, l: 0x1F, m: no, n: 2020-01-01, o: .5}
`;
    const read = (value: string) => {
      const [cluster] = clustersOf(view(value));
      return [
        cluster?.cluster["disable-compression"],
        cluster?.cluster.extensions?.find((one) => one.name === "other"),
      ];
    };
    const edited = editKubeconfig({ name: "config", text }, [entriesOf("a", "b", "c")]).text;
    expect(edited).toContain("server: https://demo\n");
    expect(read(edited)).toEqual(read(text));
    expect(read(text)[0]).toBe(true);
  });

  interface Clusters {
    clusters: { cluster: { "disable-compression"?: boolean; extensions?: { name: string }[] } }[];
  }
  function clustersOf(read: unknown): Clusters["clusters"] {
    return fromJson<Clusters>(JSON.stringify(read)).clusters;
  }
});
