import { describe, expect, it } from "vitest";
import { parseEndpoint } from "../../src/http/endpoint.ts";

describe("an endpoint", () => {
  it.each([
    ["https://rolesanywhere.us-west-2.amazonaws.com", "https://rolesanywhere.us-west-2.amazonaws.com/"],
    ["https://vpce-1.vpce.amazonaws.com/", "https://vpce-1.vpce.amazonaws.com/"],
    ["https://127.0.0.1:8443", "https://127.0.0.1:8443/"],
    ["https://host:443", "https://host/"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
    ["http://127.8.9.10", "http://127.8.9.10/"],
    ["http://localhost:8080", "http://localhost:8080/"],
    ["http://[::1]:8080", "http://[::1]:8080/"],
  ])("may be %s", (text, href) => {
    expect(parseEndpoint(text)).toEqual(new URL(href));
  });

  it.each([
    ["rolesanywhere.us-west-2.amazonaws.com", "is not a URL"],
    ["", "is not a URL"],
    ["https://", "is not a URL"],
    ["localhost:8080", "is neither https nor http"],
    ["ftp://host", "is neither https nor http"],
    ["file:///etc/passwd", "is neither https nor http"],
    ["javascript:alert(1)", "is neither https nor http"],
    ["http://rolesanywhere.us-west-2.amazonaws.com", "is plain http, which is allowed on loopback only"],
    ["http://127.0.0.1.evil.example", "is plain http, which is allowed on loopback only"],
    ["http://localhost.evil.example", "is plain http, which is allowed on loopback only"],
    ["http://128.0.0.1", "is plain http, which is allowed on loopback only"],
    ["http://0.0.0.0", "is plain http, which is allowed on loopback only"],
    ["http://[::2]", "is plain http, which is allowed on loopback only"],
    ["https://host/path", "has more than scheme, host and port"],
    ["https://host?query", "has more than scheme, host and port"],
    ["https://host#hash", "has more than scheme, host and port"],
    ["https://user@host", "has more than scheme, host and port"],
    ["http://127.0.0.1@evil.example", "is plain http, which is allowed on loopback only"],
  ])("may not be %j: it %s", (text, why) => {
    expect(parseEndpoint(text)).toBe(why);
  });
});
