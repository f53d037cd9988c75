/** What one call may say for itself: its target, its Host header, its TLS, its proxy; and the codes of whom it asks. */
import { describe, expect, it } from "vitest";
import { httpClient, type Call, type HttpSettings } from "../../src/http/client.ts";
import type { OutgoingRequest } from "../../src/http/exchange.ts";
import { faultCode, faultKinds, type Service } from "../../src/http/faults.ts";
import { keyPair, leaf, root } from "../certificates.ts";
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
  tunnelProxy,
} from "./servers.ts";

interface One extends Partial<Omit<Call, "endpoint" | "request">> {
  settings?: Partial<HttpSettings>;
  outgoing?: Partial<OutgoingRequest>;
}

function call(origin: string, { settings, outgoing, ...more }: One = {}) {
  const http = httpClient({
    env: {},
    trustStore: () => Promise.resolve([ca.pem]),
    maxAttempts: 1,
    onAttempt: () => undefined,
    ...settings,
  });
  const endpoint = new URL(origin);
  const headers = { host: endpoint.host };
  return http({
    hop: "sts",
    service: "STS",
    endpoint,
    request: () => Promise.resolve({ method: "GET", url: endpoint, headers, body: "", ...outgoing }),
    throttles: () => false,
    ...more,
  });
}

const failing = (...given: Parameters<typeof call>) => rejectionOf(call(...given));

describe("a target", () => {
  const target = "/?B=%2f%2F+~'()!*&a=1&&a=2&=&%zz&c=%C3%A9;d|e\\\"<>`{}^[]#x";

  it("reaches the server octet for octet: nothing is decoded, encoded, sorted or left out", async () => {
    const seen = recorder(200);
    const { origin } = await httpsServer(seen.listener);
    await call(origin, { outgoing: { target } });
    expect(seen.requests).toMatchObject([{ method: "GET", url: target, body: "" }]);
  });

  it("so does it through a tunnel", async () => {
    const seen = recorder(200);
    const server = await httpsServer(seen.listener);
    const proxy = await tunnelProxy(server);
    await call(server.origin, { outgoing: { target }, settings: { env: { HTTPS_PROXY: proxy.origin } } });
    expect(seen.requests).toMatchObject([{ url: target }]);
  });

  it("is not logged", async () => {
    const logged: string[] = [];
    const { origin } = await httpsServer(recorder(200).listener);
    await call(origin, { outgoing: { target }, settings: { onAttempt: (line) => logged.push(line) } });
    expect(logged).toEqual([`GET ${origin}/, attempt 1: 200`]);
  });
});

describe("a Host header of its own", () => {
  const headers = { host: "sts.us-west-2.amazonaws.com" };

  it("is sent, and TLS asks neither for that name nor checks against it", async () => {
    const seen = recorder(200);
    const { origin } = await httpsServer(seen.listener);
    await call(origin, { outgoing: { headers } });
    expect(seen.requests).toMatchObject([{ headers, servername: false }]);
  });

  it("nor through a tunnel", async () => {
    const seen = recorder(200);
    const server = await httpsServer(seen.listener, serverCertificate("localhost"));
    const proxy = await tunnelProxy(server);
    await call(`https://localhost:${server.port}`, {
      outgoing: { headers },
      settings: { env: { HTTPS_PROXY: proxy.origin } },
    });
    expect(proxy.asked).toEqual([`localhost:${server.port}`]);
    expect(seen.requests).toMatchObject([{ headers, servername: "localhost" }]);
  });

  it("does not make a server the one of that name", async () => {
    const { origin } = await httpsServer(recorder(200).listener, serverCertificate(headers.host));
    expect(await failing(origin, { outgoing: { headers } })).toMatchObject({ code: "STS_TLS_NAME_DIFFERS" });
  });
});

describe("TLS of its own", () => {
  const own = root("Cluster CA");
  const ownServer = serverCertificate("127.0.0.1", own);

  it("trusts its CA, and no other: neither the environment's, which is not even read", async () => {
    const { origin } = await httpsServer(recorder(200).listener, ownServer);
    const unread = { trustStore: () => Promise.reject(new Error("read")) };
    expect((await call(origin, { tls: { ca: [own.pem] }, settings: unread })).status).toBe(200);
    const environments = await httpsServer(recorder(200).listener);
    expect(await failing(environments.origin, { tls: { ca: [own.pem] } })).toMatchObject({
      code: "STS_TLS_UNTRUSTED",
    });
  });

  it("without a CA, trusts the environment's", async () => {
    const { origin } = await httpsServer(recorder(200).listener);
    expect((await call(origin, { tls: {} })).status).toBe(200);
  });

  it.each(["api.example", "10.1.2.3"])("checks against the server name it gives: %s", async (servername) => {
    const seen = recorder(200);
    const { origin } = await httpsServer(seen.listener, serverCertificate(servername, own));
    const tls = { ca: [own.pem], servername };
    expect((await call(origin, { tls })).status).toBe(200);
    expect(seen.requests).toMatchObject([{ servername: servername === "api.example" && servername }]);
    expect(await failing(origin, { tls: { ca: [own.pem] } })).toMatchObject({ code: "STS_TLS_NAME_DIFFERS" });
    const other = await httpsServer(recorder(200).listener, ownServer);
    expect(await failing(other.origin, { tls })).toMatchObject({ code: "STS_TLS_NAME_DIFFERS" });
  });

  it("shows its client certificate to the server, through a proxy too", async () => {
    const person = leaf(own, { name: "admin", keys: keyPair("p256", "admin") });
    const tls = { ca: [own.pem], cert: person.pem, key: person.keyPem };
    const seen = recorder(200);
    const asking = { requestCert: true, rejectUnauthorized: true, ca: own.pem };
    const server = await httpsServer(seen.listener, ownServer, asking);
    const proxy = await tunnelProxy(server, serverCertificate("127.0.0.1"));
    await call(server.origin, { tls });
    await call(server.origin, { tls, proxy: new URL(proxy.origin) });
    expect(seen.requests.map(({ client }) => client)).toEqual([
      "O=Example Corp\nCN=admin",
      "O=Example Corp\nCN=admin",
    ]);
  });

  it("may be configured to check nothing, for this call alone", async () => {
    const { origin } = await httpsServer(
      recorder(200).listener,
      serverCertificate("other.example", root("?")),
    );
    expect((await call(origin, { tls: { insecure: true } })).status).toBe(200);
    expect(await failing(origin)).toMatchObject({ code: "STS_TLS_UNTRUSTED" });
  });
});

describe("a proxy of its own", () => {
  it("comes before the environment's, NO_PROXY or not", async () => {
    const server = await httpsServer(recorder(200).listener);
    const own = await tunnelProxy(server);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${refusingPort}`, NO_PROXY: "*" };
    expect((await call(server.origin, { proxy: new URL(own.origin), settings: { env } })).status).toBe(200);
    expect(own.asked).toEqual([`127.0.0.1:${server.port}`]);
  });

  it("may be none", async () => {
    const plain = await httpServer(recorder(200).listener);
    const environments = await plainProxy(recorder(500).listener);
    const settings = { env: { HTTP_PROXY: environments.origin } };
    expect((await call(plain.origin, { proxy: "none", settings })).status).toBe(200);
    expect(environments.asked).toEqual([]);
  });
});

describe.each<[Service, string, RegExp]>([
  ["STS", "STS_", /AWS/],
  ["EKS", "EKS_", /AWS/],
  ["the API server", "API_", /kubeconfig|VPC|clock|endpoint|server/],
])("a call to %s that fails", (service, prefix, hint) => {
  const hop = service === "the API server" ? "api-server" : service === "STS" ? "sts" : "eks";
  const failure = (origin: string, more: One = {}) => failing(origin, { hop, service, ...more });

  const faults: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ["a name without address", "DNS_FAILED", () => failure("https://nobody.invalid")],
    ["nobody who listens", "CONNECTION_REFUSED", async () => failure(`https://127.0.0.1:${refusingPort}`)],
    [
      "a connection that ends",
      "CONNECTION_FAILED",
      async () => failure((await tcpServer((socket) => socket.once("data", () => socket.destroy()))).origin),
    ],
    [
      "silence",
      "NO_ANSWER",
      async () => failure((await tcpServer(() => undefined)).origin, { settings: { deadlineSeconds: 0.2 } }),
    ],
    [
      "an unknown CA",
      "TLS_UNTRUSTED",
      async () =>
        failure(
          (await httpsServer(recorder(200).listener, serverCertificate("127.0.0.1", root("X")))).origin,
        ),
    ],
    [
      "a certificate for another name",
      "TLS_NAME_DIFFERS",
      async () => failure((await httpsServer(recorder(200).listener, serverCertificate("x.example"))).origin),
    ],
    [
      "a certificate of the past",
      "TLS_OUTDATED",
      async () => {
        const notAfter = new Date(Date.now() - 3_600_000);
        const keys = keyPair("p256", "server");
        const old = leaf(ca, { name: "old", keys, hosts: ["127.0.0.1"], notAfter });
        return failure((await httpsServer(recorder(200).listener, old)).origin);
      },
    ],
    [
      "plain http where TLS is spoken",
      "TLS_FAILED",
      async () => failure(`https://127.0.0.1:${(await httpServer(recorder(200).listener)).port}`),
    ],
    [
      "a proxy that refuses",
      "PROXY_REFUSED",
      async () => {
        const proxy = await connectProxy((socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
        return failure("https://a.example", { settings: { env: { HTTPS_PROXY: proxy.origin } } });
      },
    ],
    [
      "5 MB",
      "RESPONSE_TOO_LARGE",
      async () => {
        const { origin } = await httpServer((_request, response) =>
          response.writeHead(200).end(Buffer.alloc(5_000_000, "x")),
        );
        return failure(origin);
      },
    ],
  ];

  it.each(faults)("for %s: %s", async (_cause, code, fault) => {
    expect(await fault()).toMatchObject({ category: "network", hop, code: prefix + code });
  });

  it("says what to do in its own terms", async () => {
    expect((await failure("https://nobody.invalid")).hint).not.toMatch(/--endpoint/);
    expect((await failure((await tcpServer((socket) => socket.destroy())).origin)).hint).toMatch(hint);
  });
});

describe("the codes of faults", () => {
  it("are each of one service and of one cause", () => {
    const services = ["Roles Anywhere", "STS", "EKS", "the API server"] as const;
    const codes = services.flatMap((service) => faultKinds.map((kind) => faultCode(service, kind)));
    expect(codes.length).toBeGreaterThan(40);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
