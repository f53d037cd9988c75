/** The use case: a first session, then a server that answers with it, until a signal ends it. */
import { errorsOf } from "../foundation/errors.ts";
import type { Environment, GivenFile, ReadFile, ReadOptional, Sha256, Signals } from "../foundation/ports.ts";
import { shownPath } from "../foundation/shown.ts";
import { systemCode } from "../foundation/system-error.ts";
import { version } from "../foundation/version.ts";
import { isLoopback } from "../http/endpoint.ts";
import type { SessionInput } from "../sign-in/input.ts";
import { type RequestFacts, type ServerState, answerTo, stateAnswerTo } from "./answers.ts";
import type { ServeEvent } from "./events.ts";
import { bracketed, hostName } from "./hosts.ts";
import { Keeper, type KeeperPorts } from "./keeper.ts";
import { MetadataTokens, randomToken } from "./metadata-tokens.ts";
import { Metrics } from "./metrics.ts";
import { HopLimitUnsupported, type ListenOptions, type Listening, type Serving } from "./ports.ts";
import { authorizationToken, comparison } from "./token-file.ts";

export interface Address {
  /** An IP address. */
  address: string;
  port: number;
}

export interface ServeInput {
  session: SessionInput;
  at: Address;
  hopLimit: number | undefined;
  /** For /healthz, /readyz and /metrics alone. */
  health: Address | undefined;
  tokenFile: GivenFile | undefined;
}

export interface ServePorts extends Pick<KeeperPorts, "filesState" | "getSession"> {
  env: Environment;
  sha256: Sha256;
  signals: Signals;
  /** Whether stdout or stderr is a terminal. */
  hasTerminal: boolean;
  readFile: ReadFile;
  readOptional: ReadOptional;
  serving: Serving;
  /** Takes the authorization token, which no line may contain. */
  conceal: (secret: string) => void;
  report: (event: ServeEvent) => void;
}

/** @returns the exit code, after a signal */
export async function serve(input: ServeInput, ports: ServePorts): Promise<number> {
  const { report } = ports;
  const { ended, signal } = untilSignal(ports);
  const certificate = shownPath(input.session.files.certificate.path);
  report({ event: "start", version, certificate, roleArn: input.session.parameters.role.text });
  if (!isLoopback({ hostname: hostName(bracketed(input.at.address)) ?? "" }))
    report(wideOpen(input.at.address));
  const isAuthorized = await authorization(input, ports);
  const metrics = new Metrics();
  const keeper = new Keeper({
    ...{ ...ports, ...ports.serving, certificate },
    report: counting(metrics, report),
  });
  const server = { input, ports, keeper, metrics, isAuthorized };
  await checkAddresses(server);
  await Promise.race([keeper.begin(ended), aborted(ended)]);
  if (!ended.aborted) await whileListening(server, ended);
  report({ event: "stop", signal: signal() });
  return 0;
}

interface Server {
  input: ServeInput;
  ports: ServePorts;
  keeper: Keeper;
  metrics: Metrics;
  isAuthorized: ((value: string) => boolean) | undefined;
}

/**
 * Opens the sockets and closes them at once. A supervisor that starts the server again and again on a taken port must not create a session
 * each time.
 */
async function checkAddresses(server: Server): Promise<void> {
  await closeAll(await open(server));
}

async function whileListening(server: Server, ended: AbortSignal): Promise<void> {
  const { ports, keeper } = server;
  const listening = await open(server);
  for (const { url, offers } of listening) ports.report({ event: "listening", url, offers });
  notify("READY=1", ports);
  try {
    // A renewal that is under way is abandoned at the end.
    await Promise.race([keeper.keep(ended), aborted(ended)]);
  } finally {
    notify("STOPPING=1", ports);
    await closeAll(listening);
  }
}

async function closeAll(listening: readonly Listening[]): Promise<void> {
  await Promise.all(listening.map((one) => one.close()));
}

interface Offering extends Listening {
  offers: string;
}

async function open(server: Server): Promise<Offering[]> {
  const { input, ports, keeper, metrics, isAuthorized } = server;
  const tokens = new MetadataTokens({ create: randomToken, sha256: ports.sha256 });
  const state = (): ServerState => {
    const now = ports.serving.now();
    return {
      ...{ now, tokens, isAuthorized },
      served: keeper.served(now),
      roleName: keeper.roleName,
      metrics: () => metrics.text(version, { ...keeper.remaining(now), tokens: tokens.size }),
    };
  };
  const counted =
    (answering: typeof answerTo) =>
    (request: RequestFacts): ReturnType<ListenOptions["answer"]> => {
      const { path, answer } = answering(request, state());
      metrics.request(path, answer.status);
      return answer;
    };
  const onMalformed = (status: number): void => {
    metrics.request("malformed", status);
  };
  const health =
    input.health && (await listen({ ...input.health, answer: counted(stateAnswerTo), onMalformed }, ports));
  const own = { ...input.at, hopLimit: input.hopLimit, answer: counted(answerTo), onMalformed };
  const main = await listen(own, ports);
  const offers = isAuthorized ? "IMDSv2 and container credentials" : "IMDSv2";
  return [...(health ? [{ ...health, offers: "health and metrics" }] : []), { ...main, offers }];
}

const serveError = errorsOf("other", "serve");

async function listen(options: ListenOptions, { serving }: ServePorts): Promise<Listening> {
  try {
    return await serving.listen(options);
  } catch (error) {
    const { address, port, hopLimit } = options;
    if (error instanceof HopLimitUnsupported)
      throw serveError(
        "SERVE_HOP_LIMIT_UNSUPPORTED",
        `the hop limit ${hopLimit ?? ""} cannot be set${error.message ? `: ${error.message}` : " on this system"}`,
        "Omit --hop-limit. On a loopback address it has no effect, because the packets do not leave the machine.",
        error,
      );
    const code = systemCode(error);
    if (code === "") throw error;
    throw serveError(
      code === "EADDRINUSE" ? "SERVE_PORT_IN_USE" : "SERVE_CANNOT_LISTEN",
      `${bracketed(address)}:${port} cannot be listened on (${code})`,
      code === "EADDRINUSE"
        ? "Another program, such as aws_signing_helper or another serve, has the port. Use --port."
        : "Use an address of this machine, and a port that this user can listen on (1024 or higher).",
      error,
    );
  }
}

async function authorization(
  { tokenFile }: ServeInput,
  { conceal, report, serving, readFile, readOptional }: ServePorts,
): Promise<Server["isAuthorized"]> {
  if (tokenFile === undefined) return undefined;
  const { text, isExposed } = await authorizationToken(tokenFile, { ...serving, readFile, readOptional });
  conceal(text);
  if (isExposed)
    report({
      event: "warning",
      code: "TOKEN_FILE_READABLE",
      message: `${shownPath(tokenFile.path)} is readable by other users, who can then get the credentials`,
      hint: "Use mode 0600, or 0640 if a group of trusted processes reads it.",
    });
  return comparison(text);
}

function wideOpen(address: string): ServeEvent {
  return {
    event: "warning",
    code: "SERVE_LISTENS_WIDE",
    message: `${bracketed(address)} is not a loopback address: every program that reaches it can get the credentials of the role`,
    hint: "Omit --listen. If it is needed, let a firewall or a network policy protect the port.",
  };
}

function counting(metrics: Metrics, report: ServePorts["report"]): ServePorts["report"] {
  return (event) => {
    if (event.event === "session-made") metrics.sessionMade();
    if (event.event === "session-shared") metrics.sessionShared();
    if (event.event === "renewal-failed") metrics.renewalFailed(event.code);
    report(event);
  };
}

/** Nothing waits for the manager, and the server works without it. */
function notify(state: string, { env, serving, report }: ServePorts): void {
  const socket = env["NOTIFY_SOCKET"];
  if (!socket) return;
  try {
    serving.notify(socket, state);
  } catch (error) {
    report({
      event: "warning",
      code: "SERVE_NOT_NOTIFIED",
      message: `${state} cannot be sent to NOTIFY_SOCKET: ${error instanceof Error ? error.message.slice(0, 100) : ""}`,
      hint: "Use Type=exec in the unit in place of Type=notify.",
    });
  }
}

/**
 * SIGHUP ends a server of the terminal that is closed. Without a terminal, as under nohup or a supervisor, it goes on: the runtime does not
 * keep that nohup ignores the signal, and a changed certificate needs no signal.
 */
export function untilSignal({ signals, hasTerminal }: Pick<ServePorts, "signals" | "hasTerminal">): {
  ended: AbortSignal;
  signal: () => string;
} {
  const controller = new AbortController();
  let received = "";
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    signals.on(signal, () => {
      if (signal === "SIGHUP" && !hasTerminal) return;
      received ||= signal;
      controller.abort();
    });
  return { ended: controller.signal, signal: () => received };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener("abort", () => {
        resolve();
      });
  });
}
