import { describe, expect, it } from "vitest";
import { readUrl } from "../../../src/authenticator/token-form/url.ts";

/** The outcomes are those of url.Parse in Go 1.26. */
describe("a URL as Go reads it", () => {
  it.each([
    ["https://h/?a=b#c", { scheme: "https", host: "h", path: "/", rawQuery: "a=b" }],
    ["HTTPS://H:443/", { scheme: "https", host: "H:443", path: "/" }],
    ["https://u:p%40@h/", { host: "h" }],
    ["https://a@b@h/", { host: "h" }],
    ["https://h?a", { host: "h", path: "", rawQuery: "a" }],
    ["https://h/%2f%41", { path: "//A" }],
    ["https:///x", { host: "", path: "/x" }],
    ["https:x?y", { scheme: "https", host: "", path: "", rawQuery: "y" }],
    ["//h/x", { scheme: "", host: "h", path: "/x" }],
    ["///h/x", { host: "", path: "///h/x" }],
    ["x/y:z", { path: "x/y:z" }],
    ["1http/x", { scheme: "", path: "1http/x" }],
    ["", { path: "" }],
    ["*", { path: "*" }],
    ["https://[::1]:8/", { host: "[::1]:8" }],
    ["https://[fe80::1%25a%20b]/", {}],
    ["ftp://a:b:1/", { host: "a:b:1" }],
    ["https://h/?a b;%zz", { rawQuery: "a b;%zz" }],
    ["https://h/#\n", {}],
    ["https://%C3%A9\xe9/", {}],
  ])("%j", (text, parts) => {
    expect(readUrl(text)).toMatchObject({ ...parts, problem: undefined });
  });

  it.each([
    ["https://h/\n", "contains a control character"],
    ["https://h/?\x7f", "contains a control character"],
    [":x", "begins with a colon"],
    ["1http://h/", "has a colon at a place where no scheme can end"],
    ["x%zz", "has a broken percent escape in its path"],
    ["https://h/%4", "has a broken percent escape in its path"],
    ["https://h/#%", "has a broken percent escape in its fragment"],
    ["https://h:x/", "has a port that is not a number"],
    ["https://a:1:2/", "has a port that is not a number"],
    ["https://a b/", "has a character in its host that is not allowed"],
    ["https://%41/", "has a character in its host that is not allowed"],
    ["https://u /@h/", "has a character in its host that is not allowed"],
    ["https://u^@h/", "has characters before the @ that are not allowed in a user name"],
    ["https://%@h/", "has characters before the @ that are not allowed in a user name"],
    ["https://x[::1]/", "has a bracket inside its host"],
    ["https://[::1/", "has no ] after its address"],
    ["https://[1.2.3.4]/", "has no IPv6 address between its brackets"],
    ["https://[::1%25]/", "has no IPv6 address between its brackets"],
    ["https://[::1%25%41%zz]/", "has no IPv6 address between its brackets"],
    ["https://[::1%25%C3]/", "has no IPv6 address between its brackets"],
    ["https://[::1]x/", "has a port that is not a number"],
  ])("%j: it %s", (text, problem) => {
    expect(readUrl(text).problem).toBe(problem);
  });
});
