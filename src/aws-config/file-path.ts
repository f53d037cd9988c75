/** The value of AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE, whose variables the AWS CLI replaces. botocore/configloader.py. */
import type { Environment } from "../foundation/ports.ts";

/** As Python's os.path.expandvars(): a variable that is not set stays. */
export function withVariables(path: string, env: Environment, platform: NodeJS.Platform): string {
  const variable = platform === "win32" ? /\$(\w+)|\$\{([^}]*)\}|%([^%]*)%/g : /\$(\w+)|\$\{([^}]*)\}/g;
  return path.replace(
    variable,
    (text, plain?: string, braced?: string, percent?: string) =>
      env[plain ?? braced ?? percent ?? ""] ?? text,
  );
}

/** `~user/config`: the AWS CLI looks the user up, and other SDKs do not. */
export function isInOtherHome(path: string): boolean {
  return /^~[^/\\]/.test(path);
}
