/** docs/reference.md, made of the table of commands. */
import type { Command, CommandOption } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";

export function reference(): string {
  return `${["# Commands and options", introduction, ...commands.map(section)].join("\n\n")}\n`;
}

const introduction = `The program's table of commands is the source of this page and of \`--help\`. Every command is also available as \`kubectl eks-x509 …\`. A flag wins over the environment. If an option lists several variables, the first one that is set counts.`;

function section(command: Command): string {
  const { path, describe, usage, positional } = command;
  const name = [...path, positional && (positional.required ? positional.name : `[${positional.name}]`)];
  const rest = command.takesCommand ? " [-- COMMAND …]" : "";
  const text = usage === undefined ? `${describe}.` : usage.split("\n").slice(2).join("\n");
  return [`## eks-x509 ${name.filter(Boolean).join(" ")}${rest}`, text, table(command)]
    .filter(Boolean)
    .join("\n\n");
}

function table({ options, positional }: Command): string {
  const rows = Object.entries(options).map(([name, option]) => row(name, option));
  const argument = positional ? [`| \`${positional.name}\` | ${positional.describe} | | |`] : [];
  if (rows.length + argument.length === 0) return "";
  return [
    "| option | meaning | environment | default |",
    "| --- | --- | --- | --- |",
    ...argument,
    ...rows,
  ].join("\n");
}

function row(name: string, option: CommandOption): string {
  const { alias, type, env = [], default: fallback = "", describe, choices, required } = option;
  const flag = [`\`--${name}\``, alias !== undefined && `\`-${alias}\``].filter(Boolean).join(", ");
  const meaning = [
    describe,
    choices && `: ${choices.join(", ")}`,
    type === "list" && " (can be repeated)",
    required && " (required)",
  ];
  const environment = env.map((variable) => `\`${variable}\``).join(", ");
  return `| ${flag} | ${cell(meaning.filter(Boolean).join(""))} | ${environment} | ${cell(fallback)} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
