// Keeps the elements of one kind of one session, overlays or panels, in the order in which they were made. Decides their ids and
// their height in z, and holds their bounds. Knows no screen and nobody who looks.
import { randomUUID } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Background, PaintSpan, RegionWrite } from "@fleetty/protocol/schemas/elements";
import type { Element, Panel, ScreenModeName } from "./element.ts";
import { type Excess, excessOf, plain, replaceById } from "./paint.ts";

export type ElementKind = "overlay" | "panel";

/** What a caller says of every element that it makes. */
export interface Wish {
  readonly z?: number | undefined;
  readonly background?: Background | undefined;
  readonly spans?: readonly PaintSpan[] | undefined;
  readonly focusable?: boolean | undefined;
}

/** What is to be changed; absent members stay as they are. */
export interface Change extends Pick<Wish, "z" | "background" | "spans"> {
  readonly writes?: readonly RegionWrite[] | undefined;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly position?: Panel["position"] | undefined;
}

/** Other texts for spans by their ids, and other texts at places. */
export type Repaint = Pick<Change, "spans" | "writes">;

/** What an element has beyond those of the other kind. */
export type Place<One extends Element> = Omit<One, keyof Element>;

/** Of each kind (public limits). */
const KEPT_MAX = 256;
/**
 * All that is painted in one session in one kind, as JSON: a list of it is one answer, and links carry 32 MiB at most. What is
 * within the bounds of single elements comes nowhere near it, unless somebody means it to.
 */
const PAINT_MAX_BYTES = 8 * 1024 * 1024;

export class ElementStore<One extends Element> {
  readonly #kind: ElementKind;
  readonly #elements = new Map<string, One>();
  /** Bytes of what is painted in each. */
  readonly #weights = new Map<string, number>();
  #nextZ = 0;

  constructor(kind: ElementKind) {
    this.#kind = kind;
  }

  /** Oldest first. */
  get all(): readonly One[] {
    return [...this.#elements.values()];
  }

  /** Of one screen mode, oldest first. */
  in(mode: ScreenModeName): readonly One[] {
    return this.all.filter((element) => element.mode === mode);
  }

  has(id: string): boolean {
    return this.#elements.has(id);
  }

  /** Throws `overlay_not_found` or `panel_not_found`. */
  get(id: string): One {
    const element = this.#elements.get(id);
    if (element) return element;
    const message = `${this.#kind} ${JSON.stringify(id.slice(0, 80))} not found; list the ${this.#kind}s to see what is there`;
    throw new FleettyError(`${this.#kind}_not_found`, message);
  }

  /** Throws `resource_limit_reached`. */
  add(mode: ScreenModeName, wish: Wish, place: Place<One>): One {
    const { z = this.#nextZ, background, spans = [], focusable = false } = wish;
    const refuse = (excess: Excess) => new FleettyError("resource_limit_reached", this.#tell(excess), { ...excess });
    if (this.#elements.size >= KEPT_MAX) throw refuse({ limit: `${this.#kind}s_per_session`, max: KEPT_MAX });
    const painted = { background, spans: spans.map(plain), writes: [] };
    const made = { ...place, id: randomUUID(), z, mode, isFocusable: focusable, ...painted } as unknown as One;
    const excess = excessOf(spans, "spans") ?? this.#heavy(made);
    if (excess) throw refuse(excess);
    if (z >= this.#nextZ) this.#nextZ = Math.min(z + 1, Number.MAX_SAFE_INTEGER);
    this.#keep(made);
    return made;
  }

  /** Spans and texts at places stand instead of those before. Throws `invalid_overlay`, or that there is none. */
  change(id: string, { spans, writes, ...members }: Change): void {
    const before = this.get(id);
    const given = Object.entries(members).filter(([, value]) => value !== undefined);
    this.#replace({
      ...before,
      ...Object.fromEntries(given),
      ...(spans && { spans: spans.map(plain) }),
      ...(writes && { writes: writes.map(plain) }),
    });
  }

  /** Throws as `change`. */
  repaint(id: string, { spans, writes }: Repaint): void {
    const before = this.get(id);
    this.#refuseExcess(spans ? excessOf(spans, "spans") : null);
    this.#replace({
      ...before,
      ...(spans && { spans: replaceById(before.spans, spans) }),
      ...(writes && { writes: writes.map(plain) }),
    });
  }

  /** Throws that there is none. */
  remove(id: string): void {
    this.get(id);
    this.#elements.delete(id);
    this.#weights.delete(id);
  }

  clear(): void {
    this.#elements.clear();
    this.#weights.clear();
  }

  #replace(element: One): void {
    // First what looks no further than it must.
    const excess =
      this.#heavy(element) ?? excessOf(element.spans, "spans") ?? excessOf(element.writes, "region_writes");
    this.#refuseExcess(excess);
    this.#keep(element);
  }

  #refuseExcess(excess: Excess | null): void {
    if (excess) throw new FleettyError("invalid_overlay", this.#tell(excess), { ...excess });
  }

  #keep(element: One): void {
    this.#elements.set(element.id, element);
    this.#weights.set(element.id, weightOf(element));
  }

  #heavy(element: One): Excess | null {
    let bytes = weightOf(element);
    for (const [id, weight] of this.#weights) if (id !== element.id) bytes += weight;
    return bytes > PAINT_MAX_BYTES ? { limit: `${this.#kind}_bytes_per_session`, max: PAINT_MAX_BYTES } : null;
  }

  #tell({ limit, max }: Excess): string {
    return `this ${this.#kind} would be over a limit: ${limit} is ${max} at most; take something away, or paint less`;
  }
}

/** Counted no further than it may be: one text can be named for every span of an element, which together is what no text holds. */
function weightOf({ spans, writes }: Element): number {
  let bytes = 0;
  for (const piece of [...spans, ...writes]) {
    bytes += Buffer.byteLength(JSON.stringify(piece)) + 1;
    if (bytes > PAINT_MAX_BYTES) break;
  }
  return bytes;
}
