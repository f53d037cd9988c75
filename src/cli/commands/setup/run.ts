/** Runs `eks-x509 setup`. */
import { usageError } from "../../../foundation/errors.ts";
import type { Ports } from "../../../sign-in/ports.ts";
import { longestTrustPolicy, trustPolicySize } from "../../../aws/iam/trust-policy-size.ts";
import { refusal, readCertificateFiles } from "../../../identity/identity.ts";
import { inspect } from "../../../identity/inspection.ts";
import { trustProblems } from "../../../identity/fitness/trust.ts";
import { plannedFiles } from "../../../setup/files.ts";
import { formats, mark, type Plan, type PlannedFile } from "../../../setup/plan.ts";
import { trustDocument } from "../../../setup/trust-document.ts";
import { judgeByPolicy } from "../../../trust-policy/admission.ts";
import { DocumentProblem } from "../../../trust-policy/json-text.ts";
import { trustPolicyIn } from "../../../trust-policy/policy.ts";
import type { CommandPorts, Flags } from "../../command.ts";
import { setUpInput, type SetUpInput } from "./input.ts";

/** @returns 0 */
export async function runSetup(flags: Flags, root: CommandPorts): Promise<number> {
  const input = await setUpInput(flags, root);
  const trust = rehearsedTrust(input.plan);
  checkPolicySize(trust);
  await checkCertificate(flags, input, trust, root);
  const format = formats.find((each) => each === flags.text("format")) ?? "cli";
  const files = plannedFiles(input.plan, format);
  await written(files, flags.text("output-folder"), root);
  return 0;
}

async function written(
  files: readonly [PlannedFile, ...PlannedFile[]],
  folder: string | undefined,
  { streams, writeFolder }: CommandPorts,
): Promise<void> {
  if (folder === undefined) {
    await streams.stdout(files[0].content);
    return;
  }
  await writeFolder(folder, files, mark);
  await streams.stdout(`${files.map(({ name }) => `${folder.replace(/\/$/, "")}/${name}`).join("\n")}\n`);
}

async function checkCertificate(
  flags: Flags,
  { authorities }: SetUpInput,
  { document, trustAnchorArn }: RehearsedTrust,
  { readFile, clock }: Pick<Ports, "readFile" | "clock">,
): Promise<void> {
  const [path, more] = [flags.text("certificate"), flags.text("intermediates")];
  if (path === undefined) return;
  const read = (file: string, given: string) =>
    readFile(file, { given, hop: "configuration", category: "usage" });
  const given = readCertificateFiles({
    certificate: await read(path, "--certificate"),
    intermediates: more === undefined ? undefined : await read(more, "--intermediates"),
  });
  const now = clock();
  const { problems, session, identity } = inspect(given, undefined, now);
  const [problem] = problems;
  if (problem) throw problem;
  const { leaf, chain } = identity;
  if (authorities.length > 0) {
    const found = trustProblems({ leaf, intermediates: chain, anchors: authorities, at: now });
    if (!found)
      throw refused(
        given.file,
        "no path leads from it to the CA of --ca",
        "Give the CA that issued it, or its --intermediates.",
      );
    const [first] = found;
    if (first) throw refusal(first);
  }
  const policy = trustPolicyIn(document);
  if (policy instanceof DocumentProblem) throw new TypeError(policy.why);
  const { verdict, reasons } = judgeByPolicy({ policy }, { session }, { trustAnchorArn }, undefined, now);
  if (verdict === "allowed") return;
  throw refused(given.file, reasons.join("; "), "Change --allow, or use another certificate.");
}

/** The trust policy, with texts of the right length for what the set-up creates. */
interface RehearsedTrust {
  document: object;
  trustAnchorArn: string;
}

function rehearsedTrust(plan: Plan): RehearsedTrust {
  const { name, partition } = plan.region;
  const account = "000000000000";
  const id = "00000000-0000-0000-0000-000000000000";
  const trustAnchorArn = `arn:${partition.name}:rolesanywhere:${name}:${account}:trust-anchor/${id}`;
  return { document: trustDocument(plan, { trustAnchorArn, account }), trustAnchorArn };
}

function checkPolicySize({ document }: RehearsedTrust): void {
  const size = trustPolicySize(JSON.stringify(document));
  if (size <= longestTrustPolicy) return;
  throw usageError(
    "SETUP_ALLOW_INVALID",
    `the values of --allow make a trust policy of ${size} characters, more than the ${longestTrustPolicy} of a role`,
    "Use a wildcard, or an attribute that the certificates share.",
  );
}

function refused(file: string, why: string, hint: string) {
  return usageError("SETUP_CERTIFICATE_REFUSED", `${file} (--certificate) would not be let in: ${why}`, hint);
}
