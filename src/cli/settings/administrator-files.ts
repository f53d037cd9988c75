/** What an administrator can read in AWS and pass as files: a role's trust policy, a profile, and revocation lists. */
import { parseJson, isObject } from "../../foundation/json.ts";
import { usageError, type EksX509Error } from "../../foundation/errors.ts";
import type { NamedBytes, ReadFile } from "../../foundation/ports.ts";
import { shown } from "../../foundation/shown.ts";
import { readCrls, type Crl } from "../../identity/fitness/crl.ts";
import { addressIn } from "../../trust-policy/comparisons.ts";
import { DocumentProblem } from "../../trust-policy/json-text.ts";
import { profileIn, type Profile } from "../../trust-policy/profile.ts";
import { roleFileIn, type RoleFile } from "../../trust-policy/role-file.ts";

export interface AdministratorPaths {
  trustPolicy: string | undefined;
  profile: string | undefined;
  crls: readonly string[];
}

/** Each undefined if no file of its kind is given. */
export interface AdministratorFiles {
  role: RoleFile | undefined;
  profile: Profile | undefined;
  crls: readonly Crl[] | undefined;
}

export async function readAdministratorFiles(
  { trustPolicy, profile, crls }: AdministratorPaths,
  readFile: ReadFile,
): Promise<AdministratorFiles> {
  const lists = await Promise.all(crls.map((path) => readCrlFile(path, readFile)));
  return {
    role: trustPolicy === undefined ? undefined : await readRoleFile(trustPolicy, readFile),
    profile: profile === undefined ? undefined : await readProfile(profile, readFile),
    crls: lists.length === 0 ? undefined : lists.flat(),
  };
}

/** @throws EksX509Error TRUST_POLICY_INVALID, and those of an unreadable file */
export async function readRoleFile(path: string, readFile: ReadFile): Promise<RoleFile> {
  const { name, text } = await textIn(path, "--trust-policy", readFile);
  const file = roleFileIn(text);
  if (!(file instanceof DocumentProblem)) return file;
  throw usageError(
    "TRUST_POLICY_INVALID",
    `${name} (--trust-policy) ${file.why}`,
    "Use a policy document in JSON, or the output of: aws iam get-role --role-name NAME",
  );
}

/** @throws EksX509Error PROFILE_FILE_INVALID, and those of an unreadable file */
async function readProfile(path: string, readFile: ReadFile): Promise<Profile> {
  const { name, text } = await textIn(path, "--profile", readFile);
  const profile = profileIn(text);
  if (!(profile instanceof DocumentProblem)) return profile;
  throw usageError(
    "PROFILE_FILE_INVALID",
    `${name} (--profile) ${profile.why}`,
    "Use the output of: aws rolesanywhere get-profile --profile-id ID",
  );
}

/** @throws EksX509Error CRL_INVALID, and those of an unreadable file */
async function readCrlFile(path: string, readFile: ReadFile): Promise<readonly Crl[]> {
  const file = await readFile(path, { given: "--crl", hop: "configuration", category: "usage" });
  const inner = importedCrl(file);
  if (inner?.isEnabled === false) return [];
  const crls = readCrls(inner?.list ?? file);
  if (crls) return crls;
  throw invalidCrl(file.name);
}

/** The output of get-crl has the list in base64. One that is not enabled revokes nothing. */
function importedCrl({ name, bytes }: NamedBytes): { list: NamedBytes; isEnabled: boolean } | undefined {
  const value = parseJson(new TextDecoder().decode(bytes));
  const crl = isObject(value) && isObject(value["crl"]) ? value["crl"] : value;
  if (!isObject(crl)) return undefined;
  const { crlData: data, enabled } = crl;
  if (typeof data !== "string") throw invalidCrl(name);
  return { list: { name, bytes: Buffer.from(data, "base64") }, isEnabled: enabled !== false };
}

function invalidCrl(name: string): EksX509Error {
  return usageError(
    "CRL_INVALID",
    `${name} (--crl) is not a certificate revocation list`,
    "Use a list in PEM or DER, or the output of: aws rolesanywhere get-crl --crl-id ID",
  );
}

/** The role of --role-arn, or of the output of get-role. @throws EksX509Error ROLE_ARNS_DIFFER */
export function sameRole(said: string | undefined, ofFile: string | undefined): string | undefined {
  if (said === undefined || ofFile === undefined || said === ofFile) return said ?? ofFile;
  throw usageError(
    "ROLE_ARNS_DIFFER",
    `--trust-policy has the role ${ofFile}, and --role-arn is ${said}`,
    "Omit --role-arn, or use the trust policy of that role.",
  );
}

/** @throws EksX509Error SOURCE_IP_INVALID */
export function sourceIp(value: string): string {
  if (addressIn(value) !== undefined) return value;
  throw usageError(
    "SOURCE_IP_INVALID",
    `--source-ip ${shown(value)} is not an IP address`,
    "Give the address from which AWS sees the request, such as 203.0.113.7.",
  );
}

async function textIn(
  path: string,
  given: string,
  readFile: ReadFile,
): Promise<{ name: string; text: string }> {
  const { name, bytes } = await readFile(path, { given, hop: "configuration", category: "usage" });
  return { name, text: new TextDecoder().decode(bytes) };
}
