/** The command over real files: what it writes, keeps and refuses. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { abandon } from "../../../cache/flight/abandoned.ts";
import { runHere } from "../../../e2e/in-process.ts";
import { options } from "../../../e2e/world.ts";
import { emptyHome } from "../../../e2e/sandbox-process.ts";

const program = "/opt/eks x509/bin/eks-x509";
const identity = [
  "certificate",
  "private-key",
  "intermediates",
  "trust-anchor-arn",
  "profile-arn",
  "role-arn",
] as const;
const flags = identity.map((name) => `--${name}=${options[name]}`);
const line = `credential_process = '${program}' credential-process ${flags.join(" ")}`;

let home: string;
let env: Record<string, string>;
beforeEach(() => {
  home = emptyHome();
  env = { HOME: home };
});

const path = (name = "config"): string => join(home, ".aws", name);
const read = (name?: string): string => readFileSync(path(name), "utf8");
function put(text: string, name = "config", mode = 0o600): void {
  mkdirSync(join(home, ".aws"), { recursive: true });
  writeFileSync(path(name), text);
  chmodSync(path(name), mode);
}
const update = (...args: string[]) =>
  runHere({ args: ["update-aws-config", ...flags, ...args], env, program, cwd: home });

describe("update-aws-config", () => {
  it("makes the file, private to its owner", async () => {
    expect(await update("--profile=dev", "--region=eu-west-1")).toEqual({
      code: 0,
      stdout: `Added profile dev to ${path()}\n`,
      stderr: "",
    });
    expect(read()).toBe(`[profile dev]\n${line}\nregion = eu-west-1\n`);
    expect([statSync(path()).mode & 0o777, statSync(join(home, ".aws")).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(existsSync(path("credentials"))).toBe(false);
  });

  it("keeps comments, other settings, other profiles, line ends, mode and links", async () => {
    const before = [
      "# mine",
      "[default]",
      "region = us-east-1",
      "",
      "[profile dev]",
      "; of dev",
      "region = us-west-2",
      "s3 =",
      "  max_concurrent_requests = 20",
      "",
      "# of prod",
      "[profile prod]",
      "role_arn = arn:aws:iam::1:role/a",
      "source_profile = default",
    ].join("\r\n");
    put(before, "real", 0o640);
    symlinkSync("real", path());
    expect(await update("--profile=dev")).toMatchObject({
      code: 0,
      stdout: `Updated profile dev in ${path()}\n`,
    });
    expect(read("real")).toBe(before.replace("requests = 20\r\n", `requests = 20\r\n${line}\r\n`));
    expect(statSync(path("real")).mode & 0o777).toBe(0o640);
    expect(lstatSync(path()).isSymbolicLink()).toBe(true);
  });

  it("changes its own line for the same role, and writes nothing twice", async () => {
    await update("--profile=default", "--session-duration=7200");
    expect(read()).toContain("[default]\ncredential_process");
    await update("--profile=default");
    expect(read()).toBe(`[default]\n${line}\n`);
    const { mtimeMs, ino } = statSync(path());
    expect(await update("--profile=default")).toMatchObject({ code: 0 });
    expect(statSync(path())).toMatchObject({ mtimeMs, ino });
  });

  it.each(["eks-x509", "/usr/bin/kubectl-eks_x509", String.raw`'C:\Program Files\eks-x509\eks-x509.exe'`])(
    "changes the line of %s, which is this program",
    async (own) => {
      put(`[default]\ncredential_process = ${own} credential-process ${flags.join(" ")}\n`);
      expect(await update("--profile=default")).toMatchObject({ code: 0, stderr: "" });
      expect(read()).toBe(`[default]\n${line}\n`);
    },
  );

  it.each([
    [
      "[profile dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n",
      "aws_access_key_id, aws_secret_access_key",
    ],
    ["[profile dev]\nsso_session = a\nsso_account_id = 1\nsso_role_name = r\n", "sso_session"],
    [
      "[profile dev]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = default\n",
      "role_arn, source_profile",
    ],
    [
      "[profile dev]\nrole_arn = arn:aws:iam::1:role/a\nweb_identity_token_file = /t\n",
      "web_identity_token_file",
    ],
    ["[profile dev]\nlogin_session = arn:aws:iam::1:user/a\n", "login_session"],
    [
      "[profile dev]\ncredential_process = aws_signing_helper credential-process --role-arn x\n",
      "credential_process",
    ],
    [
      "[profile dev]\ncredential_process = eks-x509 credential-process --role-arn=arn:aws:iam::1:role/b\n",
      "credential_process",
    ],
  ])("refuses a profile that signs in otherwise, unless --replace: %j", async (text, keys) => {
    put(`${text}output = json # kept\n`);
    const { code, stdout, stderr } = await update("--profile=dev");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("SHARED_CONFIG_SIGNS_IN_OTHERWISE");
    expect(stderr).toContain(keys);
    expect(stderr).not.toContain("AKIA");
    expect(read()).toBe(`${text}output = json # kept\n`);
    expect(await update("--profile=dev", "--replace")).toMatchObject({ code: 0, stderr: "" });
    expect(read().split("\n").sort()).toEqual(["", "[profile dev]", line, "output = json # kept"].sort());
  });

  it("refuses keys in the credentials file, which would win, and removes them with --replace", async () => {
    const credentials =
      "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n# mine\naws_secret_access_key = x\nregion = a\n[other]\naws_access_key_id = B\n";
    put(credentials, "credentials");
    expect(await update("--profile=dev")).toMatchObject({ code: 2, stdout: "" });
    expect(existsSync(path())).toBe(false);
    expect(await update("--profile=dev", "--replace")).toMatchObject({ code: 0 });
    expect(read("credentials")).toBe("[dev]\n# mine\nregion = a\n[other]\naws_access_key_id = B\n");
    expect(read()).toContain(line);
  });

  it("reads AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE", async () => {
    env = { ...env, AWS_CONFIG_FILE: "~/own/config", AWS_SHARED_CREDENTIALS_FILE: join(home, "keys") };
    writeFileSync(join(home, "keys"), "[dev]\naws_access_key_id = A\n");
    expect((await update("--profile=dev")).stderr).toContain(join(home, "keys"));
    expect(await update("--profile=other")).toMatchObject({ code: 0 });
    expect(readFileSync(join(home, "own", "config"), "utf8")).toContain("[profile other]");
  });

  it("writes the file that the AWS CLI reads where its path has variables", async () => {
    env = {
      ...env,
      PLACE: "~/of",
      AWS_CONFIG_FILE: "$PLACE/${PLACE}",
      AWS_SHARED_CREDENTIALS_FILE: "$NONE/a",
    };
    expect((await update("--profile=dev")).stdout).toContain(join(home, "of", "~", "of"));
    expect(existsSync(join(home, "$PLACE"))).toBe(false);
  });

  it.each(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])(
    "refuses %s in the home of a user by name, which only some SDKs find",
    async (variable) => {
      env = { ...env, [variable]: "~root/config" };
      const { code, stderr } = await update("--profile=dev");
      expect(code).toBe(2);
      expect(stderr).toContain(`${variable} ("~root/config") begins with the name of a user`);
      expect(existsSync(join(home, "~root"))).toBe(false);
    },
  );

  it("warns of another region in the credentials file, which the AWS CLI prefers", async () => {
    put("[dev]\nregion = us-east-1\n", "credentials");
    const { code, stderr } = await update("--profile=dev", "--region=eu-west-1");
    expect(code).toBe(0);
    expect(stderr).toContain(`${path("credentials")}, line 2: profile dev has another region there`);
    for (const flags of [[], ["--region=us-east-1"]])
      expect((await update("--profile=dev", ...flags)).stderr).toBe("");
  });

  it.each([
    ["nothing\n", "SHARED_CONFIG_INVALID"],
    ["[default]\n[profile default]\n", "SHARED_CONFIG_PROFILE_TWICE"],
    ["[ default]\nregion = us-west-2\n", "SHARED_CONFIG_HEADER"],
    ["[\tprofile default ]\n", "SHARED_CONFIG_HEADER"],
    ["\ufeff[default]\nregion = us-west-2\n", "SHARED_CONFIG_INVALID"],
    ["\ufeff# mine\n[other]\n", "SHARED_CONFIG_INVALID"],
  ])("refuses a file that SDKs do not read alike: %j", async (text, code) => {
    put(text);
    const outcome = await update("--profile=default");
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain(code);
    expect(read()).toBe(text);
  });

  it.each([
    ['[profile "default"]', true],
    ["[profile 'default']", true],
    ["[profile   default ]", true],
    ["[profile default]; mine", true],
    ["[default] mine", true],
    ["  [default]", true],
    ["[default] # mine", false],
    ["[profile\tdefault]\t", false],
  ])("warns of a header that some SDKs do not find: %s", async (header, warns) => {
    put(`${header}\nregion = us-west-2\n`);
    const { code, stderr } = await update("--profile=default");
    expect(code).toBe(0);
    expect(stderr).toBe(
      warns
        ? `eks-x509: warning: ${path()}, line 1: the AWS CLI finds profile default there, but not all SDKs do. Write [default] alone on the line.\n`
        : "",
    );
    expect(await update("--profile=default", "--dry-run")).toMatchObject({ code: 0, stderr });
  });

  it.each(["  region = us-west-2", "\ts3 =\n\t\taddressing_style = path", "  s3 =\n    a = 1\n    # c"])(
    "writes a new setting without the white space of others, which JavaScript and Go read differently: %j",
    async (settings) => {
      put(`[profile dev]\n${settings}\n`);
      expect(await update("--profile=dev")).toMatchObject({ code: 0, stderr: "" });
      expect(read().split("\n")).toContain(line);
    },
  );

  it("takes an empty credential_process, and its own written by hand, for no other sign-in", async () => {
    for (const value of ["", `eks-x509 credential-process ${flags.join(" ").replaceAll("=", " ")} --debug`]) {
      put(`[profile dev]\ncredential_process = ${value}\n`);
      expect(await update("--profile=dev")).toMatchObject({ code: 0, stderr: "" });
      expect(read()).toBe(`[profile dev]\n${line}\n`);
    }
  });

  it("reads no credentials file where /dev/null is named", async () => {
    symlinkSync("/dev/null", join(home, "linked"));
    for (const AWS_SHARED_CREDENTIALS_FILE of ["/dev/null", "~/linked"]) {
      env = { ...env, AWS_SHARED_CREDENTIALS_FILE };
      expect(await update("--profile=dev", "--replace")).toMatchObject({ code: 0, stderr: "" });
    }
  });

  it("keeps its setting where one file is config and credentials file", async () => {
    env = { ...env, AWS_SHARED_CREDENTIALS_FILE: "~/.aws/config" };
    put("[default]\naws_access_key_id = A\n");
    expect((await update("--profile=default")).stderr).toContain("SHARED_CONFIG_SIGNS_IN_OTHERWISE");
    for (const flag of ["--replace", "--verbose=false", "--replace"]) {
      expect(await update("--profile=default", flag)).toMatchObject({ code: 0, stderr: "" });
      expect(read()).toBe(`[default]\n${line}\n`);
    }
  });

  it("names what the disk refuses in words of its own", async () => {
    mkdirSync(path(), { recursive: true });
    const { code, stderr } = await update("--profile=dev");
    expect(code).toBe(2);
    expect(stderr).toContain("is a folder (SHARED_CONFIG_UNUSABLE)");
    expect(stderr).toContain("Remove the cause, or name another file with AWS_CONFIG_FILE");
    expect(stderr).not.toMatch(/kubeconfig/i);
  });

  it("loses no profile of a crowd, whoever was killed before", async () => {
    put("[default]\nregion = us-east-1\n");
    // Those of a killed process: of client-go's form, and the project's own.
    writeFileSync(`${path()}.lock`, "");
    const runtime = join(home, "run");
    const names = Array.from({ length: 12 }, (_, number) => `p${number}`);
    env = { HOME: home, XDG_RUNTIME_DIR: runtime };
    mkdirSync(runtime, { mode: 0o700 });
    mkdirSync(join(runtime, "eks-x509"), { mode: 0o700 });
    const place = createHash("sha256").update(path()).digest("hex").slice(0, 24);
    await abandon(join(runtime, "eks-x509"), place);
    symlinkSync(".aws", join(home, "linked"));
    const outcomes = await Promise.all(
      names.map((name, number) => {
        if (number % 2) env = { ...env, AWS_CONFIG_FILE: join(home, "linked", "config") };
        return update(`--profile=${name}`);
      }),
    );
    expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      names.map(() => ({ code: 0, stderr: "" })),
    );
    for (const name of names) expect(read()).toContain(`[profile ${name}]\n${line}\n`);
    expect(readdirSync(join(home, ".aws")).sort()).toEqual(["config", "config.lock"]);
  });

  it.each([
    [["--profile=a b"], "PROFILE_INVALID"],
    [["--profile=x]"], "PROFILE_INVALID"],
    [[], "PROFILE_MISSING"],
    [["--profile=dev", "--region=here"], "REGION_INVALID"],
    [["--profile=dev", "--command=/usr/bin/node"], "EXEC_COMMAND_INVALID"],
    [["--profile=dev", "--certificate=/no/such.pem"], "FILE_MISSING"],
    [["--profile=dev", "--session-duration=1"], "SESSION_DURATION_INVALID"],
  ])("refuses %j", async (args, code) => {
    const outcome = await update(...args);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toContain(code);
    expect(existsSync(path())).toBe(false);
  });

  it("prints the profile and writes nothing with --dry-run", async () => {
    put("[default]\naws_secret_access_key = hidden\n");
    const { code, stdout } = await update("--profile=dev", "--dry-run");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `[profile dev]\n${line}\n` });
    expect(read()).toBe("[default]\naws_secret_access_key = hidden\n");
  });

  it("writes the second role, and refuses another one", async () => {
    const second = (account: string) => `--assume-role-arn=arn:aws:iam::${account}:role/deployer`;
    expect(await update("--profile=dev", second("444455556666"), "--external-id=a:b")).toMatchObject({
      code: 0,
    });
    expect(read()).toContain(`${second("444455556666")} --external-id=a:b\n`);
    expect((await update("--profile=dev", second("777755556666"))).stderr).toContain(
      "SHARED_CONFIG_SIGNS_IN_OTHERWISE",
    );
    expect((await update("--profile=dev")).stderr).toContain("SHARED_CONFIG_SIGNS_IN_OTHERWISE");
  });
});
