/** A user's aws-auth file to rehearse, in any of the forms that `token debug` reads. */
import { awsAuthIn } from "../../authenticator/mapping/aws-auth-file.ts";
import { EksX509Error } from "../../foundation/errors.ts";

const lists = ["mapRoles", "mapUsers", "mapAccounts"] as const;

/** The keys that `kube-system/aws-auth` can contain. Each value is YAML. */
export type AwsAuthLists = Partial<Record<(typeof lists)[number], string>>;

/** @throws {EksX509Error} if the file has another form. The authenticator judges the content of the lists. */
export function readAwsAuthFile(text: string): AwsAuthLists {
  const data = read(text);
  const content = lists.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]] as const]));
  if (content.length > 0) return Object.fromEntries(content);
  throw invalid("it contains none of mapRoles, mapUsers and mapAccounts", "The names are case-sensitive.");
}

function read(text: string): Readonly<Record<string, string>> {
  try {
    return awsAuthIn({ name: "the file", text });
  } catch (error) {
    if (!(error instanceof EksX509Error)) throw error;
    throw invalid(error.message, error.hint);
  }
}

function invalid(problem: string, hint: string): EksX509Error {
  const message = `the aws-auth file cannot be used: ${problem}`;
  return new EksX509Error({
    category: "usage",
    hop: "sandbox",
    code: "SANDBOX_AWS_AUTH_INVALID",
    message,
    hint,
  });
}
