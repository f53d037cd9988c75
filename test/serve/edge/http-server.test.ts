import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { dependencies } from "../../../src/dependencies.ts";
import { answerTo, type Answer, type RequestFacts, type ServerState } from "../../../src/serve/answers.ts";
import { listen as listenOf } from "../../../src/serve/edge/http-server.ts";
import { MetadataTokens } from "../../../src/serve/metadata-tokens.ts";
import type { Listening } from "../../../src/serve/ports.ts";
import { sha256 } from "../../ports.ts";
import { until } from "../../until.ts";
import { hostileRequest, randomFrom, sendHostile } from "./hostile-requests.ts";

const { listen, now } = await dependencies({}).serving();
const credential = "THE-CREDENTIAL";
const authorization = "dVjXw4yTVQ7_right_authorization_token";
const running: Listening[] = [];
const noNative = (): never => {
  throw new Error("no native code");
};

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function server(
  answer: (request: RequestFacts) => Answer,
): Promise<{ port: number; malformed: number[]; close: Listening["close"] }> {
  const malformed: number[] = [];
  const listening = await listen({
    address: "127.0.0.1",
    port: 0,
    answer,
    onMalformed: (status) => malformed.push(status),
  });
  running.push(listening);
  return { port: Number(new URL(listening.url).port), malformed, close: listening.close };
}

/** The rules of the real server over a state with a credential. */
async function realServer() {
  const tokens = new MetadataTokens({ create: () => "metadata-token".padEnd(56, "x"), sha256 });
  const secrets = { authorization, metadataToken: tokens.issue(21_600, now().uptime), role: "demo" };
  const state = (): ServerState => ({
    ...{ now: now(), tokens, roleName: "demo", metrics: () => "" },
    served: { roleName: "demo", forMetadata: credential, forContainers: credential },
    isAuthorized: (value) => value === authorization,
  });
  return { secrets, ...(await server((request) => answerTo(request, state()).answer)) };
}

function get(
  port: number,
  path: string,
  headers = {},
): Promise<{ status: number; body: string; connection: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, path, headers, agent: false }, (incoming) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => (body += chunk.toString()));
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, body, connection: incoming.headers.connection ?? "" });
      });
    });
    outgoing.on("error", reject).end();
  });
}

async function raw(port: number, text: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

describe("hostile requests", () => {
  it("get no credential, and the server goes on", async () => {
    const { port, secrets } = await realServer();
    const random = randomFrom(20_261_127);
    for (let round = 0; round < 6; round++) {
      const requests = Array.from({ length: 50 }, () => hostileRequest(secrets, random));
      const answers = await Promise.all(requests.map((request) => sendHostile(port, request)));
      answers.forEach((answer, index) => {
        if (answer.includes(credential))
          expect.fail(String(requests[index]?.parts.join("|").slice(0, 2_000)));
      });
    }
    expect(await get(port, "/v1/credentials", { authorization })).toMatchObject({
      status: 200,
      body: credential,
    });
  });

  it("are counted", async () => {
    const { port, malformed } = await realServer();
    const long = "a".repeat(20_000);
    for (const parts of [
      ["no request\r\n\r\n"],
      [`GET / HTTP/1.1\r\nX: ${long}\r\n\r\n`],
      [`PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000\r\n\r\n`, long],
    ])
      // The server ends each connection.
      await sendHostile(port, { parts, ends: true }, 10_000);
    expect(malformed).toEqual([400, 431, 413]);
  });
});

describe("clients that hold all connections", () => {
  it.each(["", "GET / HTTP/1.1\r\nX: ", "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"])(
    "and send %j delay no other client, and none with a request loses its connection",
    async (text) => {
      const most = 20;
      const answer = (): Answer => ({ status: 200, headers: {}, body: "" });
      const overdue: number[] = [];
      const onMalformed = (status: number) => overdue.push(status);
      const options = { address: "127.0.0.1", port: 0, answer, onMalformed };
      const listening = await listenOf(options, noNative, most);
      running.push(listening);
      const port = Number(new URL(listening.url).port);
      const client = await raw(port, "");
      let answers = 0;
      client.on("data", () => (answers += 1));
      const held: Socket[] = [];
      for (let round = 1; round <= 3; round++) {
        for (let count = 3; count < most; count++) held.push((await raw(port, text)).resume());
        client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await until(() => answers === round);
        expect((await get(port, "/")).status).toBe(200);
      }
      expect(overdue).toEqual([]);
      for (const socket of held) socket.destroy();
    },
  );
});

describe("a client that does not read the answers", () => {
  it("loses its connection before they fill the memory", async () => {
    let answered = 0;
    const { port, malformed } = await server(() => {
      answered += 1;
      return { status: 200, headers: {}, body: "a".repeat(3_000) };
    });
    const socket = await raw(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5_000));
    await new Promise((resolve) => socket.resume().on("close", resolve));
    expect(malformed).toEqual([429]);
    expect(answered).toBeLessThanOrEqual(32);
    expect((await get(port, "/")).status).toBe(200);
  });
});

describe("a request that Node answers by itself", () => {
  it.each([
    ["CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n", 405],
    ["GET / HTTP/1.1\r\nHost: x\r\nExpect: something\r\n\r\n", 417],
    ["PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20000\r\n\r\n", 413],
  ])("%j is answered with %i, counted, and ends the connection", async (text, status) => {
    const { port, malformed } = await server(() => ({ status: 200, headers: {}, body: "" }));
    const socket = await raw(port, text);
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    await once(socket, "close");
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(malformed).toEqual([status]);
  });

  it("is answered by the rules where it is right", async () => {
    const { port, malformed } = await server(() => ({ status: 200, headers: {}, body: "right" }));
    const socket = await raw(
      port,
      "PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
      if (answer === "HTTP/1.1 100 Continue\r\n\r\n") socket.write("ab");
    });
    await once(socket, "close");
    expect(answer).toMatch(/right$/);
    expect(malformed).toEqual([]);
  });
});

describe("HTTP/1.0", () => {
  it("has no expectations", async () => {
    const { port, malformed } = await server(() => ({ status: 200, headers: {}, body: "right" }));
    for (const expectation of ["100-continue", "something"]) {
      const socket = await raw(port, `GET / HTTP/1.0\r\nExpect: ${expectation}\r\n\r\n`);
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      await once(socket, "close");
      expect(answer).toMatch(/^HTTP\/1\.1 200 .*right$/s);
    }
    expect(malformed).toEqual([]);
  });
});

describe("headers", () => {
  it("are all read, in whatever number fits into their limit", async () => {
    const { port } = await realServer();
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`a${index}`, "b"]));
    const right = { ...many, authorization };
    expect((await get(port, "/v1/credentials", right)).status).toBe(200);
    expect((await get(port, "/v1/credentials", { ...right, "x-forwarded-for": "192.0.2.1" })).status).toBe(
      400,
    );
  });
});

describe("the end of the server", () => {
  it("answers the requests that are open, and closes the connections", async () => {
    const { port, close } = await server(() => ({ status: 200, headers: {}, body: "answered" }));
    const idle = await raw(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(idle, "data");
    const open = await raw(port, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
    let answer = "";
    open.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    // The server has the headers of the request before, when it answers this one.
    await get(port, "/");
    const closed = close();
    open.write("b");
    await closed;
    await until(() => {
      expect(answer).toContain("answered");
    });
    expect(answer.toLowerCase()).toContain("connection: close");
    await expect(get(port, "/")).rejects.toThrow("ECONNREFUSED");
  });

  it("does not wait for a request that never ends", async () => {
    const { port, close } = await server(() => ({ status: 200, headers: {}, body: "" }));
    const sockets = await Promise.all(
      [
        "",
        "GET / HT",
        "GET / HTTP/1.1\r\nHost: x\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na",
      ].map((text) => raw(port, text)),
    );
    await close();
    await until(() => {
      expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
    });
  });
});
