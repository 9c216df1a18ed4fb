// Holds credentials to their lives: what is made once works once, nothing outlives what it came from, and nothing is without
// a bound.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "@fleetty/protocol/secret";
import { Authority, BROWSER_TOKENS, LOGIN_TICKETS, WS_TICKETS } from "./authority.ts";
import { type Credential, localCredential } from "./credential.ts";

const ROOT = "root-token-of-tests";

function authority(renew: (() => Secret) | null = () => new Secret("another-root-token")) {
  const clock = { nowMs: 1_000_000 };
  const root = { secret: new Secret(ROOT), renew, from: "a test" };
  const made = new Authority({ root, nowMs: () => clock.nowMs });
  return { authority: made, clock, root: made.ofToken(ROOT) as Credential };
}

/** A browser token that came from `source`. */
function browserToken(of: Authority, source: Credential) {
  const made = of.exchange(of.issueLoginTicket(source));
  assert.ok(made);
  return made;
}

describe("a bearer token", () => {
  it("is the root token or a browser token, exactly", () => {
    const { authority: of, root } = authority();
    assert.equal(root.facts.principal, "root");
    const { token, credential } = browserToken(of, root);
    assert.equal(of.ofToken(token), credential);
    for (const wrong of ["", "ftb_", ROOT.slice(1), `${ROOT}x`, token.slice(0, -1), `${token}x`, token.toLowerCase()]) {
      assert.equal(of.ofToken(wrong), null, wrong);
    }
  });
});

describe("a WebSocket ticket", () => {
  it("is 32 letters and digits, acts as who asked for it, and works once", () => {
    const { authority: of, root } = authority();
    const ticket = of.issueWsTicket(root);
    assert.match(ticket, /^[A-Za-z0-9]{32}$/);
    assert.notEqual(of.issueWsTicket(root), ticket);
    assert.equal(of.ofWsTicket(ticket), root);
    assert.equal(of.ofWsTicket(ticket), null);
    assert.equal(of.ofWsTicket("x".repeat(32)), null);
  });

  it("lives 30 s", () => {
    const { authority: of, root, clock } = authority();
    const [early, late] = [of.issueWsTicket(root), of.issueWsTicket(root)];
    clock.nowMs += 29_999;
    assert.equal(of.ofWsTicket(early), root);
    clock.nowMs += 1;
    assert.equal(of.ofWsTicket(late), null);
  });

  it("is no login ticket, nor the other way round, and neither is a token", () => {
    const { authority: of, root } = authority();
    assert.equal(of.exchange(of.issueWsTicket(root)), null);
    assert.equal(of.ofWsTicket(of.issueLoginTicket(root)), null);
    assert.equal(of.ofToken(of.issueWsTicket(root)), null);
    assert.equal(of.ofToken(of.issueLoginTicket(root)), null);
  });

  it("is refused while 1024 are pending, and made again as soon as one is used or too old", () => {
    const { authority: of, root, clock } = authority();
    const tickets = Array.from({ length: WS_TICKETS.max }, () => of.issueWsTicket(root));
    const refusal = { code: "resource_limit_reached", details: { limit: "ws_tickets", max: 1_024 } };
    assert.throws(() => of.issueWsTicket(root), refusal);
    of.ofWsTicket(tickets[0] as string);
    of.issueWsTicket(root);
    assert.throws(() => of.issueWsTicket(root), refusal);
    clock.nowMs += WS_TICKETS.lifeMs;
    of.issueWsTicket(root);
  });
});

describe("a login ticket", () => {
  it("is exchanged once, within 120 s", () => {
    const { authority: of, root, clock } = authority();
    const ticket = of.issueLoginTicket(root);
    clock.nowMs += 119_999;
    assert.ok(of.exchange(ticket));
    assert.equal(of.exchange(ticket), null);
    const late = of.issueLoginTicket(root);
    clock.nowMs += 120_000;
    assert.equal(of.exchange(late), null);
  });

  it("is refused while 64 are pending", () => {
    const { authority: of, root } = authority();
    for (let count = 0; count < LOGIN_TICKETS.max; count += 1) of.issueLoginTicket(root);
    assert.throws(() => of.issueLoginTicket(root), {
      code: "resource_limit_reached",
      details: { limit: "login_tickets", max: 64 },
    });
  });
});

describe("a browser token", () => {
  it("has the rights of who asked for it, for 12 h", () => {
    const { authority: of, root, clock } = authority();
    const { token, credential } = browserToken(of, root);
    assert.match(token, /^ftb_[A-Za-z0-9]{43}$/);
    const expiresAtMs = clock.nowMs + 12 * 3_600_000;
    assert.deepEqual(credential.facts, { ...root.facts, expiresAtMs });
    clock.nowMs = expiresAtMs - 1;
    assert.equal(of.ofToken(token), credential);
    clock.nowMs = expiresAtMs;
    assert.equal(of.ofToken(token), null);
  });

  it("that came from another one lives no longer than that, and ends with it", () => {
    const { authority: of, root, clock } = authority();
    const first = browserToken(of, root);
    clock.nowMs += 3_600_000;
    const second = browserToken(of, first.credential);
    assert.equal(second.credential.facts.expiresAtMs, first.credential.facts.expiresAtMs);
    of.endBrowserToken(first.credential);
    assert.equal(of.ofToken(first.token), null);
    assert.equal(of.ofToken(second.token), null);
    assert.equal(of.ofToken(ROOT), root);
  });

  it("takes its tickets along when it ends, and tells whoever serves on its strength once", () => {
    const { authority: of, root } = authority();
    const { credential } = browserToken(of, root);
    const [ticket, login] = [of.issueWsTicket(credential), of.issueLoginTicket(credential)];
    const told: string[] = [];
    const forget = credential.onEnd(() => told.push("never"));
    credential.onEnd(() => told.push("once"));
    forget();
    of.endBrowserToken(credential);
    assert.throws(() => of.endBrowserToken(credential), { code: "invalid_request" });
    assert.deepEqual(told, ["once"]);
    assert.equal(of.ofWsTicket(ticket), null);
    assert.equal(of.exchange(login), null);
  });

  it("is the only credential that ends itself", () => {
    const { authority: of, root } = authority();
    assert.throws(() => of.endBrowserToken(root), { code: "invalid_request" });
    assert.throws(() => of.endBrowserToken(localCredential()), { code: "invalid_request" });
    assert.equal(of.ofToken(ROOT), root);
  });

  it("is refused beyond a thousand, without using up the ticket, until one ends or expires", () => {
    const { authority: of, root, clock } = authority();
    const made = Array.from({ length: BROWSER_TOKENS.max }, () => browserToken(of, root));
    const ticket = of.issueLoginTicket(root);
    assert.throws(() => of.exchange(ticket), {
      code: "resource_limit_reached",
      details: { limit: "browser_tokens", max: 1_000 },
    });
    of.endBrowserToken((made[0] as (typeof made)[0]).credential);
    assert.ok(of.exchange(ticket));
    clock.nowMs += BROWSER_TOKENS.lifeMs;
    browserToken(of, root);
  });
});

describe("the root token", () => {
  it("is replaced with all that came from it, and with nothing else", () => {
    const { authority: of, root } = authority();
    const { token } = browserToken(of, root);
    const local = browserToken(of, localCredential());
    const [ticket, login] = [of.issueWsTicket(root), of.issueLoginTicket(root)];
    assert.equal(of.rotateRoot().reveal(), "another-root-token");
    assert.equal(of.rootToken.reveal(), "another-root-token");
    assert.equal(of.ofToken(ROOT), null);
    assert.equal(of.ofToken(token), null);
    assert.equal(of.ofWsTicket(ticket), null);
    assert.equal(of.exchange(login), null);
    assert.equal(of.ofToken(local.token), local.credential);
    assert.equal(of.ofToken("another-root-token")?.facts.principal, "root");
  });

  it("stays when it was brought, or when another one cannot be kept", () => {
    const brought = authority(null);
    assert.throws(() => brought.authority.rotateRoot(), { code: "invalid_request", message: /a test/ });
    const unkept = authority(() => {
      throw new Error("no space");
    });
    assert.throws(() => unkept.authority.rotateRoot(), /no space/);
    for (const { authority: of, root } of [brought, unkept]) assert.equal(of.ofToken(ROOT), root);
  });
});
