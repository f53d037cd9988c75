/**
 * `setup --format cli`, applied to the sandbox's empty account by the real AWS CLI and kubectl, used, and removed: run again, under throttling,
 * and killed after each of its calls. Only in the whole run. With KUBEBUILDER_ASSETS, the cluster is a real API server.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPair, leaf, root, type KeyKind } from "../certificates.ts";
import { isThorough } from "../thorough.ts";
import { program } from "../program-under-test.ts";
import { cleanEnvironment } from "./sandbox-process.ts";

const hasPrograms = ["aws", "kubectl"].every((name) => spawnSync(name, ["--version"]).error === undefined);

/** Set up twice, sign in, clean up twice. Each part ends in a line with its exit code. */
const parts = String.raw`
part() { name=$1; shift; "$@" >"$name.out" 2>&1; printf '%s %s\n' "$name" "$?"; }
as_alice() { env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY KUBECONFIG="$PWD/alice.kubeconfig" "$@"; }
`;

const usual = String.raw`${parts}
part first sh out/setup.sh
part second sh out/setup.sh
sed -n '/^eks-x509 update-kubeconfig/,$p' second.out | sed 's/CERTIFICATE.pem/alice.pem/; s/PRIVATE.key/alice.key/' >user.sh
part user as_alice sh user.sh
part list as_alice kubectl get ns
part create as_alice kubectl create ns test
part removed sh out/clean-up.sh
part again sh out/clean-up.sh
part after as_alice kubectl get ns
cat create.out
`;

/** Both scripts, killed after each call that changes something, and started again. What only reads leaves nothing behind. */
const killed = String.raw`${parts}
mkdir bin
for name in aws kubectl; do
  cat >bin/$name <<END
#!/bin/sh
"$(command -v $name)" "\$@"
code=\$?
case " \$*" in *' get'* | *' list'* | *' describe'* | *' config '* | *dry-run*) exit \$code ;; esac
echo $name >>"$PWD/calls"
if [ "\$(wc -l <"$PWD/calls")" = "\$KILL_AT" ]; then kill -9 0; fi
exit \$code
END
  chmod +x bin/$name
done
untilItEnds() {
  killAt=1
  while : >calls; ! env KILL_AT=$killAt PATH="$PWD/bin:$PATH" setsid -w sh "$1"; do
    killAt=$((killAt + 1))
    if [ "$killAt" = 40 ]; then return 1; fi
  done
  echo "killed $((killAt - 1)) times"
}
part first untilItEnds out/setup.sh
tail -n 1 first.out
part removed untilItEnds out/clean-up.sh
tail -n 1 removed.out
aws rolesanywhere list-trust-anchors --query 'trustAnchors[].name' --output text
aws rolesanywhere list-profiles --query 'profiles[].name' --output text
aws iam list-roles --query 'Roles[].RoleName' --output text
`;

/** Two of three calls are throttled. */
const throttled = String.raw`${parts}
node throttling.mjs "$AWS_ENDPOINT_URL_IAM" "$AWS_CA_BUNDLE" >endpoint &
proxy=$!
while ! [ -s endpoint ]; do kill -0 $proxy || exit 1; sleep 0.1; done
for service in ROLESANYWHERE IAM EKS; do export "AWS_ENDPOINT_URL_$service=$(cat endpoint)"; done
part first sh out/setup.sh
part removed sh out/clean-up.sh
kill $proxy
`;

/** Two of one set-up, which begin before either has created anything; one of another cluster; and the clean-up. */
const together = String.raw`${parts}
echo 'until [ -e listed-one ] && [ -e listed-two ]; do sleep 0.1; done' >both-listed.sh
sed 's/^trust_anchor=$(trust_anchors)$/&\n: >listed-$name\ntimeout 100 sh both-listed.sh/' out/setup.sh >slow.sh
name=one sh slow.sh >one.log 2>&1 & one=$!
name=two sh slow.sh >two.log 2>&1 & two=$!
wait $one || echo 'one of the two stops'
wait $two || echo 'one of the two stops'
part again sh out/setup.sh
names() {
  aws rolesanywhere list-trust-anchors --query 'length(trustAnchors)'
  aws rolesanywhere list-profiles --query 'length(profiles)'
}
names
sed "s/^cluster=.*/cluster='other'/; s,^owner=.*,owner='other/us-west-2/eks-read-only'," out/setup.sh >another.sh
part another env ADMIN_CONTEXT=other-admin sh another.sh
aws rolesanywhere create-trust-anchor --name theirs --source file://theirs.json >theirs.log
part removed sh out/clean-up.sh
names
`;

/**
 * Both scripts of both mappings with the context of another cluster, that of a user, and the right one through a tunnel; then the other
 * mapping, and an object without a mark.
 */
const contexts = String.raw`${parts}
objects() { kubectl --context "$1" get clusterrole,clusterrolebinding -o name | grep -c eks-x509:; }
kubectl config use-context other-admin >/dev/null
kubectl create clusterrole eks-x509:eks-read-only --verb=get --resource=namespaces >/dev/null
part wrong-setup sh out/setup.sh
part wrong-removal sh out/clean-up.sh
aws iam list-roles --query 'length(Roles)'
objects other-admin
objects demo-admin
kubectl config use-context demo-admin >/dev/null
part right sh out/setup.sh
sed -n '/^eks-x509 update-kubeconfig/,$p' right.out | sed 's/CERTIFICATE.pem/alice.pem/; s/PRIVATE.key/alice.key/' >user.sh
env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY sh user.sh >user.log
export ADMIN_CONTEXT=demo
part user-setup sh out/setup.sh
part user-removal sh out/clean-up.sh
kubectl config set-cluster tunnel --server "$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}' | sed s/127.0.0.1/localhost/)" >/dev/null
kubectl config set-context tunnel --cluster tunnel --user demo-admin >/dev/null
kubectl config set clusters.tunnel.certificate-authority-data "$(kubectl config view --raw --flatten --minify --context demo-admin -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}')" >/dev/null
export ADMIN_CONTEXT=tunnel
part tunnel sh out/setup.sh
export ADMIN_SERVER="$(kubectl config view --minify --context tunnel -o 'jsonpath={.clusters[0].cluster.server}')"
part other-mapping sh mapped/setup.sh
aws eks list-access-entries --cluster-name demo --query 'length(accessEntries)'
part back sh out/setup.sh
aws eks list-access-entries --cluster-name demo --query 'length(accessEntries)'
kubectl --context demo-admin -n kube-system get configmap aws-auth -o 'jsonpath={.data.mapRoles}' | grep -c rolearn
part before-removal sh mapped/setup.sh
kubectl --context demo-admin annotate clusterrole eks-x509:eks-read-only eks-x509-setup- >/dev/null
part unmarked sh out/setup.sh
part removed sh out/clean-up.sh
objects demo-admin
kubectl --context demo-admin -n kube-system get configmap aws-auth -o 'jsonpath={.data.mapRoles}' | grep -c rolearn
aws iam list-roles --query 'length(Roles)'
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-e2e-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Walk {
  mapping?: "access-entry" | "aws-auth";
  mode?: "API_AND_CONFIG_MAP" | "CONFIG_MAP";
  kind?: KeyKind;
  /** Names with characters that other languages interpret. */
  names?: readonly string[];
}

/** Writes a set-up and runs a script in the sandbox. */
function walk(
  script: string,
  {
    mapping = "access-entry",
    mode = "API_AND_CONFIG_MAP",
    kind = "p256",
    names = ["--role-name=eks-read-only"],
  }: Walk,
) {
  const place = mkdtempSync(join(folder, "run-"));
  const ca = root("Example CA", { keys: keyPair(kind) });
  const alice = leaf(ca, { name: "alïce 東" });
  for (const [name, text] of [
    ["ca.pem", ca.pem],
    ["alice.pem", alice.pem],
    ["alice.key", alice.keyPem],
    ["walk.sh", script],
    ["theirs.json", JSON.stringify(certificateBundle(ca.pem))],
    ["throttling.mjs", readFileSync(new URL("throttling-proxy.js", import.meta.url), "utf8")],
  ] as const)
    writeFileSync(join(place, name), text, { mode: 0o600 });
  const here = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], {
      cwd: place,
      env: cleanEnvironment(place),
      encoding: "utf8",
    });
  const write = (kind: string, to: string) =>
    here(
      ...["setup", "--ca=ca.pem", "--cluster=demo", "--region=us-west-2", ...names],
      ...["--allow=subject.CN=al?ce 東", "--certificate=alice.pem", "--kubernetes-groups=viewers,a=b:c@d"],
      ...[`--mapping=${kind}`, "--tag=team=platform", `--output-folder=${to}`],
    );
  expect(write(mapping, "out").stderr).toBe("");
  write(mapping === "aws-auth" ? "access-entry" : "aws-auth", "mapped");
  const clusters = ["--cluster-name=demo", "--cluster-name=other"];
  const args = ["--account=empty", `--authentication-mode=${mode}`, ...clusters];
  const { stdout, stderr } = here("sandbox", ...args, "--", "sh", "walk.sh");
  const outputs = readdirSync(place).filter((name) => name.endsWith(".out"));
  const trace = outputs.map((name) => `${name}: ${readFileSync(join(place, name), "utf8")}`).join("\n");
  return { lines: stdout.split("\n"), stdout, trace: `${stderr}\n${trace}` };
}

const certificateBundle = (pem: string): object => ({
  sourceType: "CERTIFICATE_BUNDLE",
  sourceData: { x509CertificateData: pem },
});

describe.runIf(isThorough && hasPrograms)("setup --format cli", () => {
  it.each([
    ["access-entry", "API_AND_CONFIG_MAP", "p256"],
    ["aws-auth", "CONFIG_MAP", "rsa-2048"],
  ] as const)(
    "with %s, in a cluster of mode %s and a CA with a key %s",
    (mapping, mode, kind) => {
      const names = ["--role-name=-eks.+=,@read", "--role-path=/a=b/#&;|<>()~!%/", "--profile-name=-a  b"];
      const { lines, stdout, trace } = walk(usual, { mapping, mode, kind, names });
      expect(lines.slice(0, 8), trace).toEqual([
        ...["first 0", "second 0", "user 0", "list 0", "create 1", "removed 0", "again 0", "after 1"],
      ]);
      expect(stdout).toContain('cannot create resource "namespaces"');
    },
    600_000,
  );

  it("changes only the cluster of the set-up, and only what is its own", () => {
    const { lines, trace } = walk(contexts, {});
    expect(lines.filter(Boolean), trace).toEqual([
      ...["wrong-setup 1", "wrong-removal 1", "0", "1", "0", "right 0", "user-setup 1", "user-removal 1"],
      ...["tunnel 1", "other-mapping 0", "1", "back 0", "2", "0", "before-removal 0"],
      ...["unmarked 1", "removed 0", "1", "0", "0"],
    ]);
    expect(trace).toContain("clean-up.sh: context 'demo' is not allowed to do this in cluster demo.");
  }, 1_200_000);

  it("can run twice at once, and not over the set-up of another cluster", () => {
    const { lines, trace } = walk(together, {});
    expect(
      lines.filter((line) => line !== "" && line !== "one of the two stops"),
      trace,
    ).toEqual(["again 0", "1", "1", "another 1", "removed 0", "1", "0"]);
    expect(trace).toContain("it did not create this, and does not change it");
  }, 600_000);

  it("waits until AWS does not throttle", () => {
    const { lines, trace } = walk(throttled, {});
    expect(lines.slice(0, 2), trace).toEqual(["first 0", "removed 0"]);
  }, 600_000);

  it.each([
    ["access-entry", "API_AND_CONFIG_MAP"],
    ["aws-auth", "CONFIG_MAP"],
  ] as const)(
    "can be killed after any of its calls, with %s",
    (mapping, mode) => {
      const { lines, trace } = walk(killed, { mapping, mode });
      const [first, setUps = "", removed, cleanUps = "", ...rest] = lines;
      expect([first, removed, rest.join("").replaceAll("None", "")], trace).toEqual([
        ...["first 0", "removed 0", ""],
      ]);
      // Killed after 1, 2 and 3 of its 8 calls, the clean-up has two left, because it does not repeat one that is done.
      const kills = [setUps, cleanUps].map((line) => Number(line.split(" ")[1]));
      expect(kills[0]).toBeGreaterThan(3);
      expect(kills[1]).toBeGreaterThanOrEqual(3);
    },
    1_200_000,
  );
});
