import type { JsonObject } from "./json.ts";
import type { Status } from "./status.ts";

/** A response before it is sent. The body of a watch follows after its verdict. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Promise<string>;
  /** The reason of a refusal; empty otherwise. */
  readonly why: string;
}

const json = "application/json";

export const jsonAnswer = (status: number, body: JsonObject | Status): Answer => ({
  status,
  contentType: json,
  body: `${JSON.stringify(body)}\n`,
  why: "",
});

export const textAnswer = (status: number, body: string): Answer => ({
  status,
  contentType: "text/plain; charset=utf-8",
  body,
  why: status < 400 ? "" : body,
});

export const noSuchPath = () => textAnswer(404, "404 page not found\n");
