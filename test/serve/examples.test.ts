/** The files that people copy: what they pass to serve is valid, and the parts of each fit together. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { Flags } from "../../src/cli/command.ts";
import { serve } from "../../src/cli/commands/serve/command.ts";
import { serverInput } from "../../src/cli/commands/serve/input.ts";
import { sessionInput } from "../../src/cli/settings/input.ts";
import { settingsFrom } from "../../src/cli/settings/settings.ts";
import { named } from "../cache/keychain/programs.ts";
import { fromJson } from "../json.ts";
import { machineIn, portsWith } from "../ports.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const text = (path: string): string => readFileSync(join(examples, path), "utf8");

/** As the command reads them. */
function inputOf(words: readonly string[]) {
  const parsed = words.map((word): [string, string] => {
    const [, name = "", value = ""] = /^--([a-z-]+)=(.+)$/.exec(word) ?? [];
    expect(serve.options, word).toHaveProperty(name);
    return [name, value];
  });
  const flags = new Flags(Object.fromEntries(parsed));
  const settings = settingsFrom({ flags: flags.settings(), env: {}, extension: new Map(), file: undefined });
  return { ...serverInput(flags, machineIn()), session: sessionInput(settings, portsWith()) };
}

interface Container {
  name: string;
  args?: string[];
  env?: { name: string; value: string }[];
  restartPolicy?: string;
  ports?: { name: string; containerPort: number }[];
  startupProbe?: object;
  volumeMounts: { name: string; mountPath: string }[];
}

interface Deployment {
  spec: {
    template: {
      spec: { containers: Container[]; initContainers?: Container[]; volumes: { name: string }[] };
    };
  };
}

describe.each(["csi.yaml", "secret.yaml", "plain.yaml"])("examples/sidecar/%s", (name) => {
  const { spec } = fromJson<Deployment>(JSON.stringify(load(text(`sidecar/${name}`)))).spec.template;
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  const sidecar = all.find(({ args }) => args?.[0] === "serve");
  const application = all.find(({ name }) => name === "application");
  if (!sidecar || !application) throw new Error("a container is missing");
  const input = inputOf(sidecar.args?.slice(1) ?? []);
  const variables = new Map(application.env?.map((one) => [one.name, one.value]));
  const isMounted = ({ volumeMounts }: Container, path: string): boolean =>
    volumeMounts.some(
      ({ name, mountPath }) =>
        path.startsWith(`${mountPath}/`) && spec.volumes.some((one) => one.name === name),
    );

  it("mounts the files that it names, and the key for the sidecar alone", () => {
    const { certificate, privateKey } = input.session.files;
    for (const path of [certificate.path, privateKey.path, input.tokenFile?.path ?? ""])
      expect(isMounted(sidecar, path), path).toBe(true);
    expect(isMounted(application, privateKey.path)).toBe(false);
  });

  it("lets the application find the server and its token", () => {
    const { address, port } = input.at;
    expect(variables.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")).toBe(
      `http://${address}:${port}/v1/credentials`,
    );
    expect(variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")).toBe(input.tokenFile?.path);
    expect(isMounted(application, input.tokenFile?.path ?? "")).toBe(true);
  });

  it("probes the port that serves the state alone, which the kubelet can reach", () => {
    expect(sidecar.ports).toEqual([{ name: "health", containerPort: input.health?.port }]);
    expect(input.health?.address).toBe("0.0.0.0");
    const isNative = name !== "plain.yaml";
    expect(sidecar.restartPolicy).toBe(isNative ? "Always" : undefined);
    expect(sidecar.startupProbe !== undefined).toBe(isNative);
  });
});

it("examples/sidecar has no other files, and each is YAML", () => {
  const files = ["Dockerfile", "certificate.yaml", "csi.yaml", "plain.yaml", "secret.yaml"];
  expect(readdirSync(join(examples, "sidecar")).sort()).toEqual(files);
  expect(load(text("sidecar/certificate.yaml"))).toMatchObject({ kind: "Certificate" });
});

describe("examples/systemd", () => {
  const unit = text("systemd/eks-x509-serve.service");

  it("passes valid options, and the credentials that it loads", () => {
    const [, command = ""] = /^ExecStart=(\S+ serve (?:.*\\\n)*.*)$/m.exec(unit) ?? [];
    const { session, tokenFile, at } = inputOf(command.split(/[\s\\]+/).slice(2));
    const loaded = [...unit.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name = ""]) => `%d/${name}`);
    const { certificate, privateKey } = session.files;
    expect([certificate.path, privateKey.path, tokenFile?.path]).toEqual(loaded);
    expect(at).toEqual({ address: "127.0.0.1", port: 9911 });
  });

  const noSystemd =
    spawnSync("systemd-analyze", ["--version"]).status === 0 ? undefined : "systemd-analyze is not installed";
  it.skipIf(noSystemd)(named("is valid and hardened for systemd", noSystemd), () => {
    const folder = mkdtempSync(join(tmpdir(), "eks-x509-units-"));
    cpSync(join(examples, "systemd"), folder, { recursive: true });
    const program = join(folder, "eks-x509");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    const path = join(folder, "eks-x509-serve.service");
    writeFileSync(path, unit.replace("/usr/bin/eks-x509", program));
    const units = readdirSync(folder).filter((name) => /\.(service|path)$/.test(name));
    const analyze = (...args: string[]) =>
      spawnSync("systemd-analyze", args, { encoding: "utf8", cwd: folder });
    const { status, stderr } = analyze("verify", ...units.map((name) => join(folder, name)));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { stdout } = analyze("security", "--offline=yes", "--threshold=20", path);
    rmSync(folder, { recursive: true });
    expect(stdout).toContain("Overall exposure level");
    expect(stdout).toContain("OK");
  });
});
