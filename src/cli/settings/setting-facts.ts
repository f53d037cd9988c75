/** Each setting, with where it came from: for --verbose, and for token debug. */
import { parseEndpoint } from "../../http/endpoint.ts";
import type { OptionName } from "./options.ts";
import type { Setting, Settings } from "./settings.ts";
import { shown } from "./shown.ts";

export function settingFacts(settings: Settings): [label: string, value: string][] {
  return [...settings].map(([name, setting]) => [name, `${shownSetting(name, setting)} (${setting.source})`]);
}

/** An endpoint that will be refused may hold a password. */
function shownSetting(name: OptionName, { value }: Setting): string {
  return name === "endpoint" && !(parseEndpoint(value) instanceof URL) ? "(not shown)" : shown(value);
}
