// Holds the closed catalogue of refusals and the one error class that carries them.
// Decides status, exit code and retryability of each code; knows no face and no transport.

/** One row of the catalogue: HTTP status, and whether a later identical call can succeed. */
interface Refusal {
  readonly status: number;
  readonly retryable: boolean;
}

const no = (status: number): Refusal => ({ status, retryable: false });
const later = (status: number): Refusal => ({ status, retryable: true });

/** Every code that a caller can meet. A code is stable for ever; new ones are added with the operation that needs them. */
export const catalogue = {
  invalid_json: no(400),
  invalid_query: no(400),
  invalid_request: no(400),
  invalid_format: no(400),
  invalid_key: no(400),
  invalid_session_name: no(400),
  invalid_tag: no(400),
  invalid_selector: no(400),
  invalid_cursor: no(400),
  invalid_pattern: no(400),
  no_config: no(400),
  unknown_method: no(400),
  session_required: no(400),
  invalid_overlay: no(400),
  not_focusable: no(400),
  auth_required: no(401),
  auth_invalid: no(403),
  forbidden: no(403),
  host_not_allowed: no(403),
  origin_not_allowed: no(403),
  not_found: no(404),
  session_not_found: no(404),
  server_not_found: no(404),
  no_servers: no(404),
  no_sessions: no(404),
  token_not_found: no(404),
  secret_not_found: no(404),
  join_code_not_found: no(404),
  command_not_found: no(404),
  preset_not_found: no(404),
  overlay_not_found: no(404),
  panel_not_found: no(404),
  method_not_allowed: no(405),
  not_acceptable: no(406),
  idle_timeout: later(408),
  request_timeout: later(408),
  session_name_conflict: no(409),
  session_ambiguous: no(409),
  session_exited: no(409),
  screen_changed: no(409),
  input_id_conflict: no(409),
  input_in_doubt: no(409),
  session_busy: later(409),
  not_a_shell: no(409),
  lease_held: later(409),
  lease_lost: no(409),
  already_in_alt_screen: no(409),
  not_in_alt_screen: no(409),
  not_secret_prompt: later(409),
  paste_not_bracketed: no(409),
  secret_prompt: later(409),
  line_too_long: no(409),
  idempotency_conflict: no(409),
  idle_superseded: no(409),
  server_already_registered: no(409),
  server_name_conflict: no(409),
  server_cordoned: no(409),
  no_eligible_server: later(409),
  body_too_large: no(413),
  unsupported_media_type: no(415),
  invalid_body: no(422),
  upgrade_required: no(426),
  rate_limited: later(429),
  resource_limit_reached: later(429),
  headers_too_large: no(431),
  input_send_failed: no(500),
  session_create_failed: no(500),
  still_running: later(500),
  internal_error: no(500),
  unsupported: no(501),
  parser_unavailable: later(503),
  parser_error: later(503),
  max_sessions_reached: later(503),
  server_unavailable: later(503),
  channel_full: later(503),
  not_ready: later(503),
  parser_timeout: later(504),
  server_timeout: later(504),
  input_send_timeout: no(504),
  stale_generation: no(503),
  loop: no(503),
  cancelled: no(503),
} as const satisfies Record<string, Refusal>;

export type ErrorCode = keyof typeof catalogue;

/** What `may_have_run` says of an operation that changes something and failed without a clear answer. */
export type MayHaveRun = boolean | "unknown";

/** Facts beside a message; `reason`s in it may grow, clients ignore what they do not know. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The object that every face shows in its own envelope (`{"error": …}` over HTTP). */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: ErrorDetails | undefined;
}

/** A refusal that the caller must understand. `message` names the thing, states the fact, then what to do. */
export class FleettyError extends Error {
  override readonly name = "FleettyError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get retryable(): boolean {
    return catalogue[this.code].retryable;
  }

  /** The wire form: never the cause, never a stack. */
  toWire(): WireError {
    return { code: this.code, message: this.message, ...(this.details && { details: this.details }) };
  }
}

/** Whether `text` is a code of the catalogue. A newer server may send others. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}

/** The error that a peer sent; a code that this version does not know becomes `internal_error` and keeps its text. */
export function errorFromWire(wire: WireError): FleettyError {
  if (isErrorCode(wire.code)) return new FleettyError(wire.code, wire.message, wire.details);
  return new FleettyError("internal_error", wire.message, { ...wire.details, code: wire.code });
}

/**
 * The one place where anything thrown becomes a refusal. FleettyErrors pass; everything else is a defect, whose
 * original rides in `cause` for the log and never on the wire. Nothing is recognised by its text.
 */
export function toFleettyError(thrown: unknown): FleettyError {
  if (thrown instanceof FleettyError) return thrown;
  return new FleettyError(
    "internal_error",
    "something broke inside fleetty; the log has it under this request's id",
    undefined,
    {
      cause: thrown,
    },
  );
}

/** Exit code of the CLI for a refusal with this HTTP status (docs/protocol.md, "Errors"). */
export function exitCodeForStatus(status: number): number {
  return exitCodes[status] ?? 1;
}

const exitCodes: Readonly<Record<number, number>> = {
  400: 2,
  415: 2,
  422: 2,
  401: 3,
  403: 3,
  404: 4,
  409: 5,
  408: 6,
  504: 6,
  413: 7,
  429: 7,
  503: 8,
};
