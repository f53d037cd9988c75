/** What `token debug` sees of the outside, in a test: files, a clock, and servers that are functions. */
import { debugJson, debugText } from "../../src/cli/commands/token-debug/output.ts";
import { debugToken } from "../../src/debug/walk.ts";
import type { HopReport, Report } from "../../src/debug/report/report.ts";
import type { TokenRequest, World } from "../../src/debug/world.ts";
import { Secrets } from "../../src/foundation/secrets.ts";
import { EksX509Error } from "../../src/foundation/errors.ts";
import type { Call, Http } from "../../src/http/client.ts";
import type { Answer, OutgoingRequest } from "../../src/http/exchange.ts";
import { createSts } from "../../src/sandbox/aws/sts/sts.ts";
import { createSessions, type Session } from "../../src/sandbox/aws/sessions.ts";
import { wireRequest } from "../sandbox/wire-request.ts";
import { keyFiles } from "../key-files.ts";
import { plugins } from "../ports.ts";

export interface Outside {
  /** When everything happens. */
  at: Date;
  env?: Record<string, string>;
  files?: Readonly<Record<string, string>>;
  http?: Http;
}

export function worldOf({ at, env = {}, files = {}, http = nobody }: Outside): World {
  return {
    env: { HOME: "/home/alice", ...env },
    clock: () => at,
    platform: "linux",
    cwd: () => "/work",
    program: "/usr/bin/eks-x509",
    home: "/home/alice",
    interruptible: (work) => work(new AbortController().signal),
    secrets: new Secrets(),
    ...keyFiles(
      (path, { given, hop, category }) => {
        const text = files[path];
        if (text !== undefined) return Promise.resolve({ name: path, bytes: Buffer.from(text), mode: 0o600 });
        const message = `${path} (${given}) does not exist`;
        return Promise.reject(new EksX509Error({ category, hop, code: "FILE_MISSING", message, hint: "" }));
      },
      () => Promise.resolve("state"),
    ),
    http: () => Promise.resolve(http),
    resolve: () => Promise.reject(new Error("no entry of ours is there")),
    starting: () => undefined,
    plugins,
  };
}

/** As the command has it without any flag. */
export function debugged(
  token: string,
  outside: Outside,
  request: Partial<TokenRequest> = {},
): Promise<Report> {
  return debugToken(
    {
      token,
      at: outside.at,
      clusterName: "demo",
      kubeconfig: undefined,
      context: undefined,
      hasOwnIdentity: false,
      isOffline: false,
      mapping: { awsAuth: undefined, adminContext: undefined },
      ...request,
    },
    worldOf(outside),
  );
}

function nobody(call: Call): Promise<Answer> {
  return Promise.reject(new Error(`nobody was to be asked: ${call.endpoint.href}`));
}

export interface Asked {
  endpoint: URL;
  request: OutgoingRequest;
}

/** Answers without a network, and remembers what was asked. */
export function answering(answer: (asked: Asked) => Partial<Answer> | Promise<Partial<Answer>>): {
  http: Http;
  asked: Asked[];
} {
  const asked: Asked[] = [];
  const http: Http = async (call) => {
    const question = { endpoint: call.endpoint, request: await call.request() };
    asked.push(question);
    return { status: 200, headers: {}, body: "", ...(await answer(question)) };
  };
  return { http, asked };
}

/** The sandbox's own STS, which knows one session. */
export function stsOf(session: Session, at: Date): { http: Http; asked: Asked[] } {
  const sessions = createSessions();
  sessions.add(session);
  const sts = createSts({ sessions, now: () => at, onEvent: () => undefined });
  return answering(({ request: { method, target = "/", headers } }) => {
    const [path = "", ...query] = target.split("?");
    return sts(wireRequest({ method, path, query: query.join("?"), headers }));
  });
}

export function failures({ hops }: Report): HopReport[] {
  return hops.filter(({ status }) => status === "failed");
}

/** The complete output, for people and for programs. */
export function printed(report: Report): string {
  return debugText(report, 80, false) + debugJson(report);
}
