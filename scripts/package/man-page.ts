/** eks-x509(1), made of the table of commands, in the man macros: man(7). */
import type { Command, CommandOption } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { exitCodes } from "../../src/foundation/errors.ts";

export function manPage(version: string, date: Date): string {
  const day = date.toISOString().slice(0, 10);
  return `${[
    `.TH EKS\\-X509 1 "${day}" "eks\\-x509 ${version}" "User Commands"`,
    ".SH NAME",
    "eks\\-x509 \\- sign in to Amazon EKS with an X.509 certificate",
    ".SH SYNOPSIS",
    ...commands.map(synopsis).join("\n.br\n").split("\n"),
    ".SH DESCRIPTION",
    roff(
      "An exec credential plugin for kubectl. It exchanges an X.509 certificate for an IAM Roles Anywhere session, and signs an EKS token with it.",
    ),
    roff("Every command is also available as kubectl eks-x509. A flag wins over the environment."),
    ".SH COMMANDS",
    ...commands.flatMap(section),
    ".SH EXIT STATUS",
    ...Object.entries(exitCodes).flatMap(([category, code]) => [".TP", `.B ${code}`, roff(category)]),
    ".SH SEE ALSO",
    ".BR kubectl (1)",
  ].join("\n")}\n`;
}

function synopsis({ path, positional, takesCommand }: Command): string {
  const argument = positional && (positional.required ? positional.name : `[${positional.name}]`);
  const rest = ["[OPTION ...]", argument, takesCommand && "[-- COMMAND ...]"].filter(
    (word) => word !== undefined,
  );
  return `.B eks\\-x509 ${path.join(" ")}\n${roff(rest.join(" "))}`;
}

function section({ path, describe, usage, options, positional }: Command): string[] {
  const text = usage === undefined ? `${describe}.` : usage.split("\n").slice(2).join("\n");
  const argument = positional ? [".TP", `.I ${positional.name}`, roff(positional.describe)] : [];
  return [
    `.SS ${path.join(" ")}`,
    ...text.split(/\n\n+/).flatMap((paragraph, index) => [...(index > 0 ? [".PP"] : []), roff(paragraph)]),
    ...argument,
    ...Object.entries(options).flatMap(([name, option]) => entry(name, option)),
  ];
}

function entry(name: string, { alias, type, env = [], ...option }: CommandOption): string[] {
  const flags = [`--${name}`, ...(alias === undefined ? [] : [`-${alias}`])].join(", ");
  const more = [
    option.choices && `One of ${option.choices.join(", ")}.`,
    type === "list" && "Can be repeated.",
    option.required && "Required.",
    option.default !== undefined && `Default: ${option.default}.`,
    env.length > 0 && `Environment: ${env.join(", ")}.`,
  ];
  return [".TP", `.B ${escaped(flags)}`, roff([`${option.describe}.`, ...more.filter(Boolean)].join(" "))];
}

/** A text as one line of roff; a full stop or a quote at its start would be a request. */
function roff(text: string): string {
  const line = escaped(text.replace(/\s*\n\s*/g, " "));
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

/** A plain hyphen is typographic, and copied from the page it is no hyphen. */
function escaped(text: string): string {
  const marks: Readonly<Record<string, string>> = { "\\": "\\e", "-": "\\-", "…": "...", "→": "\\(->" };
  return text.replace(/[\\\-…→]/g, (mark) => marks[mark] ?? mark);
}
