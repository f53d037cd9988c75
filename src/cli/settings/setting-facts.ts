/** Each setting with its source, for --verbose and token debug. */
import { parseEndpoint } from "../../http/endpoint.ts";
import type { OptionName } from "./options.ts";
import type { Setting, Settings } from "./settings.ts";
import { shown } from "../../foundation/shown.ts";

export function settingFacts(settings: Settings): [label: string, value: string][] {
  return [...settings].map(([name, setting]) => [name, `${shownSetting(name, setting)} (${setting.source})`]);
}

/** An invalid endpoint can contain a password. */
function shownSetting(name: OptionName, { value }: Setting): string {
  return name === "endpoint" && !(parseEndpoint(value) instanceof URL) ? "(not shown)" : shown(value);
}
