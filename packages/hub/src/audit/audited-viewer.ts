// Tells the audit that a viewer types and resizes: once for all of ten seconds, at the first of it. Passes everything on at
// once, and never tells what was typed, nor how much: the number of keys of a password is nobody's business.
import type { Viewer } from "../calls.ts";

export interface AuditedViewerOptions {
  /** What such a viewer sends is ignored, and so is not told. */
  readonly isReadonly: boolean;
  readonly record: (operation: "sessions.input" | "sessions.resize", input: object) => void;
}

/** What one viewer types is told as one entry for so long (public contract, audit). */
const TOLD_FOR_MS = 10_000;

export class AuditedViewer implements Viewer {
  readonly #viewer: Viewer;
  readonly #options: AuditedViewerOptions;
  readonly #toldAtMs = new Map<string, number>();

  constructor(viewer: Viewer, options: AuditedViewerOptions) {
    this.#viewer = viewer;
    this.#options = options;
  }

  get id(): string {
    return this.#viewer.id;
  }

  input(bytes: Uint8Array, number?: number): void {
    this.#viewer.input(bytes, number);
    this.#tell("sessions.input", {});
  }

  resize(size: { readonly rows: number; readonly cols: number }): void {
    this.#viewer.resize(size);
    this.#tell("sessions.resize", size);
  }

  useLease(lease: string | undefined): void {
    this.#viewer.useLease(lease);
  }

  credit(upto: number): void {
    this.#viewer.credit(upto);
  }

  drained(): void {
    this.#viewer.drained();
  }

  close(): void {
    this.#viewer.close();
  }

  #tell(operation: "sessions.input" | "sessions.resize", input: object): void {
    if (this.#options.isReadonly) return;
    const nowMs = performance.now();
    const toldAtMs = this.#toldAtMs.get(operation) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - toldAtMs < TOLD_FOR_MS) return;
    this.#toldAtMs.set(operation, nowMs);
    this.#options.record(operation, input);
  }
}
