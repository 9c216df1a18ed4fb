// Writes one line of the log for each request. Of a query only the names: a ticket is a credential, and what somebody puts
// there by mistake may be one too.
import type { Logger } from "pino";
import type { OnAnswered } from "./answered.ts";
import { requestTarget } from "./request-target.ts";

/** A line stays one that can be read, whatever is asked. */
const PATH_MAX = 500;
const NAMES_MAX = 20;
const NAME_MAX = 40;

export function accessLog(log: Logger): OnAnswered {
  return ({ requestId, face, method, target, operation, status, code, ms, principal, address }) => {
    const { path, query } = requestTarget(target);
    const names = [...new URLSearchParams(query).keys()].slice(0, NAMES_MAX).map((name) => name.slice(0, NAME_MAX));
    const facts = {
      request_id: requestId,
      face,
      method: method.slice(0, NAME_MAX),
      path: path.slice(0, PATH_MAX),
      query: names,
      operation,
      status,
      code,
      ms: Math.round(ms * 10) / 10,
      principal,
      address,
    };
    log.info(facts, "request");
  };
}
