/** mapAccounts that holds the account, and not as 12 digits of a list. */
import type { CallerIdentity } from "../caller-identity.ts";
import type { Accounts } from "./aws-auth.ts";
import { brokenYaml, placeOfProblem } from "./broken-list.ts";
import { Certainty, type Cause } from "./cause.ts";
import { quoted } from "./place.ts";

export function accountCauses(accounts: Accounts | undefined, identity: CallerIdentity): Cause[] {
  const cause = accounts && accountCause(accounts, identity);
  return cause ? [cause] : [];
}

function accountCause(accounts: Accounts, { account }: CallerIdentity): Cause | undefined {
  const line = accounts.text.split(/\r\n?|\n/).find((text) => namesAccount(text, account));
  if (line === undefined) return undefined;
  const certainty = Certainty.account;
  if (accounts.problem)
    return {
      ...brokenYaml("mapAccounts", accounts.problem, accounts.text),
      certainty,
      place: placeOfProblem("mapAccounts", accounts.problem),
    };
  if (accounts.kind === "list") return { ...accountForm(line, account), certainty, place: "mapAccounts" };
  return {
    code: "MAPPING_ACCOUNTS_NOT_A_LIST",
    why: "mapAccounts holds the account and is no list: none of it counts",
    hint: `Write it as a list: - "${account}".`,
    certainty,
    place: "mapAccounts",
  };
}

function accountForm(line: string, account: string): Pick<Cause, "code" | "why" | "hint"> {
  return {
    code: "MAPPING_ACCOUNT_FORM",
    why: `mapAccounts holds the account as ${quoted(line.trim())}, which is not its 12 digits alone`,
    hint: `Write - "${account}", with quotes: no hyphens, no ARN, no leading zero left out.`,
  };
}

/** With hyphens or spaces between the digits, as part of an ARN, or without its leading zeros. */
function namesAccount(line: string, account: string): boolean {
  if (/^\s*#/.test(line)) return false;
  const digits = line.replaceAll(/(?<=\d)[-_ ,.](?=\d)/g, "").match(/\d+/g) ?? [];
  return digits.some((run) => run === account || (run.length > 5 && run === account.replace(/^0+/, "")));
}
