/** The counters of the server, and their text. Prometheus documentation, "Exposition formats", text format 0.0.4. */
import type { PathName } from "./answers.ts";

export interface Gauges {
  /** Seconds until the session's end; zero without a live session. */
  session: number;
  /** Undefined if the end of the certificate is not known. */
  certificate: number | undefined;
  tokens: number;
}

export class Metrics {
  #made = 0;
  #shared = 0;
  readonly #failed = new Map<string, number>();
  readonly #requests = new Map<string, number>();

  sessionMade(): void {
    this.#made += 1;
  }

  sessionShared(): void {
    this.#shared += 1;
  }

  renewalFailed(code: string): void {
    count(this.#failed, `{code="${code}"}`);
  }

  /** @param path one of a few names: a label for each path that somebody invents would fill the memory */
  request(path: PathName | "malformed", status: number): void {
    count(this.#requests, `{path="${path}",status="${status}"}`);
  }

  text(version: string, { session, certificate, tokens }: Gauges): string {
    return [
      metric("build_info", "gauge", "Version of the program.", [[`{version="${version}"}`, 1]]),
      metric("sessions_made_total", "counter", "Sessions created with CreateSession.", [["", this.#made]]),
      metric("sessions_shared_total", "counter", "Sessions taken from the user's cache.", [
        ["", this.#shared],
      ]),
      metric("renewals_failed_total", "counter", "Renewals that failed, by error code.", [...this.#failed]),
      metric("session_remaining_seconds", "gauge", "Time until the end of the session.", [["", session]]),
      metric(
        "certificate_remaining_seconds",
        "gauge",
        "Time until the end of the certificate of the session.",
        certificate === undefined ? [] : [["", certificate]],
      ),
      metric("metadata_tokens", "gauge", "Tokens of IMDSv2 that are kept.", [["", tokens]]),
      metric("requests_total", "counter", "Requests, by path and status.", [...this.#requests]),
    ].join("");
  }
}

function count(counters: Map<string, number>, labels: string): void {
  counters.set(labels, (counters.get(labels) ?? 0) + 1);
}

function metric(
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [string, number])[],
): string {
  const full = `eks_x509_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labels} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}
