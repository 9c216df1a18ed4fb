// Holds what is painted on one session's screen beside what its program prints, and the modes that go with it: overlays, panels
// and their layout, the screen mode, where keystrokes go, and who has the focus. Whoever owns it is told of each change, and
// gives the program the rows that are left. Knows no terminal.
//
//   normal ──enter_alt, or the program goes to its other buffer──► alt ──exit_alt: alt elements are gone──► normal
//                                                                   └──the program comes back: they are hidden──► normal
import { FleettyError } from "@fleetty/protocol/errors";
import type { ShownOverlay, ShownPanel } from "@fleetty/protocol/schemas/elements";
import type { InputMode } from "@fleetty/protocol/schemas/notices";
import type { News } from "../notices/notice-ring.ts";
import { type Overlay, type Panel, type ScreenModeName, shownOverlay, shownPanel } from "./element.ts";
import { type Change, type ElementKind, ElementStore, type Place, type Repaint, type Wish } from "./element-store.ts";
import { type Layout, layOut } from "./layout.ts";

interface Kinds {
  readonly overlay: Overlay;
  readonly panel: Panel;
}

export interface ElementsParts {
  /** Rows of the whole terminal. */
  readonly outerRows: () => number;
  /** Something is painted, shown or meant otherwise than before; the program may have other rows by that. */
  readonly changed: () => void;
  /** What of it those are told who follow the session. */
  readonly told: (news: News) => void;
}

export class Elements {
  readonly #parts: ElementsParts;
  readonly #stores: { readonly [Kind in ElementKind]: ElementStore<Kinds[Kind]> } = {
    overlay: new ElementStore("overlay"),
    panel: new ElementStore("panel"),
  };
  #screenMode: ScreenModeName = "normal";
  #inputMode: InputMode = "passthrough";
  #focused: string | null = null;

  constructor(parts: ElementsParts) {
    this.#parts = parts;
  }

  get screenMode(): ScreenModeName {
    return this.#screenMode;
  }

  get inputMode(): InputMode {
    return this.#inputMode;
  }

  /** Id of the element that has the focus. */
  get focused(): string | null {
    return this.#focused;
  }

  /** By the panels of the present screen mode. */
  get layout(): Layout {
    return layOut(this.#stores.panel.in(this.#screenMode), this.#parts.outerRows());
  }

  /** Of the present screen mode, lowest first. */
  overlays(): ShownOverlay[] {
    const shown = this.#stores.overlay.in(this.#screenMode);
    return shown.toSorted((one, other) => one.z - other.z).map(shownOverlay);
  }

  /** Of the present screen mode: those at the top first, each group the highest first. */
  panels(): ShownPanel[] {
    const { visible } = this.layout;
    const sorted = this.#stores.panel.in(this.#screenMode).toSorted((one, other) => other.z - one.z);
    const { top = [], bottom = [] } = Object.groupBy(sorted, ({ position }) => position);
    return [...top, ...bottom].map((panel) => shownPanel(panel, visible.has(panel.id)));
  }

  /** Throws `overlay_not_found`. */
  overlay(id: string): ShownOverlay {
    return shownOverlay(this.#stores.overlay.get(id));
  }

  /** Throws `panel_not_found`. */
  panel(id: string): ShownPanel {
    return shownPanel(this.#stores.panel.get(id), this.layout.visible.has(id));
  }

  /** In the present screen mode. Throws `resource_limit_reached`. */
  add<Kind extends ElementKind>(element: Kind, wish: Wish, place: Place<Kinds[Kind]>): { readonly id: string } {
    const { id } = this.#stores[element].add(this.#screenMode, wish, place);
    this.#changed({ kind: "overlay", element, action: "created", id });
    return { id };
  }

  /** Throws `invalid_overlay`, or that there is none. */
  change(element: ElementKind, id: string, change: Change): void {
    this.#stores[element].change(id, change);
    this.#changed({ kind: "overlay", element, action: "updated", id });
  }

  /** Throws as `change`; then nothing of it has been done. */
  repaint(element: ElementKind, id: string, paint: Repaint): void {
    this.#stores[element].repaint(id, paint);
    this.#changed({ kind: "overlay", element, action: "updated", id });
  }

  /** Throws that there is none. */
  remove(element: ElementKind, id: string): void {
    this.#stores[element].remove(id);
    this.#endFocus();
    this.#changed({ kind: "overlay", element, action: "deleted", id });
  }

  clear(element: ElementKind): void {
    this.#stores[element].clear();
    this.#endFocus();
    this.#changed({ kind: "overlay", element, action: "cleared" });
  }

  /** Throws `already_in_alt_screen`. */
  enterAlt(): void {
    if (this.#screenMode === "alt")
      throw new FleettyError("already_in_alt_screen", "the session is in alt mode already; leave it with exit_alt");
    this.follow("alt");
  }

  /** Throws `not_in_alt_screen`. */
  exitAlt(): void {
    if (this.#screenMode === "normal")
      throw new FleettyError("not_in_alt_screen", "the session is not in alt mode; enter it with enter_alt");
    this.#screenMode = "normal";
    const gone = (["overlay", "panel"] as const).flatMap((element) =>
      this.#stores[element].in("alt").map(({ id }) => ({ element, id })),
    );
    for (const { element, id } of gone) this.#stores[element].remove(id);
    this.#endFocus();
    const told = gone.map((one): News => ({ kind: "overlay", action: "deleted", ...one }));
    this.#changed({ kind: "shown" }, ...told);
  }

  /** The program has gone to its other buffer, or come back; what belongs to the mode that is left is only hidden. */
  follow(mode: ScreenModeName): void {
    if (mode === this.#screenMode) return;
    this.#screenMode = mode;
    this.#changed({ kind: "shown" });
  }

  /** The whole terminal has another size: other panels may be visible, also where the program keeps its rows by that. */
  resized(): void {
    if (this.#stores.panel.in(this.#screenMode).length > 0) this.#changed({ kind: "shown" });
  }

  setInputMode(mode: InputMode): void {
    if (mode === this.#inputMode) return;
    this.#inputMode = mode;
    this.#changed({ kind: "mode", mode });
  }

  /** Keystrokes go to the program again, and are meant for nothing else. */
  release(): void {
    this.unfocus();
    this.setInputMode("passthrough");
  }

  /** Throws `invalid_request` where there is none of that id, and `not_focusable`. */
  focus(id: string): void {
    const element = this.#find(id);
    const shown = JSON.stringify(id.slice(0, 80));
    if (!element)
      throw new FleettyError("invalid_request", `there is no overlay or panel ${shown}; create one`, { field: "id" });
    if (!element.isFocusable)
      throw new FleettyError("not_focusable", `${shown} cannot have the focus; create it with focusable`);
    if (id === this.#focused) return;
    this.#focused = id;
    this.#changed({ kind: "shown" });
  }

  unfocus(): void {
    if (this.#focused === null) return;
    this.#focused = null;
    this.#changed({ kind: "shown" });
  }

  #find(id: string): Overlay | Panel | undefined {
    const store = Object.values(this.#stores).find((one) => one.has(id));
    return store?.get(id);
  }

  /** What has the focus may be there no more. */
  #endFocus(): void {
    if (this.#focused !== null && !this.#find(this.#focused)) this.#focused = null;
  }

  /** The program has its rows before anybody hears of it. */
  #changed(...news: readonly News[]): void {
    this.#parts.changed();
    for (const one of news) this.#parts.told(one);
  }
}
