import { once } from "node:events";
import { type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { connect as tls } from "node:tls";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAwsEndpoint } from "../../src/sandbox/aws/aws-endpoint.ts";
import { createSessions } from "../../src/sandbox/aws/sessions.ts";
import { type IssuedCertificate, createCertificates } from "../../src/sandbox/sandbox-certificates.ts";
import { type LoopbackServer, type ServerOptions, startServer } from "../../src/sandbox/server.ts";
import type { Handler, WireEvent, WireRequest } from "../../src/sandbox/wire.ts";
import { account } from "./aws/rolesanywhere-vectors.ts";
import { capturedSession } from "./aws/session.ts";

const clock = new Date("2026-11-22T16:00:00Z");

let authority: IssuedCertificate;
let certificate: IssuedCertificate;
const servers: LoopbackServer[] = [];

beforeAll(async () => {
  // TLS clients go by the real clock.
  ({ tlsAuthority: authority, server: certificate } = await createCertificates(new Date()));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handler: Handler, options: Partial<ServerOptions> = {}): Promise<LoopbackServer> {
  const server = await startServer({ handler, ...certificate, now: () => clock, ...options });
  servers.push(server);
  return server;
}

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

interface Call {
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string | string[]>>;
  body?: string;
  host?: string;
}

function call(
  server: LoopbackServer,
  { method = "GET", path = "/", headers = {}, body = "", host = "127.0.0.1" }: Call,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port: server.port,
      method,
      path,
      headers,
      ca: authority.certificate,
      agent: false,
    };
    const outgoing = httpsRequest(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        resolve({
          status: incoming.statusCode,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const echo: Handler = (request) =>
  Promise.resolve({ status: 201, headers: { "x-test": "yes" }, body: JSON.stringify(reported(request)) });

function reported({ method, path, rawQuery, headers, body }: WireRequest): unknown {
  return { method, path, rawQuery, many: headers.get("x-many"), body: body.toString() };
}

describe("the loopback server", () => {
  it("hands over the request as sent, and the answer as given", async () => {
    const server = await start(echo);
    const answer = await call(server, {
      method: "POST",
      path: "/a%2Fb//?x=%3A+y&&x",
      headers: { "x-many": ["one", "two"] },
      body: "text",
    });
    expect(answer).toMatchObject({ status: 201, headers: { "x-test": "yes" } });
    expect(JSON.parse(answer.body)).toEqual({
      method: "POST",
      path: "/a%2Fb//",
      rawQuery: "x=%3A+y&&x",
      many: "one,two",
      body: "text",
    });
  });

  it("sends its own time, with which clients compare theirs", async () => {
    const answer = await call(await start(echo), {});
    expect(answer.headers.date).toBe("Sun, 22 Nov 2026 16:00:00 GMT");
  });

  it("is trusted as localhost too", async () => {
    expect((await call(await start(echo), { host: "localhost" })).status).toBe(201);
  });

  it("takes headers that hold a long chain", async () => {
    const headers = { "x-amz-x509-chain": "M".repeat(20_000) };
    expect((await call(await start(echo), { headers })).status).toBe(201);
  });

  it("refuses a body of more than 1 MiB", async () => {
    const server = await start(echo);
    const body = "x".repeat(1024 * 1024);
    expect((await call(server, { method: "POST", body })).status).toBe(201);
    expect((await call(server, { method: "POST", body: `${body}x` })).status).toBe(413);
  });

  it("survives a handler that fails", async () => {
    const server = await start(() => Promise.reject(new Error("secret")));
    const answer = await call(server, {});
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("secret");
  });

  it("ends connections that still wait for an answer", async () => {
    const server = await start(() => new Promise(() => undefined));
    const waiting = call(server, {});
    const refused = expect(waiting).rejects.toThrow();
    await server.close();
    await refused;
  });

  it("ends connections that never speak TLS", async () => {
    const server = await start(echo);
    const silent = connect(server.port, "127.0.0.1");
    await once(silent, "connect");
    const closed = once(silent, "close");
    await server.close();
    await closed;
  });

  it.each([
    ["a head", ""],
    ["a body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345"],
  ])("does not wait for ever for the end of %s", async (_what, sent) => {
    const server = await start(echo, { limits: { headers: 200, request: 300, check: 50 } });
    const slow = tls({ port: server.port, host: "127.0.0.1", ca: authority.certificate });
    slow.write(sent || "GET / HTTP/1.1\r\nhost:");
    expect(await text(slow)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("reads no more of a body than it must to refuse it", async () => {
    const server = await start(echo);
    const endless = tls({ port: server.port, host: "127.0.0.1", ca: authority.certificate });
    endless.on("error", () => undefined);
    endless.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const closed = once(endless, "close");
    const more = (): void => {
      if (endless.writable) endless.write(chunk, more);
    };
    more();
    endless.resume().on("end", () => endless.destroy());
    await closed;
    expect(endless.bytesWritten).toBeLessThan(64 * 1024 * 1024);
  });

  it("starts on a given port, and says when that is taken", async () => {
    const first = await start(echo);
    const options = { handler: echo, ...certificate, now: () => clock, port: first.port };
    await expect(startServer(options)).rejects.toThrow("EADDRINUSE");
    await first.close();
    const second = await startServer(options);
    servers.push(second);
    expect(second.url).toBe(`https://127.0.0.1:${first.port}`);
  });
});

describe("the AWS endpoint", () => {
  it("answers AWS's own STS client", async () => {
    const now = (): Date => new Date();
    const session = { ...capturedSession, expiration: new Date(Date.now() + 3_600_000) };
    const sessions = createSessions();
    sessions.add(session);
    const events: WireEvent[] = [];
    const onEvent = (event: WireEvent): void => void events.push(event);
    const server = await start(createAwsEndpoint({ account, sessions, now, onEvent }), { now });
    const client = new STSClient({
      endpoint: server.url,
      region: "us-west-2",
      credentials: session,
      requestHandler: new NodeHttpHandler({ httpsAgent: { ca: authority.certificate } }),
    });
    const identity = await client.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: session.accountId, Arn: session.arn, UserId: session.userId });
    expect(events).toEqual([expect.objectContaining({ hop: "sts", verdict: "accepted", who: session.arn })]);
    const stranger = new STSClient({
      endpoint: server.url,
      region: "us-west-2",
      credentials: { ...session, secretAccessKey: "wrong" },
      requestHandler: new NodeHttpHandler({ httpsAgent: { ca: authority.certificate } }),
    });
    await expect(stranger.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
  });

  it.each([
    ["POST", "/sessions", "rolesanywhere", 403],
    ["GET", "/nothing", "rolesanywhere", 404],
    ["GET", "/?Action=GetCallerIdentity", "sts", 403],
    ["GET", "/clusters", "eks", 403],
    ["GET", "/clusters/demo", "eks", 403],
  ])("%s %s goes to %s", async (method, path, hop, status) => {
    const events: WireEvent[] = [];
    const onEvent = (event: WireEvent): void => void events.push(event);
    const now = (): Date => clock;
    const server = await start(createAwsEndpoint({ account, sessions: createSessions(), now, onEvent }));
    expect((await call(server, { method, path })).status).toBe(status);
    expect(events).toEqual([expect.objectContaining({ hop, verdict: "refused" })]);
  });
});
