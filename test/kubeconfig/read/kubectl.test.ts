/** The merging, beside a real kubectl's, on files made at random; and a comparison of what a plugin receives. */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFile } from "../../../src/foundation/files/files.ts";
import { execInfo } from "../../../src/exec/exec-request.ts";
import { certificateAuthority } from "../../../src/kubeconfig/read/cluster.ts";
import { resolveContext } from "../../../src/kubeconfig/read/context.ts";
import { execOf } from "../../../src/kubeconfig/read/user.ts";
import type { Kubeconfig } from "../../../src/kubeconfig/read/kubeconfig.ts";
import { root } from "../../certificates.ts";
import { kubectls } from "../../e2e/sandbox-process.ts";
import { fromJson } from "../../json.ts";
import { exec, filesIn, kubeconfigText, load } from "./kubeconfig-files.ts";

interface View {
  clusters: { name: string; cluster: Record<string, unknown> }[] | null;
  users: { name: string; user: { token?: string; exec?: Record<string, unknown> } }[] | null;
  contexts: { name: string; context: Record<string, unknown> }[] | null;
  "current-context": string;
}

const names = fc.constantFrom("a", "b", "c");
const text = fc.option(fc.constantFrom("", "x", "y z"), { nil: undefined });
const clusterFields = fc.record(
  {
    server: text,
    "certificate-authority": fc.constantFrom("ca.pem", "../ca.pem", "/ca.pem", "x/./ca.pem"),
    "insecure-skip-tls-verify": fc.boolean(),
    "certificate-authority-data": fc.constantFrom("YWFh", "YWE=", "", "%"),
    "proxy-url": text,
    unknown: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const execFields = fc.record(
  {
    apiVersion: fc.constantFrom(
      "client.authentication.k8s.io/v1",
      "client.authentication.k8s.io/v1beta1",
      "",
    ),
    command: fc.constantFrom("tool", "./tool", "../bin/tool", "/bin/tool", ""),
    args: fc.option(fc.array(text, { maxLength: 2 }), { nil: null }),
    provideClusterInfo: fc.boolean(),
  },
  { requiredKeys: [] },
);
const entries = (content: string, fields: fc.Arbitrary<object>) =>
  fc.option(
    fc.uniqueArray(fc.record({ name: names, [content]: fields }), {
      maxLength: 3,
      selector: ({ name }) => name,
    }),
    { nil: null },
  );
const file = fc.record(
  {
    clusters: entries("cluster", clusterFields),
    users: entries("user", fc.record({ token: text, exec: execFields }, { requiredKeys: [] })),
    contexts: entries("context", fc.record({ cluster: names, user: names }, { requiredKeys: [] })),
    "current-context": text,
    preferences: fc.constantFrom(null, {}, { colors: true }),
  },
  { requiredKeys: [] },
);

const kubectl = kubectls().find(({ path }) => path)?.path ?? "";

describe.skipIf(kubectl === "")("kubectl", () => {
  it("makes the same of several files, or refuses them too", async () => {
    const sets = fc.sample(fc.array(file, { minLength: 1, maxLength: 4 }), { seed: 20261123, numRuns: 15 });
    let refused = 0;
    for (const set of sets) {
      const folder = filesIn(
        Object.fromEntries(set.map((fields, index) => [`${index}/config`, JSON.stringify(fields)])),
      );
      const KUBECONFIG = ["missing", "", ...set.map((_, index) => join(folder, `${index}/config`))].join(":");
      const theirs = spawnSync(kubectl, ["config", "view", "--raw", "-o", "json"], {
        env: { KUBECONFIG, HOME: folder },
        encoding: "utf8",
      });
      const ours = await load(folder, { KUBECONFIG }).catch((error: unknown) => error);
      expect(ours instanceof Error, theirs.stderr).toBe(theirs.status !== 0);
      if (theirs.status !== 0) refused++;
      else expect(viewOf(ours)).toEqual(absoluteIn(fromJson<View>(theirs.stdout), ours));
    }
    // Neither all nor none.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(sets.length);
  });

  it("takes the same plain words as text, and no others", async () => {
    const words = 'yes y Off NO tRUE ~ 0777 0o17 0b11 1_000 _1 08 1e3 1e +1 1:20 2020-01-01 1.5.2 "yes" "5"';
    for (const word of words.split(" ")) {
      const folder = filesIn({ config: `users: [{name: u, user: {username: ${word}}}]\n` });
      const view = ["config", "view", "--raw", "-o", "jsonpath={.users[0].user.username}"];
      const theirs = spawnSync(kubectl, view, {
        env: { KUBECONFIG: join(folder, "config"), HOME: folder },
        encoding: "utf8",
      });
      const ours = await load(folder, { flag: "config" }).then(
        ({ users }) => users.get("u")?.username,
        (error: unknown) => error,
      );
      if (theirs.status === 0) expect(ours, word).toBe(theirs.stdout);
      else expect(ours, word).toMatchObject({ code: "KUBECONFIG_FIELD_INVALID" });
    }
  });

  it.each([
    ["v1", { "certificate-authority": "ca.pem", "tls-server-name": "name" }],
    ["v1beta1", { "insecure-skip-tls-verify": true, "proxy-url": "socks5://127.0.0.1:1" }],
    ["v1", { server: "https://127.0.0.1:1/a/b?c=d#e", "disable-compression": true }],
    [
      "v1",
      { extensions: [{ name: "client.authentication.k8s.io/exec", extension: { clusterName: "é<&>" } }] },
    ],
    ["v1beta1", { extensions: [{ name: "client.authentication.k8s.io/exec", extension: "text" }] }],
  ])("passes a plugin the same: %s, %j", async (version, fields) => {
    for (const provideClusterInfo of [true, false]) {
      const cluster = { server: "https://127.0.0.1:1", ...fields };
      const entry = {
        ...exec,
        apiVersion: `client.authentication.k8s.io/${version}`,
        command: "./plugin",
        provideClusterInfo,
      };
      const folder = filesIn({
        config: kubeconfigText({ cluster, user: { exec: entry } }),
        "ca.pem": root().pem,
        plugin: '#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" >"${0%/*}/logged"\nexit 1\n',
      });
      chmodSync(join(folder, "plugin"), 0o755);
      spawnSync(kubectl, ["get", "--raw", "/version"], {
        env: { KUBECONFIG: join(folder, "config"), HOME: folder, PATH: process.env["PATH"] },
      });
      const target = resolveContext(await load(folder, { flag: "config" }));
      const ours = execInfo({
        entry: execOf(target.user, target.credential),
        cluster: target.cluster,
        certificateAuthority: await certificateAuthority(target.cluster, readFile),
      });
      expect(fromJson(ours)).toEqual(fromJson(readFileSync(join(folder, "logged"), "utf8")));
    }
  });
});

function viewOf(ours: unknown): object {
  const { clusters, users, contexts, currentContext } = fromOurs(ours);
  return {
    clusters: Object.fromEntries(
      [...clusters].map(([name, { server, certificateAuthority: ca, insecureSkipTlsVerify, proxyUrl }]) => [
        name,
        [server, ca.path, ca.data.toString("base64"), insecureSkipTlsVerify, proxyUrl],
      ]),
    ),
    users: Object.fromEntries(
      [...users].map(([name, { token, exec }]) => [
        name,
        {
          token,
          exec: exec && {
            command: exec.command,
            args: exec.args,
            apiVersion: exec.apiVersion,
            provideClusterInfo: exec.provideClusterInfo,
          },
        },
      ]),
    ),
    contexts: Object.fromEntries([...contexts].map(([name, { cluster, user }]) => [name, [cluster, user]])),
    current: currentContext?.name ?? "",
  };
}

/** What kubectl shows, with the paths that it leaves as they are made absolute: from the file that ours came from. */
function absoluteIn(theirs: View, merged: unknown): object {
  const ours = fromOurs(merged);
  const path = (text: unknown, file: string | undefined) =>
    typeof text !== "string" || text === "" || text.startsWith("/")
      ? (text ?? "")
      : join(dirname(file ?? ""), text);
  return {
    clusters: Object.fromEntries(
      (theirs.clusters ?? []).map(({ name, cluster }) => [
        name,
        [
          cluster["server"] ?? "",
          path(cluster["certificate-authority"], ours.clusters.get(name)?.file),
          cluster["certificate-authority-data"] ?? "",
          cluster["insecure-skip-tls-verify"] ?? false,
          cluster["proxy-url"] ?? "",
        ],
      ]),
    ),
    users: Object.fromEntries(
      (theirs.users ?? []).map(({ name, user: { token = "", exec } }) => [
        name,
        {
          token,
          exec: exec && {
            command: String(exec["command"]).includes("/")
              ? path(exec["command"], ours.users.get(name)?.file)
              : exec["command"],
            args: exec["args"] ?? [],
            apiVersion: exec["apiVersion"] ?? "",
            provideClusterInfo: exec["provideClusterInfo"],
          },
        },
      ]),
    ),
    contexts: Object.fromEntries(
      (theirs.contexts ?? []).map(({ name, context }) => [name, [context["cluster"], context["user"]]]),
    ),
    current: theirs["current-context"],
  };
}

function fromOurs(value: unknown): Kubeconfig {
  if (typeof value === "object" && value !== null && "clusters" in value) return Object(value);
  throw new Error("no kubeconfig");
}
