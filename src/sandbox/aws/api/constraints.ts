/** Checks an input against its shape, with the words in which AWS's services answer. */
import { type JsonObject, isJsonObject, isList } from "../../json-value.ts";
import { type ApiModel, type Shape, shapeOf } from "./model.ts";
import { violation } from "./violation.ts";

/** @returns a sentence for each member that is missing, of another type or out of bounds; none if the input is valid */
export function violations(model: ApiModel, input: JsonObject, shapeName: string): string[] {
  return structure({ model, path: "" }, input, shapeOf(model, shapeName));
}

interface Place {
  model: ApiModel;
  /** `notificationSettings.1.member.threshold`. */
  path: string;
}

function structure(place: Place, value: JsonObject, { members = {}, required = [] }: Shape): string[] {
  return Object.entries(members).flatMap(([name, { shape }]) => {
    const inner = {
      ...place,
      path: place.path === "" ? lowerFirst(name) : `${place.path}.${lowerFirst(name)}`,
    };
    const member = value[name];
    if (member !== undefined && member !== null) return check(inner, member, shapeOf(place.model, shape));
    return required.includes(name) ? [sentence(inner, "null", "Member must not be null")] : [];
  });
}

function check(place: Place, value: unknown, shape: Shape): string[] {
  if (shape.type === "structure")
    return isJsonObject(value) ? structure(place, value, shape) : [wrongType(place, "an object")];
  if (shape.type === "list") return isList(value) ? list(place, value, shape) : [wrongType(place, "a list")];
  if (shape.type === "map")
    return isJsonObject(value) ? map(place, value, shape) : [wrongType(place, "an object")];
  return scalar(place, value, shape);
}

function list(place: Place, values: readonly unknown[], shape: Shape): string[] {
  const items = shapeOf(place.model, shape.member ?? "");
  return [
    ...lengthOf(place, `[${values.map(shown).join(", ")}]`, values.length, shape),
    ...values.flatMap((value, index) =>
      check({ ...place, path: `${place.path}.${index + 1}.member` }, value, items),
    ),
  ];
}

function map(place: Place, value: JsonObject, shape: Shape): string[] {
  const key = shapeOf(place.model, shape.key ?? "");
  const inner = shapeOf(place.model, shape.value ?? "");
  return Object.entries(value).flatMap(([name, each]) => [
    ...scalar(place, name, key),
    ...check({ ...place, path: `${place.path}.${name}.member` }, each, inner),
  ]);
}

function scalar(place: Place, value: unknown, shape: Shape): string[] {
  if (shape.type === "boolean") return typeof value === "boolean" ? [] : [wrongType(place, "a boolean")];
  if (shape.type === "integer" || shape.type === "long") return number(place, value, shape);
  if (typeof value !== "string") return [wrongType(place, "a string")];
  return shape.type === "blob" ? blob(place, value) : text(place, value, shape);
}

function number(place: Place, value: unknown, { min = -Infinity, max = Infinity }: Shape): string[] {
  if (typeof value !== "number" || !Number.isInteger(value)) return [wrongType(place, "an integer")];
  if (value < min)
    return [sentence(place, shown(value), `Member must have value greater than or equal to ${min}`)];
  if (value > max)
    return [sentence(place, shown(value), `Member must have value less than or equal to ${max}`)];
  return [];
}

function blob(place: Place, value: string): string[] {
  return Buffer.from(value, "base64").toString("base64") === value ? [] : [wrongType(place, "base64")];
}

function text(place: Place, value: string, shape: Shape): string[] {
  const faults = lengthOf(place, shown(value), value.length, shape);
  if (shape.enum && !shape.enum.includes(value)) {
    faults.push(
      sentence(place, shown(value), `Member must satisfy enum value set: [${shape.enum.join(", ")}]`),
    );
  }
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(value)) {
    const constraint = `Member must satisfy regular expression pattern: ${shape.pattern}`;
    faults.push(sentence(place, shown(value), constraint));
  }
  return faults;
}

function lengthOf(place: Place, value: string, length: number, { min = 0, max = Infinity }: Shape): string[] {
  if (length < min)
    return [sentence(place, value, `Member must have length greater than or equal to ${min}`)];
  return length > max ? [sentence(place, value, `Member must have length less than or equal to ${max}`)] : [];
}

function wrongType(place: Place, type: string): string {
  return sentence(place, "of another type", `Member must be ${type}`);
}

function sentence({ path }: Place, value: string, constraint: string): string {
  return violation(path, value, constraint);
}

function shown(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
