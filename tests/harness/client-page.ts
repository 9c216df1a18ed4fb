// A page that has the client: opened in a browser, with the few things beside it that stories in a page need. What stands
// in functions that are handed to `evaluate` runs in the page.
import type { Client } from "@fleetty/client";
import type { Page } from "playwright-core";
import type { TestBrowser } from "./browser.ts";
import type { PageServer } from "./page-server.ts";
import { waitUntil } from "./wait-until.ts";

type Watch = ReturnType<Client["sessions"]["watch"]>;

/** What such a page has, by name; stories declare what they use of it. */
export interface InPage {
  readonly fleetty: typeof import("@fleetty/client");
  readonly client: Client;
  readonly url: string;
  readonly token: string;
  /** With what a call is refused. */
  readonly refusalOf: (call: Promise<unknown>) => Promise<{ code: string; details: Readonly<Record<string, unknown>> }>;
  /** Watches, and keeps what comes under that name. */
  readonly keep: (name: string, input: Parameters<Client["sessions"]["watch"]>[0]) => void;
  /** Octets as characters; types of all other items, and the code that ended it, in their order. */
  readonly watched: Record<string, { text: string; types: string[]; watch: Watch }>;
}

declare const fleetty: InPage["fleetty"];
declare const client: InPage["client"];
declare const watched: InPage["watched"];

export class ClientPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Its client is one of `url` and `token`. */
  static async open(browser: TestBrowser, pages: PageServer, server: { url: string; token: string }) {
    pages.serve('import * as fleetty from "@fleetty/client"; globalThis.fleetty = fleetty;');
    const page = await browser.open(pages.origin);
    await page.evaluate(equip, server);
    return new ClientPage(page);
  }

  textOf(name: string): Promise<string> {
    return this.page.evaluate((one) => watched[one]?.text ?? "", name);
  }

  typesOf(name: string): Promise<string[]> {
    return this.page.evaluate((one) => watched[one]?.types ?? [], name);
  }

  /** Resolves when a watch has brought an item of that type, or ended with that code. */
  async tells(name: string, type: string): Promise<void> {
    const types = () => this.typesOf(name);
    await waitUntil(`${name} tells ${type}`, async () => (await types()).includes(type), { seen: types });
  }
}

function equip({ url, token }: { url: string; token: string }): void {
  const refusalOf: InPage["refusalOf"] = async (call) => {
    try {
      await call;
    } catch (error) {
      if (error instanceof fleetty.FleettyError) return { code: error.code, details: error.details ?? {} };
      throw error;
    }
    throw new Error("it was not refused");
  };
  const keep = async (name: string, input: Parameters<InPage["keep"]>[1]) => {
    const kept: InPage["watched"][string] = { text: "", types: [], watch: client.sessions.watch(input) };
    watched[name] = kept;
    try {
      for await (const item of kept.watch) {
        if (item.type !== "output") kept.types.push(item.type);
        else kept.text += new TextDecoder("latin1").decode(item.bytes);
      }
    } catch (error) {
      kept.types.push(String((error as { code?: unknown }).code));
    }
  };
  const own = fleetty.connect({ url, token });
  Object.assign(globalThis, { client: own, url, token, refusalOf, keep, watched: {} });
}
