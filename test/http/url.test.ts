import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMisleading, parseEndpoint } from "../../src/http/endpoint.ts";
import { parseProxy } from "../../src/http/proxy.ts";

describe("a URL whose password ends the authority early", () => {
  it.each([
    "http://alice:Top@Secret2/x@127.0.0.1:18082",
    "http://alice:Top@localhost/x@127.0.0.1:18082",
    "http://alice:Top@Secret2#x@127.0.0.1:18082",
    "http://alice:Top@Secret2?x@127.0.0.1:18082",
    "http://alice:Top\\Secret2@127.0.0.1:18082",
    "alice:Top/Secret2@127.0.0.1:18082",
    "https:///alice:Top@Secret2",
    "https://host\\@127.0.0.1",
  ])("is refused, and no part of it is repeated: %s", (text) => {
    for (const parsed of [parseProxy(text), parseEndpoint(text)]) {
      expect(parsed).toMatch("percent-encode the user name and the password");
      expect(parsed).not.toMatch(/alice|Top|Secret/);
    }
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
