import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kubeconfigToWrite, type KubeconfigChoice } from "../../../src/kubeconfig/disk/choose-file.ts";
import { disk } from "../../../src/kubeconfig/disk/disk.ts";
import { holdsCluster } from "../../../src/kubeconfig/disk/holds-cluster.ts";
import { withFolder } from "../../cache/flight/crowd.ts";
import { rejectionOf } from "../../failure.ts";

const choice: KubeconfigChoice = { flag: undefined, variable: undefined, delimiter: ":", home: "/home/me" };
const chosen = (overrides: Partial<KubeconfigChoice>, ...holders: string[]) =>
  kubeconfigToWrite({ ...choice, ...overrides }, (path) => holders.includes(path));

describe("the file that is written", () => {
  it.each<[Partial<KubeconfigChoice>, string[], string]>([
    [{}, [], "/home/me/.kube/config"],
    [{ variable: "" }, [], "/home/me/.kube/config"],
    [{ variable: " : " }, [], "/home/me/.kube/config"],
    [{ flag: "x", variable: "/a:/b" }, ["/b"], "x"],
    [{ flag: "~/x" }, [], "/home/me/x"],
    [{ variable: "/a:/b" }, [], "/a"],
    [{ variable: "/a:/b:/c" }, ["/b", "/c"], "/b"],
    [{ variable: ":/a: :~/b" }, ["/home/me/b"], "/home/me/b"],
    [{ variable: "C:\\a;C:\\b", delimiter: ";" }, ["C:\\b"], "C:\\b"],
    [{ variable: "relative" }, [], "relative"],
  ])("%o, of which %j hold the cluster: %s", async (overrides, holders, path) => {
    expect(await chosen(overrides, ...holders)).toBe(path);
  });

  it("is nowhere without a home folder", async () => {
    expect((await rejectionOf(chosen({ home: undefined }))).code).toBe("KUBECONFIG_HOME_UNKNOWN");
  });

  it("is the one that has the cluster; those that are missing, broken or folders have none", async () => {
    await withFolder(async (folder) => {
      const [missing = "", broken = "", other = "", holder = "", directory = ""] = [
        "m",
        "b",
        "o",
        "h",
        "d",
      ].map((name) => join(folder, name));
      mkdirSync(directory);
      writeFileSync(broken, "clusters: [");
      writeFileSync(other, "clusters: [{name: other}]\ncontexts: [{name: demo}]\n");
      writeFileSync(holder, "clusters: [{name: demo}]\n");
      const find = (...paths: string[]) =>
        kubeconfigToWrite({ ...choice, variable: paths.join(":") }, (path) =>
          holdsCluster(path, "demo", disk),
        );
      expect(await find(missing, directory, broken, other, holder)).toBe(holder);
      expect(await find(missing, other, broken)).toBe(missing);
    });
  });
});
