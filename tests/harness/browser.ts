// Runs a headless Chromium for a test: pages that fail loudly, and nothing left of it at the end.
import { type Browser, chromium, type Page } from "playwright-core";

export class TestBrowser {
  readonly #browser: Browser;
  /** What pages threw and nobody caught. */
  readonly thrown: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(program: string): Promise<TestBrowser> {
    // Containers have a small /dev/shm; and there is nothing to paint with a GPU.
    const args = ["--disable-dev-shm-usage", "--disable-gpu"];
    return new TestBrowser(await chromium.launch({ executablePath: program, args }));
  }

  async open(url: string): Promise<Page> {
    const page = await this.#browser.newPage();
    page.on("pageerror", (error) => this.thrown.push(String(error)));
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
