// The elements of a session as they are painted (public contract, overlays and panels).

export type PaintColor = string | { readonly r: number; readonly g: number; readonly b: number };

export interface Painted {
  readonly text: string;
  readonly fg?: PaintColor | undefined;
  readonly bg?: PaintColor | undefined;
  readonly bold?: true | undefined;
  readonly italic?: true | undefined;
  readonly underline?: true | undefined;
}

export interface Element {
  readonly id: string;
  readonly height: number;
  readonly background?: { readonly bg: PaintColor } | undefined;
  readonly spans: readonly Painted[];
  readonly region_writes?: readonly (Painted & { readonly row: number; readonly col: number })[] | undefined;
}

export interface Overlay extends Element {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly width: number;
}

export interface Panel extends Element {
  readonly position: string;
  readonly visible: boolean;
}
