/** `eks-x509 serve`: serves the credentials of a session until a signal ends it. */
import type { Hop } from "../../../foundation/errors.ts";
import type { HopLog } from "../../../foundation/ports.ts";
import { Secrets } from "../../../foundation/secrets.ts";
import { eventLine, type ServeEvent } from "../../../serve/events.ts";
import type { Obtained } from "../../../serve/keeper.ts";
import { serve, type ServePorts } from "../../../serve/serve.ts";
import { getSession } from "../../../sign-in/get-session.ts";
import { readIdentityFiles } from "../../../sign-in/identity-files.ts";
import type { SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { CommandPorts, Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { sessionInput } from "../../settings/input.ts";
import { isOn, settingFacts } from "../../settings/settings.ts";
import { signInWith } from "../get-token/run.ts";
import { logFormat, serverInput } from "./input.ts";

/** @returns the exit code, after a signal */
export async function runServe(flags: Flags, root: CommandPorts): Promise<number> {
  const server = serverInput(flags, root.machine);
  const format = logFormat(flags);
  const notes: string[] = [];
  const settings = await resolveSettings(flags.settings(), undefined, root, (line) => notes.push(line));
  const session = sessionInput(settings, root);
  const renewals = new Renewals(session, root, isOn(settings.get("verbose")));
  renewals.onEvent = (event) => {
    const line = eventLine(event, format, root.clock());
    renewals.ports.streams.stderr(line).catch(() => undefined);
  };
  for (const line of [...notes, ...settingFacts(settings).map((fact) => fact.join(" "))])
    renewals.log("configuration", line);
  return serve({ session, ...server }, await portsOf(renewals, root));
}

async function portsOf(renewals: Renewals, root: CommandPorts): Promise<ServePorts> {
  const { env, sha256, signals, readFile, readOptional } = root;
  return {
    ...{ env, sha256, signals, readFile, readOptional },
    serving: await root.serving(),
    conceal: (secret) => {
      renewals.conceal(secret);
    },
    report: (event) => {
      renewals.onEvent(event);
    },
    filesState: () => renewals.filesState(),
    getSession: (isUseful) => renewals.getSession(isUseful),
  };
}

/** Each session is created with ports of its own, because a process that runs for months must not collect the secrets of all sessions. */
class Renewals {
  readonly #session: SessionInput;
  readonly #root: CommandPorts;
  readonly #isVerbose: boolean;
  /** Secrets of the whole run. */
  readonly #lasting: string[] = [];
  ports: Ports;
  onEvent: (event: ServeEvent) => void = () => undefined;

  constructor(session: SessionInput, root: CommandPorts, isVerbose: boolean) {
    this.#session = session;
    this.#root = root;
    this.#isVerbose = isVerbose;
    this.ports = root;
  }

  conceal(secret: string): void {
    this.#lasting.push(secret);
    this.ports.secrets.add(secret);
  }

  readonly log: HopLog = (hop: Hop, message: string) => {
    if (this.#isVerbose) this.onEvent({ event: "step", hop, message });
  };

  async getSession(isUseful: Parameters<ServePorts["getSession"]>[0]): Promise<Obtained> {
    const secrets = new Secrets();
    secrets.add(...this.#lasting);
    this.ports = this.#root.within(this.#root.env, secrets);
    const signIn = signInWith(this.ports, this.#session.cache, this.log);
    let isNew = false;
    const http = (): ReturnType<typeof signIn.http> => {
      isNew = true;
      return signIn.http();
    };
    const record = await getSession(this.#session, { ...signIn, http }, isUseful);
    return { record, isNew };
  }

  async filesState(): Promise<string> {
    const { fingerprints } = await readIdentityFiles(this.#session.files, this.ports);
    return JSON.stringify(fingerprints);
  }
}
