import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMisleading, parseEndpoint } from "../../src/http/endpoint.ts";
import { parseProxy } from "../../src/http/proxy.ts";
import { proxyFor } from "../../src/http/route.ts";

const aws = "https://rolesanywhere.us-west-2.amazonaws.com/sessions";
const proxy = (url: string, env: Record<string, string>) => {
  const found = proxyFor(new URL(url), env);
  return found instanceof URL ? found.href : found;
};

describe("the proxy for", () => {
  it("https is HTTPS_PROXY, for http HTTP_PROXY", () => {
    const env = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://p:2" };
    expect(proxy(aws, env)).toBe("http://s:1/");
    expect(proxy("http://127.0.0.1:8080", env)).toBe("http://p:2/");
  });

  it("either is ALL_PROXY, where there is no other", () => {
    expect(proxy(aws, { ALL_PROXY: "http://a:1" })).toBe("http://a:1/");
    expect(proxy(aws, { ALL_PROXY: "http://a:1", HTTPS_PROXY: "http://s:2" })).toBe("http://s:2/");
  });

  it("a URL is none by default, and none when the variable is empty", () => {
    expect(proxy(aws, {})).toBeUndefined();
    expect(proxy(aws, { HTTPS_PROXY: "", ALL_PROXY: " " })).toBeUndefined();
    expect(proxy(aws, { HTTP_PROXY: "http://p:1" })).toBeUndefined();
  });

  it("a URL may stand in lower case, which comes first, as with curl", () => {
    expect(proxy(aws, { https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:2" })).toBe(
      "http://lower:1/",
    );
    expect(proxy(aws, { https_proxy: "", HTTPS_PROXY: "http://upper:2" })).toBe("http://upper:2/");
  });

  it("a URL may be written without scheme, and may ask for TLS, a user and a password", () => {
    expect(proxy(aws, { HTTPS_PROXY: "proxy.example:3128" })).toBe("http://proxy.example:3128/");
    expect(proxy(aws, { HTTPS_PROXY: "https://u:p@proxy.example" })).toBe("https://u:p@proxy.example/");
  });

  it.each([
    ["HTTPS_PROXY", "socks5://localhost:1080"],
    ["HTTPS_PROXY", "http://"],
    ["https_proxy", "http://a b"],
    ["ALL_PROXY", "socks5h://localhost:1080"],
  ])(
    "a URL in %s that cannot be used is reported by the variable's name, without its value: %s",
    (name, value) => {
      expect(proxy(aws, { [name]: value })).toBe(`${name} is not an http or https URL`);
    },
  );
});

describe("a URL whose password ends the authority early", () => {
  it.each([
    "http://alice:Top@Secret2/x@127.0.0.1:18082",
    "http://alice:Top@localhost/x@127.0.0.1:18082",
    "http://alice:Top@localhost?x@127.0.0.1:18082",
    "http://alice:Top@localhost#x@127.0.0.1:18082",
    "http://alice:Top@Secret2#x@127.0.0.1:18082",
    "http://alice:Top@Secret2?x@127.0.0.1:18082",
    String.raw`http://alice:Top\Secret2@127.0.0.1:18082`,
    String.raw`http://alice:Top@localhost\x@127.0.0.1:18082`,
    String.raw`http:\\alice:Top@127.0.0.1:18082`,
    "http:/alice:Top@127.0.0.1:18082",
    "alice:Top@Secret2/x@127.0.0.1:18082",
    "alice:Top/Secret2@127.0.0.1:18082",
    "https:///alice:Top@Secret2",
    "http://alice:Top@Secret2/x%40127.0.0.1:18082",
    "http://alice:Top@Secret2:1/x\uff20127.0.0.1:18082",
    String.raw`https://host\@127.0.0.1`,
  ])("is refused as proxy and as endpoint, and no part of it is repeated: %s", (text) => {
    const problem = "has an @ after its host, or a backslash; percent-encode the user name and the password";
    expect(proxy(aws, { HTTPS_PROXY: text })).toBe(`HTTPS_PROXY ${problem}`);
    expect(parseEndpoint(text)).toBe(problem);
  });

  it.each([
    "http://alice:Top%40Secret%2F@proxy:3128",
    "http://proxy:3128/",
    "proxy:3128",
    "alice:secret@proxy",
  ])("and another is none: %s", (text) => {
    expect(parseProxy(text)).toBeInstanceOf(URL);
  });

  it("never has a host from inside the password", () => {
    const password = fc.string({
      unit: fc.constantFrom("a", "B", "1", "@", "/", "?", "#", "\\", ":", "%", "."),
    });
    fc.assert(
      fc.property(password, (secret) => {
        const text = `http://alice:${secret}@proxy.example:3128`;
        if (isMisleading(text) || !URL.canParse(text)) return;
        expect(new URL(text).host).toBe("proxy.example:3128");
      }),
    );
  });
});

describe("NO_PROXY", () => {
  const bypasses = (url: string, noProxy: string, name = "NO_PROXY") =>
    proxy(url, { ALL_PROXY: "http://p:1", [name]: noProxy }) === undefined;

  it.each([
    ["*", aws],
    ["rolesanywhere.us-west-2.amazonaws.com", aws],
    ["ROLESANYWHERE.us-west-2.AmazonAWS.com", aws],
    ["amazonaws.com", aws],
    [".amazonaws.com", aws],
    ["*.amazonaws.com", aws],
    ["localhost, .amazonaws.com", aws],
    ["localhost .amazonaws.com", aws],
    [",,amazonaws.com,", aws],
    ["amazonaws.com:443", aws],
    ["amazonaws.com:8443", "https://x.amazonaws.com:8443"],
    ["127.0.0.1", "http://127.0.0.1:8080"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["127.0.0.0/8", "http://127.1.2.3"],
    ["10.0.0.0/8,127.0.0.1/32", "http://127.0.0.1"],
    ["0.0.0.0/0", "http://192.0.2.1"],
    ["::1", "http://[::1]:8080"],
    ["[::1]", "http://[::1]:8080"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["0:0:0:0:0:0:0:1", "http://[::1]"],
    ["fd00::/8", "https://[fd12::1]"],
    ["2001:DB8::1", "https://[2001:db8::1]"],
    ["localhost", "http://localhost:8080"],
  ])("%s covers %s", (noProxy, url) => {
    expect(bypasses(url, noProxy)).toBe(true);
    expect(bypasses(url, noProxy, "no_proxy")).toBe(true);
  });

  it.each([
    ["", aws],
    ["amazonaws.com.cn", aws],
    ["azonaws.com", aws],
    ["com.amazonaws", aws],
    ["us-west-2", aws],
    ["amazonaws.com:8443", aws],
    [":443", aws],
    [".", aws],
    [".amazonaws.com", "https://amazonaws.com"],
    ["127.0.0.1:8081", "http://127.0.0.1:8080"],
    ["10.0.0.0/8", "http://127.0.0.1"],
    ["127.0.0.0/33", "http://127.0.0.1"],
    ["127.0.0.0/", "http://127.0.0.1"],
    ["127.0.0.0/x", "http://127.0.0.1"],
    ["127.0.0", "http://127.0.0.1"],
    [".0.0.1", "http://127.0.0.1"],
    ["[::1]:8081", "http://[::1]:8080"],
    ["::/129", "http://[::1]"],
    ["0.0.0.0/0", "http://[::1]"],
  ])("%j does not cover %s", (noProxy, url) => {
    expect(bypasses(url, noProxy)).toBe(false);
  });

  it("covers every subdomain of a name, and no name that merely ends alike", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{1,8}){0,2}$/);
    fc.assert(
      fc.property(name, name, (domain, label) => {
        expect(bypasses(`https://${label}.${domain}`, domain)).toBe(true);
        expect(bypasses(`https://x${label}${domain}`, `${label}${domain}`)).toBe(false);
      }),
    );
  });

  it("may hold anything", () => {
    fc.assert(
      fc.property(fc.string(), (noProxy) => {
        expect([true, false]).toContain(bypasses(aws, noProxy));
      }),
    );
  });
});

describe("a proxy with a password", () => {
  it("may have a % in it, written %25", () => {
    expect(proxy(aws, { HTTPS_PROXY: "http://u:pa%25ss@p:1" })).toBe("http://u:pa%25ss@p:1/");
  });

  it.each(["http://u:pa%ss@p:1", "http://%ff:x@p:1"])(
    "is refused, and not repeated, otherwise: %s",
    (value) => {
      const problem = proxy(aws, { HTTPS_PROXY: value });
      expect(problem).toBe("HTTPS_PROXY has a % in its user name or password, which must be written as %25");
    },
  );
});
