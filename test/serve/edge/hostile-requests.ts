/**
 * Bytes that are no request that may be answered with a credential, although many of them hold the right secrets: malformed, forwarded,
 * for a foreign Host, in several readings, too large, or cut off.
 */
import { connect } from "node:net";

export interface Secrets {
  authorization: string;
  metadataToken: string;
  role: string;
}

export interface Hostile {
  /** Sent one after the other. */
  parts: readonly (string | Buffer)[];
  /** Whether the client closes its side after the last part. */
  ends: boolean;
}

/** The same sequence for each seed: xorshift32. */
export function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function hostileRequest(secrets: Secrets, random: () => number): Hostile {
  const kinds = [
    malformed,
    forwarded,
    foreign,
    twofold,
    garbage,
    mutated,
    tooLarge,
    cutOff,
    pipelined,
    foreignMethod,
  ];
  const kind = pick(kinds, random);
  return { parts: kind(secrets, random), ends: random() < 0.5 };
}

type Kind = (secrets: Secrets, random: () => number) => (string | Buffer)[];

function pick<One>(list: readonly One[], random: () => number): One {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("an empty list");
  return one;
}

/** The lines of a right request, without the last empty one. */
function rightLines({ authorization, metadataToken, role }: Secrets, random: () => number): string[] {
  return random() < 0.5
    ? ["GET /v1/credentials HTTP/1.1", "Host: 127.0.0.1:9911", `Authorization: ${authorization}`]
    : [
        `GET /latest/meta-data/iam/security-credentials/${role} HTTP/1.1`,
        "Host: 127.0.0.1:9911",
        `x-aws-ec2-metadata-token: ${metadataToken}`,
      ];
}

function text(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

const malformed: Kind = (secrets, random) => {
  const [first = "", host = "", secret = ""] = rightLines(secrets, random);
  const [method = "", target = ""] = first.split(" ");
  return [
    text(
      pick(
        [
          [`${method} ${target}`, host, secret],
          [`${method} ${target} HTTP/1.1 x`, host, secret],
          [`${method} ${target} HTTP/9.9`, host, secret],
          [`${method} ${target} http/1.1`, host, secret],
          [`${method} ${target.replace("/", "")} HTTP/1.1`, host, secret],
          [`${method} ${target} HTTP/1.1`, host, secret.replace(":", " :")],
          [`${method} ${target} HTTP/1.1`, host, secret.replace(": ", ": \0")],
          [`${method} ${target} HTTP/1.1`, host, `X: 1`, ` ${secret}`],
          [`${method} ${target} HTTP/1.1`, host, secret, "no colon"],
          [`${method} ${target} HTTP/1.1`, host, secret, ": no name"],
          [`${method} ${target} HTTP/1.1`, host, secret, "na\0me: x"],
          [`${method} ${target} HTTP/1.1`, host, secret, "a: b\rc: d"],
          [`${method} ${target}\0 HTTP/1.1`, host, secret],
          [`${method}\t${target}\tHTTP/1.1`, host, secret],
          [`${method} ${target} HTTP/1.1`, secret],
          [`${method} http://127.0.0.1:9911${target} HTTP/1.1`, host, secret],
          ["PRI * HTTP/2.0"],
        ],
        random,
      ),
    ),
  ];
};

const forwarded: Kind = (secrets, random) => {
  const name = pick(["X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR"], random);
  const many = Array.from({ length: pick([0, 1, 200], random) }, (_, index) => `a${index}: b`);
  return [
    text([
      ...rightLines(secrets, random),
      ...many,
      `${name}: ${pick(["192.0.2.1", "", "127.0.0.1"], random)}`,
    ]),
  ];
};

const foreign: Kind = (secrets, random) => {
  const [first = "", , secret = ""] = rightLines(secrets, random);
  const hosts = [
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:9911",
    "169.254.169.253",
    "",
    "127.0.0.1@evil.example",
  ];
  return [text([first, `Host: ${pick(hosts, random)}`, secret])];
};

const twofold: Kind = (secrets, random) => {
  const [first = "", host = "", secret = ""] = rightLines(secrets, random);
  const [name = ""] = secret.split(":");
  const hidden = text(rightLines(secrets, random));
  return [
    pick(
      [
        text([first, host, "Host: evil.example", secret]),
        text([first, host, secret, `${name}: other`]),
        `${text([first, "Host: evil.example", "Content-Length: 5", "Transfer-Encoding: chunked", secret])}0\r\n\r\n`,
        `${text(["POST / HTTP/1.1", host, "Content-Length: 5", "Content-Length: 6"])}${hidden}`,
        `${text(["POST / HTTP/1.1", host, "Content-Length: 0, 5"])}${hidden}`,
        `${text(["POST / HTTP/1.1", host, "Transfer-Encoding: chunked, identity"])}${hidden}`,
        `${text(["POST / HTTP/1.1", host, "Transfer-Encoding: chunked"])}ffffffffffffffffff\r\n${hidden}`,
        `${text(["POST / HTTP/1.1", host, "Transfer-Encoding: chunked"])}-1\r\n${hidden}`,
        `${text(["POST / HTTP/1.1", host, `Content-Length: ${hidden.length}`])}${hidden}`,
      ],
      random,
    ),
  ];
};

const garbage: Kind = (_secrets, random) => [
  Buffer.from(Array.from({ length: Math.floor(random() * 2_000) }, () => Math.floor(random() * 256))),
];

/** Without the secrets, because a change can leave the request right. */
const mutated: Kind = (_secrets, random) => {
  const wrong = { authorization: "wrong", metadataToken: "wrong", role: "wrong" };
  const bytes = Buffer.from(text(rightLines(wrong, random)));
  for (let times = 1 + random() * 8; times > 0; times--)
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return [bytes];
};

const tooLarge: Kind = (secrets, random) => {
  const [first = "", host = "", secret = ""] = rightLines(secrets, random);
  const size = pick([20_000, 100_000, 1_048_576], random);
  const long = "a".repeat(size);
  return [
    pick(
      [
        text([first, host, `X: ${long}`, secret]),
        text([`GET /${long} HTTP/1.1`, host, secret]),
        text([first, host, ...Array.from({ length: size / 4 }, (_, index) => `a${index}: b`), secret]),
        `${text(["PUT /latest/api/token HTTP/1.1", host, `Content-Length: ${size}`])}${long}`,
        `${text([first, host, secret, `Content-Length: ${size}`])}${long}`,
      ],
      random,
    ),
  ];
};

const cutOff: Kind = (secrets, random) => {
  const whole = text(rightLines(secrets, random));
  const end = Math.floor(random() * (whole.length - 3));
  const middle = Math.floor(random() * end);
  return [whole.slice(0, middle), whole.slice(middle, end)];
};

const pipelined: Kind = (secrets, random) => {
  const requests = Array.from({ length: 2 + Math.floor(random() * 20) }, () =>
    String(pick([forwarded, foreign, malformed], random)(secrets, random)[0]),
  );
  const all = requests.join("");
  const middle = Math.floor(random() * all.length);
  return [all.slice(0, middle), all.slice(middle)];
};

const foreignMethod: Kind = (secrets, random) => {
  const [first = "", ...others] = rightLines(secrets, random);
  const method = pick(
    ["POST", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PROPFIND", "get", "G\u00c9T", "BREW"],
    random,
  );
  return [text([first.replace("GET", method), ...others])];
};

/** Sends one, and returns what came back until the server closed the connection, or for a short while. */
export function sendHostile(port: number, { parts, ends }: Hostile, patience = 150): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(answer);
    });
    for (const part of parts) socket.write(part);
    if (ends) socket.end();
  });
}
