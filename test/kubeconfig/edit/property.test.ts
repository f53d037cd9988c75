/** Whatever a kubeconfig holds that is not ours is there after an edit, and kubectl reads it as we do. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readYaml as readAsKubectl } from "../../../src/authenticator/go-yaml/read.ts";
import { editKubeconfig } from "../../../src/kubeconfig/edit/edit.ts";
import { withFolder } from "../../cache/flight/crowd.ts";
import { kubectls } from "../../e2e/sandbox-process.ts";
import { fromJson } from "../../json.ts";
import { run } from "../disk/workers.ts";
import { entriesFor } from "./entries-in-text.ts";

const seed = 20_260_701;

type Value = Record<string, unknown>;

/** Some of them ours, so that there is something to update. */
const name = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("demo", "other", "robot") },
  {
    weight: 3,
    arbitrary: fc.oneof(
      fc.constantFrom("yes", "007", "a: b", "# c", "~", "ü", "- x", "1e3", "k8s/a@b"),
      fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
    ),
  },
);
const unknownValue = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.boolean(),
  fc.integer(),
  fc.array(name, { maxLength: 2 }),
  fc.constant("two\nlines\n"),
  fc.constant(null),
);
const unknownMembers = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,5}$/), unknownValue, {
  maxKeys: 2,
  noNullPrototype: true,
});

function list(kind: string, members: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  const entry = fc
    .tuple(name, members, unknownMembers, unknownMembers, fc.boolean())
    .map(([entryName, known, inner, outer, first]): Value => {
      const content = { [kind]: { ...known, ...inner } };
      return first ? { name: entryName, ...content, ...outer } : { ...content, name: entryName, ...outer };
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
    { weight: 5, arbitrary: fc.uniqueArray(entry, { selector: (item) => item["name"], maxLength: 4 }) },
  );
}

const kubeconfig = fc
  .record({
    apiVersion: fc.constantFrom("v1", undefined),
    clusters: list(
      "cluster",
      fc.record({
        server: fc.constantFrom("https://a", "https://b"),
        "tls-server-name": fc.constantFrom("t", undefined),
      }),
    ),
    contexts: list("context", fc.record({ cluster: name, namespace: fc.constantFrom("web", undefined) })),
    "current-context": fc.oneof(name, fc.constantFrom("", null, undefined)),
    kind: fc.constantFrom("Config", undefined),
    preferences: fc.constantFrom({}, undefined),
    users: list("user", fc.record({ as: fc.constantFrom("admin", undefined) })),
    unknown: unknownMembers,
  })
  .map(({ unknown, ...known }): Value => fromJson(JSON.stringify({ ...known, ...unknown })));

const styles = fc.record({
  indent: fc.constantFrom(2, 4),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom("any" as const, "flow" as const),
  lineWidth: fc.constantFrom(0, 40),
  singleQuote: fc.boolean(),
});
const texts = fc
  .record({
    content: kubeconfig,
    style: styles,
    json: fc.constantFrom(undefined, undefined, 0, 3),
    commented: fc.boolean(),
    crlf: fc.boolean(),
    open: fc.boolean(),
  })
  .map(({ content, style, json, commented, crlf, open }) => {
    const plain =
      json === undefined
        ? stringify(content, { ...style, compat: "yaml-1.1" })
        : `${JSON.stringify(content, null, json)}\n`;
    // Behind what can be no part of a scalar of several lines.
    const text =
      commented && json === undefined && style.collectionStyle === "any"
        ? `# first\n${plain.replace(/^(?=[a-z-]+:)/gm, "# about the next\n")}# last\n`
        : plain;
    const ended = crlf ? text.replaceAll("\n", "\r\n") : text;
    // For kubectl, a block at the end without a line break ends without one, which an addition would change.
    return open && !/[|>][+-]?\r?\n/.test(ended) ? ended.trimEnd() : ended;
  })
  // `yaml` writes `{a: ?!}`, which kubectl refuses.
  .filter((text) => "value" in readAsKubectl(text));

const entries = [entriesFor("demo"), entriesFor("new", { isCurrent: false })];
const ours: Record<string, readonly string[]> = {
  clusters: ["demo", "new"],
  contexts: ["demo", "new"],
  users: ["robot"],
};

/** Without our entries, and what an edit may add. */
function others(text: string): Value {
  const content: Value = { apiVersion: 1, kind: 1, ...valueOf(text), "current-context": "" };
  for (const [key, names] of Object.entries(ours)) {
    const items = content[key];
    content[key] = Array.isArray(items)
      ? items.filter(({ name: own }: { name: string }) => !names.includes(own))
      : [];
  }
  return content;
}

function valueOf(text: string): Value {
  return fromJson(JSON.stringify(parse(text) ?? {}));
}

it("keeps what is not ours, has what is ours, and changes nothing the second time", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const { text: after } = editKubeconfig({ name: "config", text }, entries);
      const start = Object.keys(valueOf(text)).length === 0 ? "{apiVersion: v1, kind: Config}" : text;
      expect(others(after)).toEqual(others(start));
      expect(after.match(/# \w.*/g)?.length ?? 0).toBeGreaterThanOrEqual(
        text.match(/^# (first|about|last)/gm)?.length ?? 0,
      );
      const content = valueOf(after);
      expect(content["current-context"]).toBe("demo");
      for (const { cluster, user, context } of entries)
        for (const [key, entry] of Object.entries({ clusters: cluster, users: user, contexts: context }))
          expect(content[key]).toContainEqual(expect.objectContaining({ name: entry.name }));
      expect(editKubeconfig({ name: "config", text: after }, entries).text).toBe(after);
    }),
    { seed, numRuns: 150 },
  );
});

const [onPath, ...versions] = kubectls();
const kubectl = versions.at(-1)?.path ?? onPath?.path;

interface View {
  clusters: { name: string; cluster: { server: string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

it.skipIf(kubectl === undefined)(
  "is read by kubectl as it was meant, with the file beside it (kubectl)",
  async () => {
    await withFolder(async (folder) => {
      const samples = fc.sample(texts, { seed, numRuns: 8 });
      for (const [index, text] of samples.entries()) {
        const path = join(folder, `config-${index}`);
        writeFileSync(path, editKubeconfig({ name: path, text }, entries).text);
        const { stdout, stderr } = await run(kubectl ?? "", [
          "--kubeconfig",
          path,
          "config",
          "view",
          "-o",
          "json",
        ]);
        expect(stderr, text).toBe("");
        const view = fromJson<View>(stdout);
        expect(view.clusters.find((entry) => entry.name === "demo")?.cluster.server).toBe(
          "https://demo.eks.example",
        );
        expect(view.contexts.find((entry) => entry.name === "new")?.context).toMatchObject({
          cluster: "new",
          user: "robot",
        });
      }
    });
  },
);
