/** One of AWS's APIs: who calls, which operation, with which input; then the answer or the refusal in the API's protocol. */
import { randomUUID } from "node:crypto";
import type { Handler, WireRequest, WireResponse } from "../../wire.ts";
import type { JsonObject } from "../../json-value.ts";
import { Refusal, json } from "../refusal.ts";
import { type Service, type ServiceOptions, serviceHandler } from "../service.ts";
import type { Session } from "../sessions.ts";
import { authenticateHmac } from "../signature/hmac-authentication.ts";
import { parseParameters } from "../signature/parameters.ts";
import { malformedQuery } from "../signature/received-signature.ts";
import { apiCallRecord } from "../trail.ts";
import { detected } from "./violation.ts";
import { type XmlContent, xml } from "./xml.ts";
import { violations } from "./constraints.ts";
import { formInput, jsonInput, restInput, routed } from "./input.ts";
import { type ApiName, apiModel } from "./model.ts";

/** A call whose signature and input are valid. */
export interface Call {
  input: JsonObject;
  caller: Session;
  region: string;
  at: Date;
}

/** Undefined members are left out of the answer. */
export type Operation = (call: Call) => XmlContent | Promise<XmlContent>;

export interface Api {
  name: ApiName;
  operations: Readonly<Record<string, Operation>>;
  /** @throws {Refusal} if the caller must not call the operation */
  authorize: (operation: string, call: Call) => void;
}

/** What a request asks for, before the input is checked. */
interface Asked {
  operation: string;
  input: JsonObject;
}

/** The names that APIs with JSON have for the signature errors of STS and IAM. */
const jsonNames: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  IncompleteSignature: "IncompleteSignatureException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  InvalidClientTokenId: "UnrecognizedClientException",
  ExpiredToken: "ExpiredTokenException",
};

interface Protocol {
  /** For the log. */
  named: (request: WireRequest) => string;
  /** @throws {Refusal} for an unknown operation, or a body of another form */
  read: (request: WireRequest) => Asked;
  answer: (operation: string, output: XmlContent) => WireResponse;
  refusal: (refusal: Refusal) => WireResponse;
  /** The code of an invalid input. */
  invalid: string;
}

/** Answers every operation of the API that has an entry in `operations`. */
export function createApi(api: Api, { sessions, now, onEvent, onRecord }: ServiceOptions): Handler {
  const protocol = protocols[api.name];
  const service: Service = {
    event: (request) => ({ hop: api.name, what: protocol.named(request) }),
    accept: async (request) => {
      const at = now();
      const { session, region } = authenticateHmac({ request, service: api.name, sessions, now: at });
      const { operation, input } = protocol.read(request);
      const call = { input, caller: session, region, at };
      const output = await answerOf(api, operation, call);
      onRecord?.(apiCallRecord(request, { ...call, service: api.name, operation, output }));
      return { who: session.arn, response: protocol.answer(operation, output) };
    },
    refuse: (refusal) => ({
      who: "",
      why: `${refusal.code}: ${refusal.why}`,
      response: protocol.refusal(refusal),
    }),
  };
  return serviceHandler(service, onEvent);
}

function answerOf(api: Api, name: string, call: Call): XmlContent | Promise<XmlContent> {
  const operation = api.operations[name];
  if (!operation) throw unknownOperation(name);
  api.authorize(name, call);
  const model = apiModel(api.name);
  const input = model.operations[name]?.input;
  const faults = input === undefined ? [] : violations(model, call.input, input);
  if (faults.length === 0) return operation(call);
  throw new Refusal(400, protocols[api.name].invalid, detected(faults));
}

/** The code of AWS. The message is that of the sandbox, since AWS has the operation. */
function unknownOperation(name: string): Refusal {
  return new Refusal(404, "UnknownOperationException", `The sandbox does not implement ${name}.`);
}

/** REST with JSON: the operation is in the method and the path. */
function rest(name: ApiName, invalid: string): Protocol {
  const model = apiModel(name);
  return {
    named: ({ method, path }) => `${method} ${path}`,
    read: (request) => {
      const route = routed(model, request);
      if (!route) throw unknownOperation(`${request.method} ${request.path}`);
      const input = restInput(model, route, request);
      if (!input) throw new Refusal(400, "SerializationException", "The request body is not JSON.");
      return { operation: route.name, input };
    },
    answer: (operation, output) => json(model.operations[operation]?.status ?? 200, output),
    refusal: ({ status, code, message }) =>
      json(status, { message }, { "x-amzn-errortype": jsonNames[code] ?? code }),
    invalid,
  };
}

/** JSON with the operation in the header X-Amz-Target. */
function targeted(name: ApiName, prefix: string): Protocol {
  const { operations } = apiModel(name);
  const type = { "content-type": "application/x-amz-json-1.1" };
  return {
    named: ({ headers }) => (headers.get("x-amz-target") ?? "").split(".").at(-1) ?? "",
    read: (request) => {
      const [service, operation = ""] = (request.headers.get("x-amz-target") ?? "").split(".");
      const input = jsonInput(request);
      if (service !== prefix || !Object.hasOwn(operations, operation))
        throw new Refusal(400, "UnknownOperationException", "");
      if (!input) throw new Refusal(400, "SerializationException", "The request body is not JSON.");
      return { operation, input };
    },
    answer: (_operation, output) => json(200, output, type),
    refusal: ({ status, code, message }) =>
      json(status === 403 ? 400 : status, { __type: jsonNames[code] ?? code, message }, type),
    invalid: "ValidationException",
  };
}

/** A form with the operation in `Action`, and XML answers. */
function query(name: ApiName): Protocol {
  const model = apiModel(name);
  const namespace = `https://${name}.amazonaws.com/doc/${model.version}/`;
  const formOf = ({ rawQuery, body }: WireRequest) => parseParameters(`${rawQuery}&${body.toString("utf8")}`);
  return {
    named: (request) => formOf(request)?.find((each) => each.name === "Action")?.value ?? "",
    read: (request) => {
      const form = formOf(request);
      if (!form) throw malformedQuery();
      const operation = form.find((each) => each.name === "Action")?.value ?? "";
      const input = model.operations[operation]?.input;
      if (input === undefined) {
        const message = `Could not find operation ${operation} for version ${model.version}`;
        throw new Refusal(400, "InvalidAction", message);
      }
      return { operation, input: formInput(model, input, form) };
    },
    answer: (operation, output) =>
      xml(200, `${operation}Response`, namespace, {
        // The AWS CLI needs it of UpdateRole, although it is empty.
        [`${operation}Result`]: output,
        ResponseMetadata: { RequestId: randomUUID() },
      }),
    refusal: ({ status, code, message }) =>
      xml(status, "ErrorResponse", namespace, {
        Error: { Type: "Sender", Code: code, Message: message },
        RequestId: randomUUID(),
      }),
    invalid: "ValidationError",
  };
}

const protocols: Readonly<Record<ApiName, Protocol>> = {
  rolesanywhere: rest("rolesanywhere", "ValidationException"),
  eks: rest("eks", "InvalidParameterException"),
  "acm-pca": targeted("acm-pca", "ACMPrivateCA"),
  iam: query("iam"),
};
