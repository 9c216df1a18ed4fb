// Holds what a session is called and the tags that it carries. Decides how tags change; whether a name is free is known to
// the worker alone.
import { checkTags } from "@fleetty/protocol/names";

export interface Labels {
  readonly name: string;
  /** Sorted, each once. */
  readonly tags: readonly string[];
}

/** What is to be another; a tag that is both added and removed goes. */
export interface LabelChange {
  readonly name?: string | undefined;
  readonly add_tags?: readonly string[] | undefined;
  readonly remove_tags?: readonly string[] | undefined;
}

/** The tags that have really come and gone. */
export interface TagsChanged {
  readonly added: string[];
  readonly removed: string[];
}

/** Throws `invalid_tag` when they would be too many, and nothing has changed. */
export function relabelled({ name, tags }: Labels, change: LabelChange): { labels: Labels } & TagsChanged {
  const { add_tags: add = [], remove_tags: remove = [] } = change;
  const now = checkTags([...tags, ...add].filter((tag) => !remove.includes(tag)));
  return {
    labels: { name: change.name ?? name, tags: now },
    added: now.filter((tag) => !tags.includes(tag)),
    removed: tags.filter((tag) => !now.includes(tag)),
  };
}
