import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isThorough } from "../../../thorough.ts";
import { findKubectl, Kubectl, type Token } from "./kubectl.ts";
import { startLoopback, type Loopback } from "./loopback.ts";

/** Every kubectl from 1.27 to 1.33 against the embedded API, or the oldest and the newest. One that is missing is skipped by name. */
const versions = isThorough ? ["1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33"] : ["1.27", "1.33"];

const rehearsal = `
apiVersion: v1
kind: Namespace
metadata: { name: from-file }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: from-file }
data: { colour: blue }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: read, namespace: from-file }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: "eks-x509:viewers" }]
`;

describe.each(versions)("kubectl %s", (version) => {
  const program = findKubectl(version);

  describe.skipIf(program === undefined)("against the embedded API", () => {
    let server: Loopback;
    let kubectl: Kubectl;

    beforeAll(async () => {
      server = await startLoopback();
      kubectl = new Kubectl(program ?? "", server);
    });

    afterAll(async () => {
      kubectl.remove();
      await server.close();
    });

    const run = (token: Token, line: string) => kubectl.run(token, line.split(" "));
    const viewer = (line: string) => run("viewer-token", line);
    const admin = (line: string) => run("admin-token", line);

    const shown = async (token: Token, line: string) => {
      const { code, stdout, stderr } = await run(token, line);
      expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({ line, code: 0, stderr: "" });
      return stdout;
    };
    const refused = async (token: Token, line: string) => {
      const { code, stdout, stderr } = await run(token, line);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      return stderr.trim();
    };

    test("lists the four namespaces of a new cluster as a table", async () => {
      for (const line of ["get ns", "get ns -o wide"]) {
        const [head = "", ...rows] = (await shown("viewer-token", line)).trimEnd().split("\n");
        expect(head.split(/ +/)).toEqual(["NAME", "STATUS", "AGE"]);
        expect(rows.map((row) => row.split(/ +/).slice(0, 2))).toEqual([
          ["default", "Active"],
          ["kube-node-lease", "Active"],
          ["kube-public", "Active"],
          ["kube-system", "Active"],
        ]);
        expect(rows.every((row) => /^\S+ +Active +\d+m?\d*s$/.test(row))).toBe(true);
      }
    });

    test("prints names, YAML and JSON", async () => {
      expect(await shown("viewer-token", "get ns -o name")).toBe(
        "namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n",
      );
      expect(await shown("viewer-token", "get ns -o yaml")).toContain("kind: List");
      const list: unknown = JSON.parse(await shown("viewer-token", "get ns -o json"));
      expect(list).toMatchObject({ kind: "List", items: [{ kind: "Namespace" }, {}, {}, {}] });
      const one = await shown("viewer-token", "get ns kube-system -o yaml");
      expect(one).toContain("kubernetes.io/metadata.name: kube-system");
      expect(one).toContain("phase: Active");
      expect(one).toMatch(/creationTimestamp: "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/);
    });

    test("a viewer cannot write, and reads why in the real server's words", async () => {
      expect(await refused("viewer-token", "create ns forbidden")).toBe(
        'Error from server (Forbidden): namespaces is forbidden: User "viewer" cannot create resource "namespaces" in API group "" at the cluster scope',
      );
      expect(await refused("viewer-token", "delete ns kube-public")).toBe(
        'Error from server (Forbidden): namespaces "kube-public" is forbidden: User "viewer" cannot delete resource "namespaces" in API group "" in the namespace "kube-public"',
      );
      expect(await refused("viewer-token", "get cm aws-auth -n kube-system")).toBe(
        'Error from server (Forbidden): configmaps "aws-auth" is forbidden: User "viewer" cannot get resource "configmaps" in API group "" in the namespace "kube-system"',
      );
      expect(await refused("viewer-token", "get cm -A")).toBe(
        'Error from server (Forbidden): configmaps is forbidden: User "viewer" cannot list resource "configmaps" in API group "" at the cluster scope',
      );
    });

    test("an administrator creates and deletes a namespace", async () => {
      expect(await shown("admin-token", "create ns team")).toBe("namespace/team created\n");
      expect(await refused("admin-token", "create ns team")).toBe(
        'Error from server (AlreadyExists): namespaces "team" already exists',
      );
      expect(await shown("admin-token", "delete ns team")).toContain('namespace "team" deleted');
      expect(await refused("admin-token", "get ns team")).toBe(
        'Error from server (NotFound): namespaces "team" not found',
      );
      expect(await refused("admin-token", "delete ns default")).toBe(
        'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
      );
    });

    test("a name that is no DNS label is invalid", async () => {
      expect(await refused("admin-token", "create ns No_Label")).toBe(
        'The Namespace "No_Label" is invalid: metadata.name: Invalid value: "No_Label": a lowercase RFC 1123 label ' +
          "must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
          "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      );
    });

    test("a dry run on the server writes nothing", async () => {
      expect(await shown("admin-token", "create ns dry --dry-run=server")).toContain("(server dry run)");
      expect(await refused("admin-token", "get ns dry")).toContain("(NotFound)");
    });

    test("an unknown token is unauthorized", async () => {
      expect(await refused("unknown-token", "get ns")).toContain(
        "error: You must be logged in to the server",
      );
    });

    test("auth whoami shows what the authenticator said, and system:authenticated", async () => {
      // It asks for v1beta1, which servers had when it was new.
      if (version === "1.27") {
        expect((await viewer("auth whoami")).stderr).toContain("selfsubjectreviews API is not enabled");
        return;
      }
      const [head, ...rows] = (await shown("viewer-token", "auth whoami")).trimEnd().split("\n");
      expect(head).toMatch(/^ATTRIBUTE +VALUE$/);
      expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
        ["Username", "viewer"],
        ["UID", "aws-iam-authenticator:029608264753:AROAEXAMPLEROLEID0001"],
        ["Groups", "[eks-x509:viewers system:authenticated]"],
        ["Extra: arn", "[arn:aws:sts::029608264753:assumed-role/eks-read-only/alice]"],
        ["Extra: sessionName", "[alice]"],
      ]);
    });

    test("auth can-i answers from RBAC", async () => {
      expect(await viewer("auth can-i list ns")).toMatchObject({ code: 0, stdout: "yes\n" });
      expect(await viewer("auth can-i create ns")).toMatchObject({ code: 1, stdout: "no\n" });
      expect(await viewer("auth can-i get /healthz")).toMatchObject({ code: 0, stdout: "yes\n" });
      expect(await viewer("auth can-i get /metrics")).toMatchObject({ code: 1, stdout: "no\n" });
      expect(await admin("auth can-i * *")).toMatchObject({ code: 0, stdout: "yes\n" });
      expect(await shown("viewer-token", "auth can-i --list")).toMatch(
        /^namespaces +\[\] +\[\] +\[get list watch\]$/m,
      );
      expect(await shown("admin-token", "auth can-i --list")).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m);
    });

    test("version and api-resources", async () => {
      expect(await shown("viewer-token", "version -o json")).toContain("v1.34.4-eks-x509-sandbox");
      const rows = (await shown("viewer-token", "api-resources")).trimEnd().split("\n").slice(1);
      expect(rows.map((row) => row.split(/ +/).join(" "))).toEqual([
        "configmaps cm v1 true ConfigMap",
        "events ev v1 true Event",
        "namespaces ns v1 false Namespace",
        "selfsubjectreviews authentication.k8s.io/v1 false SelfSubjectReview",
        "selfsubjectaccessreviews authorization.k8s.io/v1 false SelfSubjectAccessReview",
        "selfsubjectrulesreviews authorization.k8s.io/v1 false SelfSubjectRulesReview",
        "clusterrolebindings rbac.authorization.k8s.io/v1 false ClusterRoleBinding",
        "clusterroles rbac.authorization.k8s.io/v1 false ClusterRole",
        "rolebindings rbac.authorization.k8s.io/v1 true RoleBinding",
        "roles rbac.authorization.k8s.io/v1 true Role",
      ]);
      expect(await shown("viewer-token", "api-versions")).toMatch(/^authentication\.k8s\.io\/v1$/m);
      expect(await shown("viewer-token", "get --raw /readyz")).toBe("ok");
    });

    test("the mapping is read, edited, patched and applied while the server runs", async () => {
      const read = () => shown("admin-token", "get cm aws-auth -n kube-system -o yaml");
      expect(await read()).toContain("mapRoles: |\n    - rolearn:");
      expect(await shown("admin-token", "get cm -A")).toMatch(/^kube-system +aws-auth +1 /m);

      const editor = kubectl.file(
        "editor",
        '#!/bin/sh\nsed s/viewer/edited/ "$1" >"$1.new" && mv "$1.new" "$1"\n',
        0o700,
      );
      const edited = await kubectl.run("admin-token", ["edit", "cm", "aws-auth", "-n", "kube-system"], {
        KUBE_EDITOR: editor,
      });
      expect(edited).toMatchObject({ code: 0, stdout: "configmap/aws-auth edited\n" });
      expect(server.api.awsAuth()["mapRoles"]).toContain("username: edited");

      await shown("admin-token", 'patch cm aws-auth -n kube-system -p {"data":{"mapUsers":"[]"}}');
      expect(server.api.awsAuth()["mapUsers"]).toBe("[]");
      await shown(
        "admin-token",
        'patch cm aws-auth -n kube-system --type=merge -p {"data":{"mapUsers":null,"mapAccounts":"[]"}}',
      );
      expect(Object.keys(server.api.awsAuth())).toEqual(["mapAccounts", "mapRoles"]);
      await shown(
        "admin-token",
        'patch cm aws-auth -n kube-system --type=json -p [{"op":"remove","path":"/data/mapAccounts"}]',
      );
      expect(Object.keys(server.api.awsAuth())).toEqual(["mapRoles"]);

      const manifest = (data: object) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "aws-auth", namespace: "kube-system" },
        data,
      });
      const file = kubectl.file("aws-auth.json", JSON.stringify(manifest({ mapRoles: "applied" })));
      await shown("admin-token", `apply -f ${file}`);
      expect(server.api.awsAuth()).toEqual({ mapRoles: "applied" });
      await shown("admin-token", `replace -f ${file}`);

      const list = kubectl.file("list.json", JSON.stringify(manifest({ mapRoles: [{ username: "a" }] })));
      expect(await refused("admin-token", `replace -f ${list}`)).toContain(
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ConfigMap.data of type string',
      );
    });

    test("a write from an outdated copy is a conflict", async () => {
      const file = kubectl.file(
        "old.json",
        await shown("admin-token", "get cm aws-auth -n kube-system -o json"),
      );
      await shown("admin-token", "annotate cm aws-auth -n kube-system changed=meanwhile");
      expect(await refused("admin-token", `replace -f ${file}`)).toContain(
        'Operation cannot be fulfilled on configmaps "aws-auth": the object has been modified; please apply your changes to the latest version and try again',
      );
    });

    test("manifests are created, applied, compared and deleted", async () => {
      const file = kubectl.file("rehearsal.yaml", rehearsal);
      expect(await shown("admin-token", `apply -f ${file}`)).toBe(
        "namespace/from-file created\nconfigmap/settings created\nrolebinding.rbac.authorization.k8s.io/read created\n",
      );
      expect(await shown("admin-token", `apply -f ${file}`)).toBe(
        "namespace/from-file unchanged\nconfigmap/settings unchanged\nrolebinding.rbac.authorization.k8s.io/read unchanged\n",
      );
      expect(await shown("viewer-token", "get cm -n from-file")).toMatch(/^settings +1 /m);
      expect(await shown("admin-token", `diff -f ${file}`)).toBe("");
      await shown("admin-token", "label ns from-file team=blue");
      expect(await shown("viewer-token", "get ns -l team=blue -o name")).toBe("namespace/from-file\n");
      expect(await shown("viewer-token", "get ns --field-selector metadata.name=default -o name")).toBe(
        "namespace/default\n",
      );
      const { stderr } = await admin(`apply --server-side -f ${file}`);
      expect(stderr).toContain("Server-side apply not available on the server");
      await shown("admin-token", "delete ns from-file");
      expect(await refused("admin-token", "create cm late -n from-file")).toContain(
        'namespaces "from-file" not found',
      );
    });

    test("an unknown field is refused when kubectl asks for strictness, as it does", async () => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "typo" }, dtaa: {} };
      const file = kubectl.file("typo.json", JSON.stringify(object));
      expect(await refused("admin-token", `create -f ${file}`)).toContain(
        'strict decoding error: unknown field "dtaa"',
      );
    });

    test("roles and bindings count from the next request on", async () => {
      await shown("admin-token", "create ns work");
      await shown("admin-token", "create role keeper --verb=get,create --resource=configmaps -n work");
      await shown("admin-token", "create rolebinding keeper --role=keeper --user=viewer -n work");
      expect(await shown("viewer-token", "create cm mine --from-literal=a=b -n work")).toBe(
        "configmap/mine created\n",
      );
      expect(await refused("viewer-token", "get cm -n work")).toContain('in the namespace "work"');
      await shown("admin-token", "create clusterrole maker --verb=create --resource=namespaces");
      await shown(
        "admin-token",
        "create clusterrolebinding maker --clusterrole=maker --group=eks-x509:viewers",
      );
      expect(await shown("viewer-token", "create ns made")).toBe("namespace/made created\n");
      await shown("admin-token", "delete clusterrolebinding maker");
      expect(await refused("viewer-token", "create ns again")).toContain("(Forbidden)");
    });

    test("a binding to a role that does not exist is named in the refusal", async () => {
      await shown("admin-token", "create clusterrolebinding typo --clusterrole=amdin --user=viewer");
      expect(await refused("viewer-token", "create ns again")).toBe(
        'Error from server (Forbidden): namespaces is forbidden: User "viewer" cannot create resource "namespaces" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "amdin" not found',
      );
      await shown("admin-token", "delete clusterrolebinding typo");
    });

    test("RBAC objects have the real columns", async () => {
      const heads = async (line: string) =>
        ((await shown("admin-token", line)).split("\n")[0] ?? "").trim().split(/ {2,}/);
      expect(await heads("get clusterroles")).toEqual(["NAME", "CREATED AT"]);
      expect(await heads("get clusterrolebindings")).toEqual(["NAME", "ROLE", "AGE"]);
      expect(await heads("get clusterrolebindings -o wide")).toEqual([
        "NAME",
        "ROLE",
        "AGE",
        "USERS",
        "GROUPS",
        "SERVICEACCOUNTS",
      ]);
      expect(await shown("admin-token", "get clusterrolebindings -o wide")).toMatch(
        /^cluster-admin +ClusterRole\/cluster-admin +\S+ +system:masters *$/m,
      );
      expect(await heads("get roles -A")).toEqual(["NAMESPACE", "NAME", "CREATED AT"]);
      expect(await heads("get rolebindings -A")).toEqual(["NAMESPACE", "NAME", "ROLE", "AGE"]);
    });

    test("describe cm", async () => {
      const described = await shown("admin-token", "describe cm aws-auth -n kube-system");
      expect(described).toMatch(/^mapRoles:\n----\n/m);
      expect(described).toMatch(/^Events: +<none>$/m);
    });

    test("impersonation is refused by name: by RBAC first", async () => {
      expect(await refused("admin-token", "get ns --as=admin")).toBe(
        'Error from server (Forbidden): users "admin" is forbidden: the sandbox does not support impersonation',
      );
      expect(await refused("viewer-token", "get ns --as=admin")).toBe(
        'Error from server (Forbidden): users "admin" is forbidden: User "viewer" cannot impersonate resource "users" in API group "" at the cluster scope',
      );
    });

    test("a watch shows the list, then the first change, and ends", async () => {
      const before = server.events.length;
      const watching = viewer("get ns -w");
      await server.eventCount(
        ({ who, what }) => who === "viewer" && what === "GET /api/v1/namespaces",
        2,
        before,
      );
      await shown("admin-token", "create ns watched");
      const { code, stdout } = await watching;
      expect(code).toBe(0);
      expect(stdout).toMatch(/^kube-system +Active/m);
      expect(stdout).toMatch(/^watched +Active/m);
    });
  });
});
