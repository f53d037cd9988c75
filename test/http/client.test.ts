import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { httpClient, type HttpSettings } from "../../src/http/client.ts";
import { isThrottling } from "../../src/aws/json-errors.ts";
import { root } from "../certificates.ts";
import { rejectionOf } from "../failure.ts";
import { recorder } from "./recorder.ts";
import {
  ca,
  connectProxy,
  refusingPort,
  httpServer,
  httpsServer,
  plainProxy,
  serverCertificate,
  tcpServer,
  tinyproxy,
  tunnelProxy,
} from "./servers.ts";

const aws = "https://rolesanywhere.us-west-2.amazonaws.com";
const trusting = { trustStore: () => Promise.resolve([ca.pem]) };

/** One call to an origin; what it answered, and the lines for --verbose. */
async function call(
  origin: string,
  { beforeRequest, ...settings }: Partial<HttpSettings> & { beforeRequest?: () => Promise<unknown> } = {},
) {
  const logged: string[] = [];
  let requests = 0;
  const http = httpClient({
    env: {},
    trustStore: () => Promise.resolve(undefined),
    maxAttempts: 3,
    onAttempt: (line) => logged.push(line),
    ...settings,
  });
  const answer = await http({
    hop: "create-session",
    service: "Roles Anywhere",
    endpoint: new URL(origin),
    request: async () => {
      await beforeRequest?.();
      requests += 1;
      const url = new URL("/sessions?profileArn=a%2Bb%20c&roleArn=r", origin);
      return {
        method: "POST",
        url,
        headers: { host: url.host, "x-number": `${requests}` },
        body: '{"durationSeconds":3600}',
      };
    },
    throttles: isThrottling,
  });
  return { ...answer, logged, requests };
}

it("the time for the answer does not include the signature, for which a person may be asked", async () => {
  const { origin } = await httpServer(recorder(201, "{}").listener);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const beforeRequest = () => Promise.resolve(vi.advanceTimersByTime(60_000));
  expect((await call(origin, { deadlineSeconds: 30, beforeRequest })).status).toBe(201);
});

it("connects before it asks for the request, wherever it is called", async () => {
  let connections = 0;
  const { origin } = await tcpServer((socket) => {
    connections += 1;
    socket.once("data", () => socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"));
  });
  let before = 0;
  const beforeRequest = () => Promise.resolve((before = connections));
  // From here, a turn of the event loop ends without a poll.
  await stat(import.meta.filename);
  expect((await call(origin, { beforeRequest })).status).toBe(201);
  expect(before).toBe(1);
});

const failing = (...given: Parameters<typeof call>) => rejectionOf(call(...given));

describe("a request", () => {
  it("reaches the server as it was signed: method, path, parameters, headers and body", async () => {
    const seen = recorder(201, '{"ok":true}');
    const { origin } = await httpServer(seen.listener);
    expect(await call(origin)).toMatchObject({
      status: 201,
      body: '{"ok":true}',
      headers: { "x-amzn-requestid": "id" },
    });
    expect(seen.requests).toMatchObject([
      {
        method: "POST",
        url: "/sessions?profileArn=a%2Bb%20c&roleArn=r",
        body: '{"durationSeconds":3600}',
        headers: { host: origin.slice(7), "x-number": "1", "content-length": "24" },
      },
    ]);
    expect(seen.requests[0]?.headers["user-agent"]).toMatch(/^eks-x509\/\d/);
  });

  it("is logged with method, host, path and status, without its parameters", async () => {
    const { origin } = await httpServer(recorder(201).listener);
    expect((await call(origin)).logged).toEqual([`POST ${origin}/sessions, attempt 1: 201`]);
  });

  it("is made anew for each attempt", async () => {
    const seen = recorder(500, 500, 201);
    const { origin } = await httpServer(seen.listener);
    expect(await call(origin)).toMatchObject({ status: 201, requests: 3 });
    expect(seen.requests.map(({ headers }) => headers["x-number"])).toEqual(["1", "2", "3"]);
  });

  it.each([
    [[500], 500, 3],
    [[503, 201], 201, 2],
    [[429], 429, 3],
    [[403], 403, 1],
    [[400], 400, 1],
  ])("is answered with %j: the answer is %i after %i attempts", async (statuses, status, count) => {
    const seen = recorder(...statuses);
    const { origin } = await httpServer(seen.listener);
    expect(await call(origin)).toMatchObject({ status, requests: count });
    expect(seen.requests).toHaveLength(count);
  });

  it("is tried as often as AWS_MAX_ATTEMPTS says", async () => {
    const { origin } = await httpServer(recorder(500).listener);
    expect((await call(origin, { maxAttempts: 1 })).requests).toBe(1);
    expect((await call(origin, { maxAttempts: 5 })).requests).toBe(5);
  });

  it("follows no redirect", async () => {
    const target = recorder(201);
    const { origin: elsewhere } = await httpServer(target.listener);
    for (const status of [301, 302, 303, 307, 308]) {
      const { origin } = await httpServer((_request, response) =>
        response.writeHead(status, { location: elsewhere }).end(),
      );
      expect((await call(origin)).status).toBe(status);
    }
    expect(target.requests).toEqual([]);
  });
});

describe("a server that does not answer as it should", () => {
  it("refuses connections", async () => {
    const port = refusingPort;
    expect(await failing(`http://127.0.0.1:${port}`)).toMatchObject({
      category: "network",
      hop: "create-session",
      code: "CONNECTION_REFUSED",
      message: `127.0.0.1:${port} refuses connections`,
    });
  });

  it("accepts and never answers", async () => {
    const { origin } = await tcpServer(() => undefined);
    expect(await failing(origin, { deadlineSeconds: 0.3 })).toMatchObject({
      code: "NO_ANSWER",
      message: `Roles Anywhere did not answer within 0.3 seconds (${origin.slice(7)})`,
    });
  });

  it("never ends its headers", async () => {
    const { origin } = await tcpServer((socket) => socket.write("HTTP/1.1 201 Created\r\nX-A: b\r\n"));
    expect((await failing(origin, { deadlineSeconds: 0.3 })).code).toBe("NO_ANSWER");
  });

  it("never ends its body", async () => {
    const { origin } = await tcpServer((socket) =>
      socket.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"),
    );
    expect((await failing(origin, { deadlineSeconds: 0.3 })).code).toBe("NO_ANSWER");
  });

  it("drips its body, an octet at a time", async () => {
    const { origin } = await httpServer((_request, response) => {
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => {
        clearInterval(drip);
      });
    });
    expect((await failing(origin, { deadlineSeconds: 0.3 })).code).toBe("NO_ANSWER");
  });

  it("answers 500 for ever, with waits in between that pass the deadline", async () => {
    const { origin } = await httpServer(recorder(500).listener);
    expect((await failing(origin, { deadlineSeconds: 0.3, maxAttempts: 99 })).code).toBe("NO_ANSWER");
  });

  it.each([
    ["at once", ""],
    ["in its headers", "HTTP/1.1 201 Created\r\nContent-Le"],
    ["in its body", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"],
    ["in a chunk", "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
  ])("closes the connection %s: tried three times", async (_when, text) => {
    let connections = 0;
    const { origin } = await tcpServer((socket) => {
      connections += 1;
      socket.once("data", () => socket.end(text));
    });
    expect(await failing(origin)).toMatchObject({ category: "network", code: "CONNECTION_FAILED" });
    expect(connections).toBe(3);
  });

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.9\r\n", "ANSWER_NOT_HTTP"],
    ["octets", "\0\u0001\u0002\u0003\r\n\r\n", "ANSWER_NOT_HTTP"],
    ["a status that is none", "HTTP/1.1 abc\r\n\r\n", "ANSWER_NOT_HTTP"],
    [
      "a header without end",
      `HTTP/1.1 201 Created\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
      "CONNECTION_FAILED",
    ],
  ])("answers with %s", async (_what, text, code) => {
    const { origin } = await tcpServer((socket) => socket.once("data", () => socket.end(text)));
    expect(await failing(origin)).toMatchObject({ category: "network", code });
  });

  it("answers with 5 MB, of which no more than a mebibyte is read", async () => {
    const { origin } = await httpServer((_request, response) =>
      response.writeHead(201).end(Buffer.alloc(5_000_000, "x")),
    );
    expect(await failing(origin)).toMatchObject({ code: "RESPONSE_TOO_LARGE", category: "network" });
  });

  it("has a name that nobody knows", async () => {
    expect(
      await failing("https://rolesanywhere.invalid", { deadlineSeconds: 10, maxAttempts: 1 }),
    ).toMatchObject({ code: "DNS_FAILED", category: "network" });
  });

  it("is not there, and 10 seconds pass: the limit that everybody has", async () => {
    const { origin } = await tcpServer(() => undefined);
    expect((await failing(origin)).message).toContain("within 10 seconds");
  });
});

describe("TLS", () => {
  it("is checked against the trust store that is given", async () => {
    const { origin } = await httpsServer(recorder(201).listener);
    expect((await call(origin, trusting)).status).toBe(201);
  });

  it.each([
    ["of an unknown CA", {}],
    [
      "of another CA than the one in the trust store",
      { trustStore: () => Promise.resolve([root("Another Root").pem]) },
    ],
  ])("is refused with a certificate %s, once, and nothing is sent", async (_what, settings) => {
    const seen = recorder(201);
    const { origin } = await httpsServer(seen.listener);
    const failure = await failing(origin, settings);
    expect(failure).toMatchObject({ category: "network", code: "TLS_UNTRUSTED" });
    expect(failure.hint).toContain("AWS_CA_BUNDLE");
    expect(seen.requests).toEqual([]);
  });

  it("is refused with AWS_CA_BUNDLE in force, which is named", async () => {
    const { origin } = await httpsServer(recorder(201).listener);
    const failure = await failing(origin, { env: { AWS_CA_BUNDLE: "/etc/company.pem" } });
    expect(failure.code).toBe("TLS_UNTRUSTED");
    expect(failure.hint).toContain("AWS_CA_BUNDLE is set (/etc/company.pem)");
  });

  it("is refused with a certificate for another name", async () => {
    const { origin } = await httpsServer(recorder(201).listener, serverCertificate("other.example"));
    const failure = await failing(origin, trusting);
    expect(failure.code).toBe("TLS_NAME_DIFFERS");
    expect(failure.message).toContain("is for another name (ERR_TLS_CERT_ALTNAME_INVALID)");
  });

  it("is refused with an expired certificate", async () => {
    const { leaf, from, day, keyPair } = await import("../certificates.ts");
    const expired = leaf(ca, {
      name: "old",
      keys: keyPair("p256", "server"),
      hosts: ["127.0.0.1"],
      notAfter: from(-day / 2),
    });
    const { origin } = await httpsServer(recorder(201).listener, expired);
    const failure = await failing(origin, trusting);
    expect(failure.message).toContain("CERT_HAS_EXPIRED");
    expect(failure.code).toBe("TLS_OUTDATED");
  });

  it("with a server that speaks plain http is no matter of trust", async () => {
    const { port } = await httpServer(recorder(201).listener);
    expect(await failing(`https://127.0.0.1:${port}`)).toMatchObject({
      category: "network",
      code: "TLS_FAILED",
    });
  });

  it("with a trust store that holds no certificate says so", async () => {
    const { origin } = await httpsServer(recorder(201).listener);
    expect((await failing(origin, { trustStore: () => Promise.resolve(["no certificate"]) })).code).toMatch(
      /^TLS_UNTRUSTED$/,
    );
  });
});

describe("a proxy", () => {
  const through = (proxy: { origin: string }, more: Record<string, string> = {}) => ({
    ...trusting,
    env: { HTTPS_PROXY: proxy.origin, ...more },
  });

  it("is asked to connect, and TLS is spoken with the server behind it, under the server's name", async () => {
    const seen = recorder(201);
    const proxy = await tunnelProxy(
      await httpsServer(seen.listener, serverCertificate("rolesanywhere.us-west-2.amazonaws.com")),
    );
    expect((await call(aws, through(proxy))).status).toBe(201);
    expect(proxy.asked).toEqual(["rolesanywhere.us-west-2.amazonaws.com:443"]);
    expect(seen.requests).toMatchObject([
      {
        url: "/sessions?profileArn=a%2Bb%20c&roleArn=r",
        headers: { host: "rolesanywhere.us-west-2.amazonaws.com" },
      },
    ]);
  });

  it("that stands in for the server is found out", async () => {
    const proxy = await tunnelProxy(
      await httpsServer(
        recorder(201).listener,
        serverCertificate("rolesanywhere.us-west-2.amazonaws.com", root("Evil Root")),
      ),
    );
    expect(await failing(aws, through(proxy))).toMatchObject({ code: "TLS_UNTRUSTED" });
  });

  it("may want TLS itself, trusted by the same trust store", async () => {
    const target = await httpsServer(
      recorder(201).listener,
      serverCertificate("rolesanywhere.us-west-2.amazonaws.com"),
    );
    const proxy = await tunnelProxy(target, serverCertificate("127.0.0.1"));
    expect((await call(aws, through(proxy))).status).toBe(201);
    expect(await failing(aws, { env: { HTTPS_PROXY: proxy.origin } })).toMatchObject({
      code: "TLS_UNTRUSTED",
    });
  });

  it("leads to an address as well, and the certificate must be that address's: not the proxy's own", async () => {
    const right = await httpsServer(recorder(201).listener, serverCertificate("127.0.0.1"));
    const proxied = (proxy: { port: number }) => through({ origin: `http://localhost:${proxy.port}` });
    expect((await call(right.origin, proxied(await tunnelProxy(right)))).status).toBe(201);
    const wrong = await httpsServer(recorder(201).listener, serverCertificate("localhost"));
    expect(await failing(wrong.origin, proxied(await tunnelProxy(wrong)))).toMatchObject({
      code: "TLS_NAME_DIFFERS",
    });
  });

  it("that answers 500 behind its tunnel is retried, and still found in order", async () => {
    const proxy = await tunnelProxy(
      await httpsServer(
        recorder(500, 201).listener,
        serverCertificate("rolesanywhere.us-west-2.amazonaws.com"),
      ),
    );
    expect(await call(aws, through(proxy))).toMatchObject({ status: 201, requests: 2 });
  });

  it("gets the user and password of its URL, which no message contains", async () => {
    const proxy = await connectProxy((socket) =>
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
    );
    const { message, hint } = await failing(aws, {
      ...trusting,
      env: { HTTPS_PROXY: proxy.origin.replace("//", "//alice:s3cret@") },
    });
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from("alice:s3cret").toString("base64")}`]);
    expect(message + hint).not.toMatch(/alice|s3cret/);
  });

  it.each([
    ["403 Forbidden", "PROXY_REFUSED", /NO_PROXY/],
    ["407 Proxy Authentication Required", "PROXY_AUTHENTICATION", /user name and a password/],
    ["502 Bad Gateway", "PROXY_REFUSED", /NO_PROXY/],
    ["503 Service Unavailable\r\nContent-Length: 5\r\n\r\nhello", "PROXY_REFUSED", /NO_PROXY/],
  ])("may refuse: %s", async (status, code, hint) => {
    const proxy = await connectProxy((socket) => socket.end(`HTTP/1.1 ${status}\r\n\r\n`));
    const failure = await failing(aws, through(proxy));
    expect(failure).toMatchObject({
      category: "network",
      code,
      message: `the proxy ${proxy.origin.slice(7)} answered ${status.slice(0, 3)} instead of connecting to rolesanywhere.us-west-2.amazonaws.com`,
    });
    expect(failure.hint).toMatch(hint);
  });

  it("may hang", async () => {
    const proxy = await connectProxy(() => undefined);
    expect(await failing(aws, { ...through(proxy), deadlineSeconds: 0.3 })).toMatchObject({
      code: "NO_ANSWER",
      message: `Roles Anywhere did not answer within 0.3 seconds (rolesanywhere.us-west-2.amazonaws.com through proxy ${proxy.origin.slice(7)})`,
    });
  });

  it("may close the connection", async () => {
    const proxy = await connectProxy((socket) => socket.destroy());
    expect(await failing(aws, through(proxy))).toMatchObject({ code: "CONNECTION_FAILED" });
  });

  it("may answer with something else than HTTP", async () => {
    const proxy = await tcpServer((socket) =>
      socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.9\r\n\r\n")),
    );
    expect((await failing(aws, through(proxy))).category).toBe("network");
  });

  it("may send headers without end: no more than node:http's limit of them is read", async () => {
    const proxy = await tcpServer((socket) => {
      const line = `X-A: ${"b".repeat(1000)}\r\n`;
      const send = (): void => {
        while (!socket.destroyed && socket.write(line));
      };
      socket.on("drain", send).once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        send();
      });
    });
    const failure = await failing(aws, through(proxy));
    expect(failure).toMatchObject({ category: "network", code: "CONNECTION_FAILED" });
    expect(failure.message).toContain("HPE_HEADER_OVERFLOW");
  });

  it("is asked for an IPv6 address in brackets", async () => {
    const proxy = await tunnelProxy(await httpServer(recorder(201).listener));
    expect((await call("http://[2001:db8::1]", { env: { HTTP_PROXY: proxy.origin } })).status).toBe(201);
    expect(proxy.asked).toEqual(["[2001:db8::1]:80"]);
  });

  it("may answer with any status of success", async () => {
    const proxy = await connectProxy((socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\nnot TLS"));
    expect(await failing(aws, through(proxy))).toMatchObject({ code: "TLS_FAILED" });
  });

  it("may not be there", async () => {
    const port = refusingPort;
    const failure = await failing(aws, through({ origin: `http://127.0.0.1:${port}` }));
    expect(failure).toMatchObject({
      code: "CONNECTION_REFUSED",
      message: `rolesanywhere.us-west-2.amazonaws.com through proxy 127.0.0.1:${port} refuses connections`,
    });
    expect(failure.hint).toContain("the proxy");
  });

  it("for plain http leads a tunnel, too, and reads no request", async () => {
    const seen = recorder(201, "through");
    const proxy = await tunnelProxy(await httpServer(seen.listener));
    expect(await call("http://a.example", { env: { HTTP_PROXY: proxy.origin } })).toMatchObject({
      status: 201,
      body: "through",
    });
    expect(proxy.asked).toEqual(["a.example:80"]);
    expect(seen.requests.map(({ url }) => url)).toEqual(["/sessions?profileArn=a%2Bb%20c&roleArn=r"]);
  });

  it("for plain http is not asked for this machine itself", async () => {
    const proxy = await plainProxy(recorder(500).listener);
    const { origin } = await httpServer(recorder(201).listener);
    for (const env of [{ HTTP_PROXY: proxy.origin }, { ALL_PROXY: proxy.origin }])
      expect((await call(origin, { env })).status).toBe(201);
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ["without a user name", "", "407", "Basic realm=x", "PROXY_AUTHENTICATION"],
    [
      "without a user name, to a proxy that offers Basic too",
      "",
      "407",
      "Negotiate, Basic realm=x",
      "PROXY_AUTHENTICATION",
    ],
    ["with a wrong password", "alice:s3cret@", "407", "Basic realm=x", "PROXY_PASSWORD_REFUSED"],
    ["with a wrong password, to tinyproxy", "alice:s3cret@", "401", "", "PROXY_PASSWORD_REFUSED"],
    [
      "with a password, to a proxy of Negotiate alone",
      "alice:s3cret@",
      "407",
      "Negotiate",
      "PROXY_SCHEME_UNSUPPORTED",
    ],
    [
      "with a password, to a proxy of Digest whose realm is called basic",
      "alice:s3cret@",
      "407",
      'Digest realm="basic auth"',
      "PROXY_SCHEME_UNSUPPORTED",
    ],
    ["without a user name, to a proxy of NTLM alone", "", "407", "NTLM", "PROXY_SCHEME_UNSUPPORTED"],
  ])("names the cause %s", async (_how, user, status, schemes, code) => {
    const header =
      schemes === ""
        ? ""
        : schemes
            .split(", ")
            .map((one) => `Proxy-Authenticate: ${one}\r\n`)
            .join("");
    const proxy = await connectProxy((socket) => socket.end(`HTTP/1.1 ${status} No\r\n${header}\r\n`));
    const env = { HTTPS_PROXY: proxy.origin.replace("//", `//${user}`) };
    const failure = await failing(aws, { ...trusting, env });
    expect(failure.code).toBe(code);
    expect(failure.message + failure.hint).not.toMatch(/alice|s3cret/);
  });

  it.skipIf(!existsSync("/usr/bin/tinyproxy"))(
    "of tinyproxy's kind: a wrong password, and none",
    async () => {
      const { port, stop } = await tinyproxy("alice", "right");
      onTestFinished(stop);
      const to = (user: string) =>
        failing(aws, { ...trusting, env: { HTTPS_PROXY: `http://${user}127.0.0.1:${port}` } });
      expect((await to("alice:wrong@")).code).toBe("PROXY_PASSWORD_REFUSED");
      expect((await to("")).code).toBe("PROXY_AUTHENTICATION");
    },
  );

  it("for plain http may ask for a password: that is the proxy's word, not AWS's", async () => {
    const proxy = await connectProxy((socket) => socket.end("HTTP/1.1 407 No\r\n\r\n"));
    expect(await failing("http://a.example", { env: { HTTP_PROXY: proxy.origin } })).toMatchObject({
      code: "PROXY_AUTHENTICATION",
    });
  });

  it.each(["127.0.0.1", "127.0.0.0/8", "*"])("is passed by for NO_PROXY=%s", async (noProxy) => {
    const seen = recorder(201);
    const proxy = await plainProxy(recorder(500).listener);
    const { origin } = await httpServer(seen.listener);
    expect((await call(origin, { env: { HTTP_PROXY: proxy.origin, NO_PROXY: noProxy } })).status).toBe(201);
    expect(proxy.asked).toEqual([]);
  });

  it("that is no URL is an error of usage", async () => {
    expect(await failing(aws, { env: { HTTPS_PROXY: "socks5://alice:s3cret@localhost" } })).toMatchObject({
      category: "usage",
      code: "PROXY_INVALID",
      message: "HTTPS_PROXY is not an http or https URL",
    });
  });
});
