/** Key parcels at the server: how many, for how long, to which address, and what is kept of them. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import {
  KEY_PARCEL_TTL_MS,
  KeyParcels,
  MAX_ENDED_KEY_PARCELS,
  MAX_KEY_PARCELS,
  MAX_KEY_PARCELS_PER_ADDRESS,
} from "../../lib/hub/services/accounts/key_parcels.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { CLAIM_CAPABILITY } from "../../lib/irc/vendor_extensions.ts";
import { START, TestHub } from "../support/hub.ts";
import { account, login } from "../support/hub_accounts.ts";
import { ask, logInByToken, makeToken } from "../support/hub_tokens.ts";
import { pureTest } from "../support/test.ts";

const STRANGER = "203.0.113.7";
const CONTENT = "cGFyY2Vs";
const OTHER_SESSION = {} as Session;

function idOf(nth: number): string {
  return String(nth).padStart(22, "i");
}

/** What `host` is answered that fetches the parcel `id` before it registers. */
async function fetch(chat: TestHub, id: string, host = STRANGER): Promise<string> {
  const session = chat.open(host);
  const answer = await ask(chat, session, `KEYSHARE GET ${id}`);
  chat.hub.close(session, "done", chat.now);
  return answer;
}

function addParcel(parcels: KeyParcels, nth: number, session = OTHER_SESSION): void {
  parcels.add({ id: idOf(nth), session, owner: `owner-${nth}`, content: CONTENT, expiresAt: 1000 });
}

pureTest("key parcel: one fetch, from any address, of which the session that left it is told", async () => {
  const chat = new TestHub({ pageUrl: "http://127.0.0.1:6680" });
  const alice = login(chat, "alice");
  const until = new Date(START + KEY_PARCEL_TTL_MS).toISOString();
  assertEquals(
    await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`),
    `:irc.test KEYSHARE PUT ${idOf(1)} ${until} http://127.0.0.1:6680`,
  );
  assertEquals(await fetch(chat, idOf(1)), `:irc.test KEYSHARE GET ${idOf(1)} ${CONTENT}`);
  assertEquals(chat.heard(alice), [`:irc.test KEYSHARE FETCHED ${idOf(1)} :${STRANGER}`]);
  assertMatch(await fetch(chat, idOf(1)), /FAIL KEYSHARE ALREADY_FETCHED/);
});

pureTest("key parcel: the address that fetched it may begin with a colon", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`);
  await fetch(chat, idOf(1), "::1");
  assertEquals(parseMessage(chat.heard(alice).at(-1)!)?.params, ["FETCHED", idOf(1), "::1"]);
});

pureTest("key parcel: it is in no fact, no record and no entry of the server's log", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  chat.takeFacts();
  const [records, events] = [chat.hub.context.log.nextSeq, chat.serverEvents.length];
  await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`);
  await ask(chat, alice, `KEYSHARE GET ${idOf(1)}`);
  await ask(chat, alice, `KEYSHARE GET ${idOf(2)}`);
  assertEquals(chat.takeFacts(), []);
  assertEquals(chat.hub.context.log.nextSeq, records);
  const entries = chat.serverEvents.slice(events);
  assertEquals(entries.map(({ kind }) => kind), ["login_failed"]);
  assertEquals(JSON.stringify(entries).includes(idOf(2)), false);
});

pureTest(
  "key parcel: its time is over to the millisecond, also between two looks at the timers",
  async () => {
    const chat = new TestHub();
    const alice = login(chat, "alice");
    await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`);
    chat.now += KEY_PARCEL_TTL_MS;
    assertMatch(await fetch(chat, idOf(1)), /FAIL KEYSHARE PARCEL_EXPIRED/);
    assertEquals(chat.heard(alice), [`:irc.test KEYSHARE EXPIRED ${idOf(1)}`]);
    assertMatch(await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`), /INVALID_PARCEL/);
    assertMatch(await ask(chat, alice, `KEYSHARE PUT alice ${idOf(2)} ${CONTENT}`), / KEYSHARE PUT /);
  },
);

pureTest("key parcel: wrong ids count as wrong tokens; a right one is given all the same", async () => {
  const chat = new TestHub({ limits: { loginFailures: { count: 2, ms: 60_000 } } });
  const alice = login(chat, "alice");
  await ask(chat, alice, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`);
  for (const nth of [2, 3]) assertMatch(await fetch(chat, idOf(nth)), /FAIL KEYSHARE NO_SUCH_PARCEL/);
  assertEquals(
    await fetch(chat, idOf(4)),
    ":irc.test FAIL KEYSHARE TEMPORARILY_UNAVAILABLE :Too many wrong codes or tokens from your address; try again in 30 s",
  );
  assertMatch(await fetch(chat, idOf(4), "203.0.113.8"), /NO_SUCH_PARCEL/, "another address");
  assertMatch(await fetch(chat, idOf(1)), / KEYSHARE GET /);
});

pureTest(
  "key parcel: an account has one, the newest of whatever session; it ends with its session",
  async () => {
    const chat = new TestHub();
    const [first, second] = [login(chat, "alice"), login(chat, "alice")];
    await ask(chat, first, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`);
    assertMatch(await ask(chat, second, `KEYSHARE PUT alice ${idOf(2)} ${CONTENT}`), / KEYSHARE PUT /);
    assertEquals(chat.heard(first), [`:irc.test KEYSHARE EXPIRED ${idOf(1)}`]);
    assertMatch(await fetch(chat, idOf(1)), /FAIL KEYSHARE PARCEL_EXPIRED/);
    chat.hub.close(second, "gone", chat.now, true);
    assertMatch(await fetch(chat, idOf(2)), /FAIL KEYSHARE PARCEL_EXPIRED/);
    assertMatch(await ask(chat, first, `KEYSHARE PUT alice ${idOf(3)} ${CONTENT}`), / KEYSHARE PUT /);
  },
);

pureTest("key parcel: the server has so many, and no more", async () => {
  const chat = new TestHub();
  const alice = login(chat, "alice");
  const session = chat.open(STRANGER);
  for (let nth = 1; nth <= MAX_KEY_PARCELS; nth++) {
    chat.hub.services.keyParcels.add({
      ...{ id: idOf(nth), session, owner: `owner-${nth}`, content: CONTENT },
      expiresAt: Infinity,
    });
  }
  assertMatch(await ask(chat, alice, `KEYSHARE PUT alice ${idOf(0)} ${CONTENT}`), /TEMPORARILY_UNAVAILABLE/);
  assertMatch(await fetch(chat, idOf(1)), / KEYSHARE GET /);
  assertMatch(await ask(chat, alice, `KEYSHARE PUT alice ${idOf(0)} ${CONTENT}`), / KEYSHARE PUT /);
});

/** A session from `host` that has a claim key and no name yet. */
function claimant(chat: TestHub, host: string, key: string): Session {
  const session = chat.open(host);
  chat.say(session, `CAP REQ :${CLAIM_CAPABILITY}`, `CLAIM ${key.padEnd(43, "k")}`);
  return session;
}

pureTest("key parcel: one address leaves so many, and others can still leave one", async () => {
  const chat = new TestHub();
  const put = (host: string, nth: number) =>
    ask(chat, claimant(chat, host, `c${nth}`), `KEYSHARE PUT n${nth} ${idOf(nth)} ${CONTENT}`);
  for (let nth = 1; nth <= MAX_KEY_PARCELS_PER_ADDRESS; nth++) {
    assertMatch(await put(STRANGER, nth), / KEYSHARE PUT /);
  }
  const next = MAX_KEY_PARCELS_PER_ADDRESS + 1;
  assertMatch(await put(STRANGER, next), /TEMPORARILY_UNAVAILABLE :Your address has left 20 parcels/);
  assertMatch(await put("203.0.113.8", next), / KEYSHARE PUT /);
  await fetch(chat, idOf(1));
  assertMatch(await put(STRANGER, next + 1), / KEYSHARE PUT /);
});

pureTest("key parcel: a name that no user can take is that of none", async () => {
  const chat = new TestHub();
  for (const [nth, name] of ["#room", "NickServ", "HistServ", "irc.test", "9lives", "a,b"].entries()) {
    const session = claimant(chat, STRANGER, `r${nth}`);
    assertMatch(
      await ask(chat, session, `KEYSHARE PUT ${name} ${idOf(nth)} ${CONTENT}`),
      /NAME_NOT_YOURS/,
      name,
    );
  }
});

pureTest("key parcel: of so many that have ended it is known how", () => {
  const parcels = new KeyParcels();
  for (let nth = 0; nth <= MAX_ENDED_KEY_PARCELS; nth++) {
    addParcel(parcels, nth);
    parcels.end(parcels.get(idOf(nth))!, "fetched");
  }
  assertEquals([parcels.endOf(idOf(0)), parcels.endOf(idOf(1))], [undefined, "fetched"]);
  addParcel(parcels, 0);
  assertEquals(parcels.expire(999), []);
  assertEquals(parcels.expire(1000).map(({ id }) => id), [idOf(0)]);
  assertEquals(parcels.endOf(idOf(0)), "over");
});

pureTest("key parcel: the name is that of the login, and a session with a token leaves none", async () => {
  const chat = new TestHub({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) });
  account(chat, "carol");
  const alice = login(chat, "alice");
  for (const name of ["carol", "free"]) {
    assertMatch(await ask(chat, alice, `KEYSHARE PUT ${name} ${idOf(1)} ${CONTENT}`), /NAME_NOT_YOURS/);
  }
  const { secret } = await makeToken(chat, alice, "90 send:*");
  const script = logInByToken(chat, secret);
  assertMatch(
    await ask(chat, script, `KEYSHARE PUT alice ${idOf(1)} ${CONTENT}`),
    /FAIL KEYSHARE TOKEN_LOGIN/,
  );
});
