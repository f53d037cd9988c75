/** Keeps a live session: renews it ahead of its end, and as soon as the certificate or its key is replaced. */
import type { SessionRecord } from "../cache/record.ts";
import { EksX509Error, errorsOf } from "../foundation/errors.ts";
import { systemCode } from "../foundation/system-error.ts";
import { type Served, servedFrom } from "./answers.ts";
import type { ServeEvent } from "./events.ts";
import { type Lease, type Moment, isLive, leaseOf, nextAttemptIn, renewalIn, timeLeft } from "./lease.ts";

export interface KeeperPorts {
  now: () => Moment;
  /** 0 to 1. */
  random: () => number;
  /** Resolves early when the signal is aborted. */
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Changes when the certificate, an intermediate or the key is replaced. @throws EksX509Error for a file that cannot be read */
  filesState: () => Promise<string>;
  /** @param isUseful which cached sessions are taken; otherwise a new one is created */
  getSession: (isUseful: (session: SessionRecord) => boolean) => Promise<Obtained>;
  report: (event: ServeEvent) => void;
  certificate: string;
}

export interface Obtained {
  record: SessionRecord;
  isNew: boolean;
  /** The state of the files that it was created with: they can be replaced while it is created. */
  files: string;
}

interface Held extends Served {
  record: SessionRecord;
  lease: Lease;
}

/** Milliseconds between two looks at the files and the clocks. A change is noticed without events of the file system, which not every
 * file system has. */
const lookEvery = 2_000;

/** Looks at files that cannot be read before this is reported. A program that replaces a file can remove it for a moment. */
const looksBeforeReport = 2;

export class Keeper {
  readonly #ports: KeeperPorts;
  #held: Held | undefined;
  #failures = 0;
  #lastCode = "";
  #lastAttempt = 0;
  #jitter = 0;
  /** The files of the last attempt. */
  #files: string | undefined;
  /** Why the files cannot be read, and at how many looks in a row. */
  #unreadable: { why: string; looks: number } | undefined;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  /** The live session, or why there is none. */
  served(now: Moment): Served | string {
    if (this.#held && isLive(this.#held.lease, now)) return this.#held;
    return `no live session: ${this.#lastCode || "the renewal is under way"}`;
  }

  /** Of the last session, live or not. */
  get roleName(): string {
    return this.#held?.roleName ?? "";
  }

  /** Seconds until the end of the session and of its certificate. */
  remaining(now: Moment): { session: number; certificate: number | undefined } {
    if (!this.#held) return { session: 0, certificate: undefined };
    const end = certificateEnd(this.#held.record);
    return {
      session: Math.max(0, Math.floor(timeLeft(this.#held.lease, now) / 1_000)),
      certificate: end && Math.floor((end.getTime() - now.wall.getTime()) / 1_000),
    };
  }

  /**
   * Resolves with the first session. While the network fails or Roles Anywhere throttles, as at the start of many machines, it tries
   * again.
   * @throws EksX509Error for any other failure: waiting does not repair a setting, a certificate or a refusal
   */
  async begin(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#files = await this.#filesState();
      const failure = await this.#attempt(() => true);
      if (!failure) return;
      if (failure.category !== "network" && failure.code !== "REFUSED_THROTTLED") throw failure;
      this.#reportFailure(failure);
      await this.#ports.pause(this.#untilNextAttempt(), signal);
    }
  }

  /** Renews until the signal is aborted. */
  async keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#ports.pause(Math.min(lookEvery, this.#untilNextAttempt()), signal);
      if (signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const files = await this.#filesState();
    const isChanged = files !== undefined && files !== this.#files;
    if (isChanged) this.#ports.report({ event: "certificate-changed", certificate: this.#ports.certificate });
    if (!isChanged && this.#untilNextAttempt() > 0) return;
    this.#files = files ?? this.#files;
    const failure = await this.#attempt((kept) => this.#isBetter(kept));
    if (failure) this.#reportFailure(failure);
  }

  /** Undefined while the files cannot be read, as in the middle of a renewal. */
  async #filesState(): Promise<string | undefined> {
    try {
      const state = await this.#ports.filesState();
      this.#reportReadable();
      return state;
    } catch (error) {
      this.#reportUnreadable(this.#failureOf(error));
      return undefined;
    }
  }

  /** Once for each reason, and not only when the renewal fails: until then, there is time to repair it. */
  #reportUnreadable({ hop, code, message, hint }: EksX509Error): void {
    const looks = this.#unreadable?.why === message ? this.#unreadable.looks + 1 : 1;
    this.#unreadable = { why: message, looks };
    if (looks !== looksBeforeReport) return;
    const servedUntil = this.#servedUntil();
    this.#ports.report({ event: "files-unreadable", hop, code, message, hint, servedUntil });
  }

  #reportReadable(): void {
    const wasReported = (this.#unreadable?.looks ?? 0) >= looksBeforeReport;
    this.#unreadable = undefined;
    if (wasReported) this.#ports.report({ event: "files-readable" });
  }

  /** @throws an unexpected error when no session is served. The program then ends, and its supervisor starts it again */
  #failureOf(error: unknown): EksX509Error {
    if (error instanceof EksX509Error) return error;
    if (this.#held && isLive(this.#held.lease, this.#ports.now())) return unexpected(error);
    throw error;
  }

  /** Another process of the user may have renewed the session. */
  #isBetter(kept: SessionRecord): boolean {
    const isHeld =
      kept.session.credentials.accessKeyId === this.#held?.record.session.credentials.accessKeyId;
    const now = this.#ports.now();
    return !isHeld && renewalIn(leaseOf(kept, now), 1, now) > 0;
  }

  async #attempt(isUseful: (session: SessionRecord) => boolean): Promise<EksX509Error | undefined> {
    const { now, getSession, random, report } = this.#ports;
    this.#jitter = random();
    try {
      const { record, isNew, files } = await getSession(isUseful);
      this.#files = files;
      this.#held = { ...servedFrom(record), record, lease: leaseOf(record, now()) };
      this.#failures = 0;
      this.#lastCode = "";
      report({
        event: isNew ? "session-made" : "session-shared",
        roleArn: record.label.roleArn,
        expiration: record.expiration,
        certificateEnd: certificateEnd(record),
      });
      return undefined;
    } catch (error) {
      const failure = this.#failureOf(error);
      this.#failures += 1;
      this.#lastCode = failure.code;
      return failure;
    } finally {
      this.#lastAttempt = now().uptime;
    }
  }

  #reportFailure({ hop, code, message, hint }: EksX509Error): void {
    this.#ports.report({
      ...{ event: "renewal-failed", hop, code, message, hint },
      nextTry: new Date(this.#ports.now().wall.getTime() + this.#untilNextAttempt()),
      servedUntil: this.#servedUntil(),
    });
  }

  /** Undefined if there is no live session. */
  #servedUntil(): Date | undefined {
    return this.#held && isLive(this.#held.lease, this.#ports.now()) ? this.#held.lease.end : undefined;
  }

  #untilNextAttempt(): number {
    const renewal = {
      lease: this.#held?.lease,
      failures: this.#failures,
      lastAttempt: this.#lastAttempt,
      jitter: this.#jitter,
    };
    return nextAttemptIn(renewal, this.#ports.now());
  }
}

function certificateEnd({ label: { certificateEnd } }: SessionRecord): Date | undefined {
  return certificateEnd === undefined ? undefined : new Date(certificateEnd);
}

/** Names only the kind of error, because its message can quote the input. */
function unexpected(error: unknown): EksX509Error {
  const kind = error instanceof Error ? error.name : typeof error;
  return errorsOf("other", "serve")(
    "SERVE_RENEWAL_UNEXPECTED",
    `an unexpected error: ${[kind, systemCode(error)].filter(Boolean).join(" ")}`,
    "If the program was upgraded, start it again. For EMFILE, raise the limit of open files (ulimit -n).",
    error,
  );
}
