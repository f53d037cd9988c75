/** The XML answers of STS and IAM. */
import type { WireResponse } from "../../wire.ts";

/** The names and values of elements, in their order. A list has an element `member` for each item. Undefined and null are left out. */
export interface XmlContent {
  readonly [name: string]: XmlValue;
}

type XmlValue = string | number | boolean | null | undefined | readonly XmlValue[] | XmlContent;

export function xml(status: number, root: string, namespace: string, content: XmlContent): WireResponse {
  const body = `<${root} xmlns="${namespace}">${elements(content)}</${root}>\n`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

function elements(content: XmlContent): string {
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join("");
}

function element(name: string, value: XmlValue): string {
  if (value === undefined || value === null) return "";
  return `<${name}>${typeof value === "object" ? inner(value) : escaped(String(value))}</${name}>`;
}

function inner(value: readonly XmlValue[] | XmlContent): string {
  return isList(value) ? value.map((item) => element("member", item)).join("") : elements(value);
}

function isList(value: readonly XmlValue[] | XmlContent): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
