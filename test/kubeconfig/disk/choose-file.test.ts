import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { holdsCluster, kubeconfigToWrite } from "../../../src/kubeconfig/disk/read-file.ts";
import { disk } from "../../../src/kubeconfig/disk/disk.ts";
import { withFolder } from "../../cache/flight/crowd.ts";
import { codeOf } from "../../failure.ts";

interface Choice {
  flag?: string;
  variable?: string;
  home?: string | undefined;
  platform?: NodeJS.Platform;
}
const chosen = (choice: Choice, ...holders: string[]) => {
  const where = { home: "/home/me", platform: "linux" as const, ...choice };
  const env = { KUBECONFIG: choice.variable, HOME: where.home };
  return kubeconfigToWrite(choice.flag, env, where, (path) => holders.includes(path));
};

describe("the file that is written", () => {
  it.each<[Choice, string[], string]>([
    [{}, [], "/home/me/.kube/config"],
    [{ variable: "" }, [], "/home/me/.kube/config"],
    [{ flag: "x", variable: "/a:/b" }, ["/b"], "x"],
    [{ flag: "~/x" }, [], "/home/me/x"],
    [{ variable: "/a:/b" }, [], "/a"],
    [{ variable: "/a:/b:/c" }, ["/b", "/c"], "/b"],
    [{ variable: ":/a::/b" }, ["/b"], "/b"],
    [{ variable: "C:\\a;C:\\b", platform: "win32" }, ["C:\\b"], "C:\\b"],
    [{ variable: "relative" }, [], "relative"],
  ])("%o, of which %j hold the cluster: %s", (choice, holders, path) => {
    expect(chosen(choice, ...holders)).toBe(path);
  });

  it("is nowhere without a home folder", () => {
    expect(codeOf(() => chosen({ home: undefined }))).toBe("KUBECONFIG_HOME_UNKNOWN");
    expect(codeOf(() => chosen({ flag: "~/x", home: undefined }))).toBe("KUBECONFIG_HOME_UNKNOWN");
  });

  it.each([
    [":", "KUBECONFIG_LIST_EMPTY"],
    ["~/x", "KUBECONFIG_TILDE"],
    ["/a:~/x", "KUBECONFIG_TILDE"],
  ])("is none that kubectl would not read: %s", (variable, code) => {
    expect(codeOf(() => chosen({ variable }))).toBe(code);
  });

  it("is the one that has the cluster; those that are missing, broken or folders have none", async () => {
    await withFolder((folder) => {
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
        kubeconfigToWrite(
          undefined,
          { KUBECONFIG: paths.join(":") },
          { home: folder, platform: "linux" },
          (path) => holdsCluster(path, new Set(["demo"]), disk),
        );
      expect(find(missing, directory, broken, other, holder)).toBe(holder);
      expect(find(missing, other, broken)).toBe(missing);
    });
  });
});
