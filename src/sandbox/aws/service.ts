/** How each of AWS's services answers a request, and logs it. */
import type { Handler, OnEvent, WireEvent, WireRequest, WireResponse } from "../wire.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";
import type { OnRecord } from "./trail.ts";

export interface ServiceOptions {
  sessions: Sessions;
  now: () => Date;
  onEvent: OnEvent;
  onRecord?: OnRecord | undefined;
}

type Answer = Pick<WireEvent, "who" | "why"> & { response: WireResponse };

export interface Service {
  event: (request: WireRequest) => Pick<WireEvent, "hop" | "what">;
  accept: (request: WireRequest) => Omit<Answer, "why"> | Promise<Omit<Answer, "why">>;
  refuse: (refusal: Refusal, request: WireRequest) => Answer;
}

export function serviceHandler({ event, accept, refuse }: Service, onEvent: OnEvent): Handler {
  return async (request) => {
    const log = ({ response, ...rest }: Answer, verdict: WireEvent["verdict"]): Promise<WireResponse> => {
      onEvent({ ...event(request), verdict, ...rest });
      return Promise.resolve(response);
    };
    try {
      return await log({ ...(await accept(request)), why: "" }, "accepted");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return log(refuse(error, request), "refused");
    }
  };
}
