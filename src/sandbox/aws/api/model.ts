/** What an AWS API accepts: its operations, their routes and their input, from the AWS CLI's own service models. */
import models from "./models.json" with { type: "json" };

export type ApiName = keyof typeof models;

export interface Member {
  shape: string;
  /** In the body if undefined. */
  location?: string;
  /** The name in the query or the path. */
  locationName?: string;
}

export interface Shape {
  type: string;
  /** Of a structure. */
  members?: Readonly<Record<string, Member>>;
  required?: readonly string[];
  /** Of a list. */
  member?: string;
  /** Of a map. */
  key?: string;
  value?: string;
  min?: number;
  max?: number;
  pattern?: string;
  enum?: readonly string[];
}

export interface OperationModel {
  method: string;
  /** A template: `/profile/{profileId}`. */
  uri: string;
  /** 200 if undefined. */
  status?: number;
  /** Name of the input's shape. */
  input?: string;
}

export interface ApiModel {
  /** `2010-05-08`. */
  version: string;
  operations: Readonly<Record<string, OperationModel>>;
  shapes: Readonly<Record<string, Shape>>;
}

const apiModels: Readonly<Record<ApiName, ApiModel>> = models;

export function apiModel(name: ApiName): ApiModel {
  return apiModels[name];
}

export function isApiName(name: string): name is ApiName {
  return Object.hasOwn(apiModels, name);
}

/** A shape of the model. Every name in the model has one. */
export function shapeOf({ shapes }: ApiModel, name: string): Shape {
  return shapes[name] ?? { type: "string" };
}
