import { isJsonObject, type JsonObject } from "./json.ts";
import { protobufBody } from "./protobuf.ts";
import { badRequest, unsupportedMediaType } from "./status.ts";

/** Reads a body in both encodings that kubectl sends. */
export function decodedBody(body: Buffer, contentType: string): JsonObject {
  switch (mediaType(contentType)) {
    case "":
    case "application/json":
      return parseObject(body.toString("utf8"));
    case "application/vnd.kubernetes.protobuf":
      return protobufBody(body);
    default:
      throw unsupportedMediaType(["application/json", "application/vnd.kubernetes.protobuf"]);
  }
}

/** The media type without parameters. */
export const mediaType = (contentType: string) => (contentType.split(";")[0] ?? "").trim().toLowerCase();

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw badRequest("the object provided is unrecognized: not a JSON object");
  return value;
}

export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // The parser's own message would quote the body.
    throw badRequest("the object provided is unrecognized: couldn't get version/kind; json parse error");
  }
}
