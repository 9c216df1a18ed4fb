// The hub's own handlers of what concerns named tokens: fills in what was left out, asks those who know, shapes the answer.
import { isId } from "@fleetty/protocol/ids";
import { checkTags } from "@fleetty/protocol/names";
import type { OperationInput } from "@fleetty/protocol/operations";
import { type PageOrder, pageOf } from "../page.ts";
import type { TokenRecord } from "../store/hub-store.ts";
import type { NamedTokens } from "./named-tokens.ts";
import { type Scope, scopeOf } from "./scope.ts";

export interface TokenOperationsOptions {
  readonly tokens: NamedTokens;
  /** Throws `invalid_selector` for a server set that means nothing in the fleet as it is: H-A. */
  readonly checkScope: (scope: Scope) => void;
}

const DAY_MS = 86_400_000;
const LIFE_DEFAULT_MS = 30 * DAY_MS;

export function tokenOperations({ tokens, checkScope }: TokenOperationsOptions) {
  return {
    "tokens.create": async (input: OperationInput<"tokens.create">) => {
      const { name, kind = "agent", verbs, on = "*", tags = [], expires_in_ms: lifeMs = LIFE_DEFAULT_MS } = input;
      checkTags(tags);
      checkScope(scopeOf({ on, tags }));
      const wish = { name, kind, verbs: [...new Set(verbs)], on, tags: [...new Set(tags)], lifeMs };
      const { record, token } = await tokens.create(wish);
      return { ...shown(record), token };
    },
    "tokens.list": async (input: OperationInput<"tokens.list">) => {
      const { items, next_cursor } = pageOf(tokens.list(), byId, input);
      return { items: items.map((record) => ({ ...shown(record), last_used_at: record.last_used_at })), next_cursor };
    },
    "tokens.remove": ({ id }: OperationInput<"tokens.remove">) => tokens.remove(id),
  };
}

const byId: PageOrder<TokenRecord> = { keyOf: ({ id }) => id, isKey: (text) => isId("tok", text) };

function shown({ id, name, kind, verbs, on, tags, created_at, expires_at }: TokenRecord) {
  return { id, name, kind, verbs, on, tags, created_at, expires_at };
}
