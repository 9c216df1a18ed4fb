// Bundles the public client for browsers, as whoever builds a page does: ES modules, with what is loaded when it is needed
// in pieces of their own.
import { relative, resolve } from "node:path";
import { rolldown } from "rolldown";

const ROOT = resolve(import.meta.dirname, "../..");

export interface ClientBundle {
  /** Code by file name; `client.js` is the entry. */
  readonly files: ReadonlyMap<string, string>;
  /** Source files that went into it, from the root of the repository. */
  readonly sources: readonly string[];
  /** What its files import that is not among them. */
  readonly foreign: readonly string[];
}

export async function bundleClient(): Promise<ClientBundle> {
  const bundle = await rolldown({
    input: { client: resolve(ROOT, "packages/client/src/index.ts") },
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", chunkFileNames: "[name].js", entryFileNames: "[name].js" });
  await bundle.close();
  const chunks = output.filter((one) => one.type === "chunk");
  const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]));
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  return {
    files,
    sources: chunks.flatMap(({ moduleIds }) => moduleIds.map((id) => relative(ROOT, id))),
    foreign: imported.filter((name) => !files.has(name)),
  };
}
