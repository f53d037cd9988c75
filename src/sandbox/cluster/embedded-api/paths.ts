import { jsonAnswer, textAnswer, type Answer } from "./exchange/answer.ts";
import { discovery } from "./discovery.ts";
import { acceptedRanges } from "./exchange/negotiation.ts";
import { openApi } from "./openapi.ts";
import { version } from "./version.ts";

/** The paths that are not resources. */
export function pathAnswer(path: string, accept: string | undefined): Answer | undefined {
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  // https://kubernetes.io/docs/reference/using-api/health-checks/
  if (["/healthz", "/livez", "/readyz"].includes(trimmed)) return textAnswer(200, "ok");
  if (trimmed === "/version") return jsonAnswer(200, version);
  if (trimmed === "/") return jsonAnswer(200, { paths });
  if (trimmed === "/openapi/v2") return openApiV2(accept);
  const document = discovery(trimmed, accept);
  if (document !== undefined) return { ...jsonAnswer(200, document.body), contentType: document.contentType };
  const specification = openApi(trimmed);
  return specification === undefined ? undefined : jsonAnswer(200, specification);
}

/**
 * An empty document. kubectl 1.27 writes nothing without one and requires protobuf, in which an empty message has no
 * bytes. It finds no schema in it and leaves validation to the server.
 */
function openApiV2(accept: string | undefined): Answer {
  if (acceptedRanges(accept).some(({ type }) => type.startsWith("application/com.github.proto-openapi")))
    return {
      ...textAnswer(200, ""),
      contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    };
  return jsonAnswer(200, { swagger: "2.0", info: { title: "eks-x509 sandbox", version: "v1" }, paths: {} });
}

const paths = [
  "/api",
  "/api/v1",
  "/apis",
  "/healthz",
  "/livez",
  "/openapi/v2",
  "/openapi/v3",
  "/readyz",
  "/version",
];
