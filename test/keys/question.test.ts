/** interactiveMode of a written entry: IfAvailable where a password may be asked for at some time, Never elsewhere. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readOptional } from "../../src/foundation/files/files.ts";
import { clusterEntries } from "../../src/kubeconfig/edit/cluster-entries.ts";
import { mayAsk } from "../../src/keys/question.ts";
import { KeyFolder } from "./key-folder.ts";

const folder = new KeyFolder();

beforeAll(() => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const locked = { format: "pem", cipher: "aes-256-cbc", passphrase: "x" } as const;
  folder.write("pkcs8.pem", privateKey.export({ ...locked, type: "pkcs8" }));
  folder.write("sec1.pem", privateKey.export({ ...locked, type: "sec1" }));
  folder.write("damaged.pem", "-----BEGIN PRIVATE KEY-----\nMII");
  const bundle = readFileSync(new URL("../vectors/pkcs12/rfc9579-a1.txt", import.meta.url), "utf8");
  folder.write("alice.bundle", Buffer.from(bundle, "base64"));
});

afterAll(() => {
  folder.remove();
});

const given = (path: string) => ({ path: path.replace("./", `${folder.path}/`), source: "a flag" });
const passwordFile = given("/password");

it.each([
  ["a plain key", "./alice.pem", "./alice.key", {}, false],
  ["encrypted PKCS#8", "./alice.pem", "./pkcs8.pem", {}, true],
  ["the older encryption of PEM", "./alice.pem", "./sec1.pem", {}, true],
  ["PKCS#12, whatever its name", "./alice.bundle", "./alice.bundle", {}, true],
  ["certificates in PKCS#12 beside a plain key", "./alice.bundle", "./alice.key", {}, true],
  ["a PKCS#12 file of another machine", "/elsewhere/alice.pfx", "/elsewhere/alice.pfx", {}, true],
  ["a PEM file of another machine", "/elsewhere/alice.pem", "/elsewhere/alice.key", {}, false],
  ["a damaged key", "./alice.pem", "./damaged.pem", {}, false],
  ["a folder", "./alice.pem", "/tmp", {}, false],
  ["a token", "./alice.pem", "pkcs11:token=alice;id=%01", {}, true],
  ["a token with a PIN file", "./alice.pem", "pkcs11:id=%01?pin-source=/pin", {}, false],
  ["an agent", "./alice.pem", "ssh-agent:", {}, false],
  ["an encrypted key with a password file", "./alice.pem", "./pkcs8.pem", { passwordFile }, false],
  ["a token with an askpass program", "./alice.pem", "pkcs11:id=%01", { askpass: "/askpass" }, false],
])("%s", async (_name, certificate, privateKey, access, expected) => {
  const files = { certificate: given(certificate), privateKey: given(privateKey), access };
  expect(await mayAsk(files, readOptional)).toBe(expected);
});

it.each([
  [true, "IfAvailable"],
  [false, "Never"],
])("%s is written as interactiveMode: %s", (isAsking, mode) => {
  const { user } = clusterEntries(
    {
      arn: "arn:aws:eks:us-west-2:111122223333:cluster/demo",
      tokenName: "demo",
      region: "us-west-2",
      endpoint: "https://demo.example",
      certificateAuthority: "",
    },
    { roleArn: "arn:aws:iam::111122223333:role/viewer", roleName: "viewer", options: [] },
    {
      ...{ execApiVersion: "v1", command: "eks-x509", inlineArgs: false, proxyUrl: undefined },
      ...{ alias: undefined, userAlias: undefined, isCurrent: true, mayAsk: isAsking },
    },
  );
  expect(user.user).toMatchObject({ exec: { interactiveMode: mode } });
});
