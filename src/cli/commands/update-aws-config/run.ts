/** `eks-x509 update-aws-config`: makes a profile of AWS's config file run credential-process. */
import { EksX509Error, errorsOf, settled, usageError } from "../../../foundation/errors.ts";
import { isLikeSecret, printable, shown } from "../../../foundation/shown.ts";
import type { Log } from "../../../foundation/ports.ts";
import { isInOtherHome, withVariables } from "../../../aws-config/file-path.ts";
import { commandLine, commandWords } from "../../../aws-config/command-line.ts";
import { IniProblem, readIni, type IniFile, type Property, type Section } from "../../../aws-config/ini.ts";
import {
  editedSection,
  headerOf,
  isAsWanted,
  isPlainHeader,
  otherSignIns,
  sectionsOf,
  withSection,
  type FileKind,
  type Setting,
} from "../../../aws-config/profile.ts";
import { isOwnName } from "../../../kubeconfig/program-name.ts";
import { finalRole, type SessionInput } from "../../../sign-in/input.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import type { Flags } from "../../command.ts";
import { resolveSettings } from "../../settings/config-file.ts";
import { regionNamed, sessionInput } from "../../settings/input.ts";
import { sessionOptions } from "../../settings/option-help.ts";
import { expandHome, type Settings } from "../../settings/settings.ts";
import { hopLog, logOf } from "../get-token/run.ts";
import { checkIdentity } from "../../../sign-in/check-identity.ts";
import { execCommand } from "../../settings/exec-command.ts";
import { writtenUser } from "../../settings/written-user.ts";

interface Wanted {
  profile: string;
  settings: readonly Setting[];
  /** Whether a credential_process is this program's, for the same role. */
  isOwn: (line: string) => boolean;
  replaces: boolean;
}

export async function runUpdateAwsConfig(flags: Flags, root: Ports): Promise<number> {
  const profile = profileName(flags.text("profile"));
  const settings = await resolveSettings(flags.settings(), undefined, root);
  const log = hopLog(settings, root);
  const input = sessionInput(settings, root);
  await checkIdentity(input.files, root);
  const wanted: Wanted = {
    profile,
    settings: await profileSettings(flags, settings, input, root),
    isOwn: (line) => isOwnLine(line, input, root.machine.platform),
    replaces: flags.isOn("replace") ?? false,
  };
  const config = filePath(root, "AWS_CONFIG_FILE", "config");
  const credentials = filePath(root, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  const disk = await root.kubeconfigs();
  const inCredentials = await reading(credentials, () =>
    // This names no file for the AWS CLI: it is empty.
    disk.isSame(credentials, "/dev/null") ? undefined : disk.read(credentials),
  );
  // One file can be both, and its section [default] is the same in both.
  const ofCredentials = { ...wanted, isOwn: disk.isSame(config, credentials) ? wanted.isOwn : () => false };
  const others = signInsInCredentials(inCredentials, credentials, ofCredentials);
  await warn(regionWarnings(inCredentials, credentials, wanted), root);
  if (flags.isOn("dry-run")) {
    const text = await reading(config, () => disk.read(config));
    await warn(editConfig(text, config, wanted).warnings, root);
    await root.streams.stdout(withSection({ lines: [], sections: [] }, profile, wanted.settings));
    return 0;
  }
  const ownLog = logOf("aws-config", log);
  const { isNew, warnings } = await update(root, config, ownLog, (text) => editConfig(text, config, wanted));
  await warn(warnings, root);
  if (others > 0)
    await update(root, credentials, ownLog, (text) => withoutSignIn(text, credentials, ofCredentials));
  const done = isNew ? `Added profile ${profile} to` : `Updated profile ${profile} in`;
  await root.streams.stdout(`${done} ${printable(config)}\n`);
  return 0;
}

async function warn(lines: readonly string[], { streams }: Ports): Promise<void> {
  for (const line of lines)
    await streams.stderr(`eks-x509: warning: ${printable(line)}\n`).catch(() => undefined);
}

/** The names that every SDK reads without quotes. */
function profileName(name: string | undefined): string {
  if (name === undefined) throw usageError("PROFILE_MISSING", "no profile is named", "Give --profile NAME.");
  if (/^[\w@+.%:/-]{1,128}$/.test(name) && !isLikeSecret(name)) return name;
  throw usageError(
    "PROFILE_INVALID",
    `--profile ${shown(name)} is not the name of a profile`,
    "Use letters, digits and characters of _@+.%:/- alone: some SDKs read no other names.",
  );
}

function filePath({ env, machine }: Ports, variable: string, name: string): string {
  const given = withVariables(env[variable] ?? "", env, machine.platform);
  if (isInOtherHome(given))
    throw problem(
      "SHARED_CONFIG_PATH",
      `${variable} (${shown(given)}) begins with the name of a user`,
      "Use the path of the file without ~. Only some SDKs look the user up.",
    );
  if (given) return machine.paths.resolve(expandHome(given, machine));
  if (machine.home !== undefined) return machine.paths.join(machine.home, ".aws", name);
  throw usageError("HOME_UNKNOWN", "no home folder is known", `Set HOME, or ${variable}.`);
}

async function profileSettings(
  flags: Flags,
  settings: Settings,
  input: SessionInput,
  root: Ports,
): Promise<Setting[]> {
  const { options } = writtenUser(settings, input, root.machine, false);
  const given = flags.text("command");
  const command = given === undefined ? await ownPath(root) : execCommand(given, root.machine);
  const words = options
    .filter(([name]) => Object.hasOwn(sessionOptions, name))
    .map(([name, value]) => `--${name}=${value}`);
  const line = commandLine([command, "credential-process", ...words], root.machine.platform);
  if (line === undefined)
    throw usageError(
      "SHARED_CONFIG_VALUE_INVALID",
      "a path or a value has a control character, or a # or ; after white space",
      "Some SDKs would cut the line there, even between quotes. Rename the file.",
    );
  const region = flags.text("region");
  return [
    { key: "credential_process", value: line },
    ...(region === undefined
      ? []
      : [{ key: "region", value: regionNamed({ value: region, source: "--region" }).name }]),
  ];
}

/** The path that PATH leads to, if it is this program: an upgrade can move the target of its links. */
async function ownPath(root: Ports): Promise<string> {
  const { platform, program } = root.machine;
  const { find } = await root.plugins();
  const found = await settled(
    find({ command: "eks-x509", installHint: "" }, { env: root.env, platform, program }),
  );
  return !(found instanceof EksX509Error) && found.relation === "this program" ? found.path : program;
}

function isOwnLine(line: string, input: SessionInput, platform: NodeJS.Platform): boolean {
  const [program = "", command, ...args] = commandWords(line, platform) ?? [];
  if (!isOwnName(program) || command !== "credential-process") return false;
  // In a line that was written by hand, the value can be a word of its own.
  const options = args.map((arg, index) => (arg.includes("=") ? arg : `${arg}=${args[index + 1] ?? ""}`));
  return options.includes(`--role-arn=${input.parameters.role.text}`) && isOfFinalRole(options, input);
}

function isOfFinalRole(args: readonly string[], input: SessionInput): boolean {
  const second = args.find((arg) => arg.startsWith("--assume-role-arn="));
  const { text } = finalRole(input);
  return second === undefined ? input.second === undefined : second === `--assume-role-arn=${text}`;
}

const problem = errorsOf("usage", "aws-config");

/** The hints of src/kubeconfig, which reads and replaces the file, are about kubeconfigs. */
async function reading<Result>(path: string, work: () => Promise<Result> | Result): Promise<Result> {
  const result = await settled(Promise.resolve().then(work));
  if (!(result instanceof EksX509Error)) return result;
  if (result.hop !== "kubeconfig") throw result;
  throw problem(
    "SHARED_CONFIG_UNUSABLE",
    `${printable(path)} cannot be read or replaced: ${result.message}`,
    "Remove the cause, or name another file with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE. The file was not changed.",
  );
}

function update(
  root: Ports,
  path: string,
  log: Log,
  edit: (text: string | undefined) => EditedFile,
): Promise<EditedFile> {
  return reading(path, async () => (await (await root.kubeconfigs()).updateInTurn(path, edit, log)).edited);
}

function parsed(text: string | undefined, path: string): IniFile {
  const file = readIni(text ?? "");
  if (!(file instanceof IniProblem)) return file;
  throw problem(
    "SHARED_CONFIG_INVALID",
    `${printable(path)}, line ${file.line}: ${file.why}`,
    "The AWS CLI refuses the whole file. Correct the line. The file was not changed.",
  );
}

function sectionIn(file: IniFile, path: string, { profile }: Wanted, kind: FileKind): Section | undefined {
  const [section, ...others] = sectionsOf(file, profile, kind);
  if (kind === "config" && section && /^\s/.test(section.header))
    throw problem(
      "SHARED_CONFIG_HEADER",
      `${printable(path)}, line ${section.line + 1}: white space stands before the name in [${printable(section.header)}]`,
      `Write [${headerOf(profile)}]: the AWS CLI does not find the profile otherwise. The file was not changed.`,
    );
  if (others.length === 0) return section;
  throw problem(
    "SHARED_CONFIG_PROFILE_TWICE",
    `${printable(path)} has several sections of profile ${profile}, and SDKs differ in which they use`,
    "Merge them into one. The file was not changed.",
  );
}

interface EditedFile {
  text: string;
  isNew: boolean;
  warnings: readonly string[];
}

function editConfig(text: string | undefined, path: string, wanted: Wanted): EditedFile {
  const file = parsed(text, path);
  const section = sectionIn(file, path, wanted, "config");
  if (!section) {
    const added = withSection(file, wanted.profile, wanted.settings);
    return {
      text: checked(file, added, path, { ...wanted, header: headerOf(wanted.profile), removed: [] }),
      isNew: true,
      warnings: [],
    };
  }
  const others = otherSignIns(section, wanted.isOwn);
  refuseOthers(others, path, wanted);
  const edited = editedSection(file, section, wanted.settings, others);
  return {
    text: checked(file, edited, path, { ...wanted, header: section.header, removed: others }),
    isNew: false,
    warnings: headerWarnings(file, section, path, wanted),
  };
}

/** @returns how many settings the credentials file has for the profile */
function signInsInCredentials(text: string | undefined, path: string, wanted: Wanted): number {
  const section = sectionIn(parsed(text, path), path, wanted, "credentials");
  const others = section ? otherSignIns(section, wanted.isOwn) : [];
  refuseOthers(others, path, wanted);
  return others.length;
}

/** AWS SDKs and Tools reference, "Shared config and credentials files": the credentials file takes precedence. */
function regionWarnings(text: string | undefined, path: string, wanted: Wanted): string[] {
  const region = wanted.settings.find(({ key }) => key === "region")?.value;
  const found = sectionIn(parsed(text, path), path, wanted, "credentials")?.properties.find(
    ({ key }) => key === "region",
  );
  if (!found || region === undefined || found.value === region) return [];
  return [
    `${path}, line ${found.lines[0] + 1}: profile ${wanted.profile} has another region there, which the AWS CLI uses in place of ${region}. Remove the line.`,
  ];
}

function headerWarnings(file: IniFile, { line }: Section, path: string, { profile }: Wanted): string[] {
  if (isPlainHeader(file.lines[line] ?? "", profile)) return [];
  return [
    `${path}, line ${line + 1}: the AWS CLI finds profile ${profile} there, but not all SDKs do. Write [${headerOf(profile)}] alone on the line.`,
  ];
}

function withoutSignIn(text: string | undefined, path: string, wanted: Wanted): EditedFile {
  const file = parsed(text, path);
  const section = sectionIn(file, path, wanted, "credentials");
  const removed = section ? otherSignIns(section, wanted.isOwn) : [];
  if (!section || removed.length === 0) return { text: text ?? "", isNew: false, warnings: [] };
  const edited = editedSection(file, section, [], removed);
  return {
    text: checked(file, edited, path, { settings: [], header: section.header, removed }),
    isNew: false,
    warnings: [],
  };
}

/** Values are not repeated: keys are among them. */
function refuseOthers(others: readonly Property[], path: string, { profile, replaces }: Wanted): void {
  if (others.length === 0 || replaces) return;
  throw problem(
    "SHARED_CONFIG_SIGNS_IN_OTHERWISE",
    `profile ${profile} signs in with ${others.map(({ key }) => key).join(", ")} in ${printable(path)}`,
    "Choose another --profile, or give --replace, which removes these settings. The file was not changed.",
  );
}

function checked(
  before: IniFile,
  text: string,
  path: string,
  {
    header,
    settings,
    removed,
  }: { header: string; settings: readonly Setting[]; removed: readonly Property[] },
): string {
  const after = readIni(text);
  if (!(after instanceof IniProblem) && isAsWanted(before, after, header, { settings, removed })) return text;
  throw problem(
    "SHARED_CONFIG_LAYOUT",
    `the profile in ${printable(path)} is laid out so that it cannot be changed without changing other settings`,
    "Write the profile's settings without white space before them, one a line. The file was not changed.",
  );
}
