// Tells a page of another origin that it may speak to this server, where it may (Fetch standard, CORS). Which pages may is the
// admission's to say.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admission, RequestFacts } from "../auth/admission.ts";
import { answerNothing, headersOf } from "./answer.ts";

export interface PageRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly admission: Admission;
  readonly requestId: string;
  readonly facts: RequestFacts;
}

/** True when that was all that its browser asked, and it is answered. */
export function answersPage({ request, response, admission, requestId, facts }: PageRequest): boolean {
  const headers = admission.crossOrigin(facts);
  if (!headers) return false;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
  if (isPreflight) answerNothing(response, headersOf(requestId, admission.preflightHeaders));
  return isPreflight;
}
