import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastLines, shellWord } from "../../src/foundation/foreign-text.ts";

const lines = (text: string, isCut = false) => lastLines({ text, isCut });

describe("of a plugin's stderr are shown", () => {
  it("the last five lines that hold something, none too long", () => {
    expect(lines("1\n\n2\r\n3\n 4 \n5\n6\n")).toEqual(["2", "3", "4", "5", "6"]);
    expect(lines("word ".repeat(1000))[0]).toHaveLength(301);
  });

  it("without colours, and without the line that a long output was cut in", () => {
    expect(lines("\u001b[1;31mError\u001b[0m: no\n")).toEqual(["Error: no"]);
    expect(lines("ken: half of it\nwhole\n", true)).toEqual(["whole"]);
  });

  it.each([
    "Error loading SSO Token: Token for prod does not exist",
    "Error when retrieving token from sso: Token has expired and refresh failed",
    "KeyError: 'cluster'",
    "The config profile (prod) could not be found",
    "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::111122223333:user/alice is not authorized",
    "open /Users/Alice/Library/Python3/site-packages/x.py: no such file",
    "User: arn:aws:sts::111122223333:assumed-role/Eks-Platform-Engineers-Production-2/alice@example.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/Eks-Platform-Engineers-Production-2",
    "password for alice@example.com is required",
    "proxyconnect tcp: dial tcp http://proxy:3128/path of user@host failed",
    "request id 8d6f5d5a-5b7e-4e6f-9a44-1f2f3a4b5c6d",
  ])("what helps: %s", (line) => {
    expect(lines(line)).toEqual([line]);
  });

  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  it.each([
    `aws_secret_access_key=${secret}`,
    `secret: "${secret}"`,
    `{"SecretAccessKey": "${secret}", "x": 1}`,
    `got ${secret} back`,
    `Bearer ${secret}`,
    `GET https://sts.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Signature=${secret}`,
    `http://alice:${secret}@proxy:3128 refused`,
    `http://alice:${secret}@${secret}@proxy:3128 refused`,
    `pwd=${secret}`,
    `pass=${secret}`,
    `password ${secret} refused`,
    `Authorization: AWS4 ${secret}, ${secret}`,
    `Set-Cookie: a=${secret}; b=${secret}`,
    `key /JalrXUtnFEMI/KaMDENG/bPxRfiCYEXAMPLEKEY, not ${secret}`,
    `eyJhbGciOiJSUzI1NiJ9.${secret.replaceAll("/", "_")}`,
    `k8s-aws-v1.${secret.replaceAll("/", "_")}`,
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${secret}`,
  ])("nothing that looks like a secret: %s", (text) => {
    const shown = lines(text).join("\n");
    expect(shown).toContain("…");
    for (const part of secret.split("/")) expect(shown).not.toContain(part);
  });

  it("no line that was cut, where there is no other", () => {
    expect(lines("hunter2 and the rest of a line", true)).toEqual([]);
    expect(lines("hunter2 and the rest\rwhole", true)).toEqual(["whole"]);
  });
});

describe.skipIf(process.platform === "win32")("a word of a command", () => {
  it("is read by a shell as it was", () => {
    const character = fc.constantFrom(...Array.from("aZ0 '\"\\$`!*?~#&;|<>()[]{}=:@%+,./-_\n\té東"));
    const words = fc.sample(fc.string({ unit: character, maxLength: 12 }), 300);
    const command = `printf '%s\\0' ${words.map(shellWord).join(" ")}`;
    expect(spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout.split("\0").slice(0, -1)).toEqual(
      words,
    );
    expect(["a/b:c", "a;b", ""].map(shellWord)).toEqual(["a/b:c", "'a;b'", "''"]);
  });
});
