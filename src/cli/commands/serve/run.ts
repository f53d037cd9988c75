/** `eks-x509 serve`: serves the credentials of a session until a signal ends it. */
import type { Hop } from "../../../foundation/errors.ts";
import { eventLine, type ServeEvent } from "../../../serve/events.ts";
import { serve } from "../../../serve/serve.ts";
import type { CommandPorts, Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { sessionInput } from "../../settings/input.ts";
import { isOn, settingFacts } from "../../settings/settings.ts";
import { logFormat, serverInput } from "./input.ts";
import { Renewals } from "./renewals.ts";

/** @returns the exit code, after a signal */
export async function runServe(flags: Flags, root: CommandPorts): Promise<number> {
  const server = serverInput(flags, root.machine);
  const format = logFormat(flags);
  const notes: string[] = [];
  const settings = await resolveSettings(flags.settings(), undefined, root, (line) => notes.push(line));
  const session = sessionInput(settings, root);
  const isVerbose = isOn(settings.get("verbose"));
  const report = (event: ServeEvent): void => {
    renewals.streams.stderr(eventLine(event, format, root.clock())).catch(() => undefined);
  };
  const onStep = (hop: Hop, message: string): void => {
    if (isVerbose) report({ event: "step", hop, message });
  };
  const renewals = new Renewals(session, root, onStep);
  for (const line of [...notes, ...settingFacts(settings).map((fact) => fact.join(" "))])
    onStep("configuration", line);
  const { env, sha256, signals, readFile, readOptional } = root;
  const { stdout, stderr } = root.streams.terminal;
  return serve(
    { session, ...server },
    {
      ...{ env, sha256, signals, readFile, readOptional, report, hasTerminal: stdout || stderr },
      serving: await root.serving(),
      conceal: (secret) => {
        renewals.conceal(secret);
      },
      filesState: () => renewals.filesState(),
      getSession: (isUseful) => renewals.getSession(isUseful),
    },
  );
}
