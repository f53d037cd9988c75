/** A kubeconfig's entries: clusters, users and contexts, each with its file. Paths in them are absolute. */
import type { posix } from "node:path";
import type { Fields } from "./fields.ts";

export type Cluster = ReturnType<typeof cluster>;
export type User = ReturnType<typeof user>;
export type Context = ReturnType<typeof context>;
/** The user that kubectl impersonates with this user's rights. */
export type Impersonation = ReturnType<typeof impersonation>;
export type ExecFields = ReturnType<typeof execFields>;
/** A file's content, or the path of a file. client-go refuses both together. */
export type Material = ReturnType<typeof material>;

/** The place of an entry, and the base of its relative paths. */
export interface Origin {
  file: string;
  /** Absolute. */
  folder: string;
  rules: typeof posix;
}

export function cluster(name: string, fields: Fields, origin: Origin) {
  return {
    name,
    file: origin.file,
    server: fields.text("server"),
    tlsServerName: fields.text("tls-server-name"),
    insecureSkipTlsVerify: fields.flag("insecure-skip-tls-verify"),
    certificateAuthority: material(fields, "certificate-authority", origin),
    proxyUrl: fields.text("proxy-url"),
    disableCompression: fields.flag("disable-compression"),
    execConfig: jsonValue(fields.extensions().get("client.authentication.k8s.io/exec")),
  };
}

/** The token, the key, the password and values of exec.env are secrets. */
export function user(name: string, fields: Fields, origin: Origin) {
  fields.extensions();
  return {
    name,
    file: origin.file,
    exec: fields.has("exec") ? atItsPlace(execFields(fields.fields("exec")), origin) : undefined,
    token: fields.text("token"),
    tokenFile: absolute(fields.text("tokenFile"), origin),
    clientCertificate: material(fields, "client-certificate", origin),
    clientKey: material(fields, "client-key", origin),
    username: fields.text("username"),
    password: fields.text("password"),
    authProvider: fields.has("auth-provider") ? authProvider(fields.fields("auth-provider")) : undefined,
    impersonate: impersonation(fields),
  };
}

export function context(name: string, fields: Fields, { file }: Origin) {
  fields.extensions();
  return {
    name,
    file,
    cluster: fields.text("cluster"),
    user: fields.text("user"),
    namespace: fields.text("namespace"),
  };
}

function execFields(fields: Fields) {
  return {
    command: fields.text("command"),
    args: fields.texts("args"),
    env: fields.list("env").map((item) => ({ name: item.text("name"), value: item.text("value") })),
    apiVersion: fields.text("apiVersion"),
    installHint: fields.text("installHint"),
    provideClusterInfo: fields.flag("provideClusterInfo"),
    interactiveMode: fields.text("interactiveMode"),
  };
}

function authProvider(fields: Fields): string {
  const config = fields.fields("config");
  for (const name of config.names()) config.text(name);
  return fields.text("name");
}

function impersonation(fields: Fields) {
  const extra = fields.fields("as-user-extra");
  return {
    user: fields.text("as"),
    uid: fields.text("as-uid"),
    groups: fields.texts("as-groups"),
    extra: extra.names().map((name) => [name, extra.texts(name)] as const),
  };
}

function material(fields: Fields, name: string, origin: Origin) {
  return { path: absolute(fields.text(name), origin), data: fields.bytes(`${name}-data`) };
}

export function isGiven({ path, data }: Material): boolean {
  return path !== "" || data.length > 0;
}

export function isTwice({ path, data }: Material): boolean {
  return path !== "" && data.length > 0;
}

/** Large integers lose digits as a number. JSON.stringify writes only numbers. */
function jsonValue(value: unknown): unknown {
  if (value === undefined) return undefined;
  const parsed: unknown = JSON.parse(
    JSON.stringify(value, (_key, member: unknown) => (typeof member === "bigint" ? Number(member) : member)),
  );
  return parsed;
}

/** A command without a separator is looked up on PATH. Any other starts at the folder of the kubeconfig. */
function atItsPlace({ command, ...exec }: ExecFields, origin: Origin): ExecFields {
  return { ...exec, command: command.includes(origin.rules.sep) ? absolute(command, origin) : command };
}

function absolute(path: string, { folder, rules }: Origin): string {
  return path === "" || rules.isAbsolute(path) ? path : rules.join(folder, path);
}
