/** What the run shows at its end, and what counts as a success. */

/** Signed in as the role's user, may list, and is told Forbidden as such: a request without a credential is forbidden too. */
export function verdict({ list, create, failed, leftOut }) {
  if (leftOut) return `left out: ${leftOut}`;
  if (failed) return `FAILED: ${failed}`;
  if (list.code !== 200 || !list.namespaces.includes("kube-system")) return `FAILED: list: ${saying(list)}`;
  const user = /User "(?!system:anonymous")[^"]+" cannot create/.test(create.message ?? "");
  if (create.code !== 403 || !create.forbidden || !user) return `FAILED: create: ${saying(create)}`;
  return "passed";
}

function saying({ code, message = "" }) {
  return [code || "no answer", message].join(" ").trim();
}

export function table(rows) {
  const cells = rows.map((row) => [
    row.client ?? row.name,
    row.side ?? "",
    row.form ?? "",
    row.list ? `${row.list.code || "-"}` : "",
    row.create ? `${row.create.code || "-"}${row.create.forbidden ? " Forbidden" : ""}` : "",
    verdict(row).split("\n")[0],
  ]);
  return columns([["client", "API side", "kubeconfig", "list", "create", "result"], ...cells]);
}

/** @param lines of cells, the first one with the headings */
export function columns(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
