// Server sets in one import: the text is read to a tree, and the tree is held against a fleet.
export { namesOf } from "./names-of.ts";
export { parseServerSet } from "./parse.ts";
export { type FleetServer, type ResolvedSet, resolveServerSet } from "./resolve.ts";
export { ELEMENTS_MAX, type ServerSet, TEXT_MAX_BYTES, type Term } from "./server-set.ts";
