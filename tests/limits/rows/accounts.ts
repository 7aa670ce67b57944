/** Limits of accounts, passwords and keys. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const ACCOUNTS_FILE = "lib/hub/services/accounts/accounts.ts";
const TOKENS_FILE = "lib/hub/services/accounts/account_tokens.ts";
const PARCELS_FILE = "lib/hub/services/accounts/key_parcels.ts";
const PASSPHRASE = "lib/irc/sasl/passphrase.ts";
const HASHES = "lib/server/job_runner.ts";
const SCRAM_TEST = "irc/scram_test.ts: a challenge that is none, not ours, or too much to ask";

export const ACCOUNTS: readonly Limit[] = [
  {
    what: "accounts",
    bound: "{MAX_ACCOUNTS}",
    beyond: "`FAIL REGISTER`",
    constants: { [ACCOUNTS_FILE]: ["MAX_ACCOUNTS"] },
    shownBy: ["hub/accounts_test.ts: accounts: those that are being made count towards the bound"],
  },
  {
    what: "wrong passwords; wrong tokens and codes",
    bound: "{DEFAULT_LIMITS.loginFailures}",
    flag: "--login-failures",
    beyond: "refused unchecked: `464`, `904`",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.loginFailures"] },
    shownBy: [
      "hub/attempt_limits_test.ts: who has failed too often waits; all others do not",
      "hub/attempt_limits_test.ts: an attempt that succeeds is given back",
      "hub/attempt_limits_test.ts: an IPv6 network is one place",
      "hub/account_tokens_test.ts: token login: wrong secrets have a count of their own, and say nothing of what is wrong",
    ],
  },
  {
    what: "registrations, password changes",
    bound: "{DEFAULT_LIMITS.registrations}",
    flag: "--registrations",
    beyond: "`FAIL`, to be tried later",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.registrations"] },
    shownBy: ["hub/password_change_test.ts: changes of one address count with the accounts that it makes"],
  },
  {
    what: "password changes of an account at a time",
    bound: "one",
    beyond: "`FAIL`, to be tried later",
    source: { [ACCOUNTS_FILE]: "if (this.#changing.has(account)) return false;" },
    shownBy: [
      "hub/password_change_test.ts: of two at the same moment one is refused, and the next one goes on",
    ],
  },
  {
    what: "PASS compared with server password",
    bound: "the last two",
    beyond: "ignored; each is an attempt",
    source: { "lib/hub/policy/server_password.ts": "earlier === undefined ? 1 : 2" },
    shownBy: [
      "hub/password_change_test.ts: each PASS that is compared with the server's password is counted",
    ],
  },
  {
    what: "new passphrase, at least",
    bound: "{PASSPHRASE_MIN_BYTES}",
    flag: "--passphrase-min",
    beyond: "`FAIL WEAK_PASSWORD`",
    constants: { [PASSPHRASE]: ["PASSPHRASE_MIN_BYTES"] },
    shownBy: [
      hub("a password: at least so many bytes, and at most"),
      "irc/passphrase_test.ts: passphraseFault: on one line, as long as some server of ours may take it",
      "server/settings_test.ts: what the server says of itself fits its lines",
    ],
  },
  {
    what: "new passphrase, at most",
    bound: "{PASSPHRASE_MAX_BYTES}",
    beyond: "`FAIL UNACCEPTABLE_PASSWORD`",
    constants: { [PASSPHRASE]: ["PASSPHRASE_MAX_BYTES"] },
    shownBy: [hub("a password: at least so many bytes, and at most")],
  },
  {
    what: "tokens of an account",
    bound: "{MAX_TOKENS_PER_ACCOUNT}",
    beyond: "`FAIL TOKEN TOO_MANY`",
    constants: { [TOKENS_FILE]: ["MAX_TOKENS_PER_ACCOUNT"] },
    shownBy: ["hub/account_tokens_test.ts: token create: an account has so many"],
  },
  {
    what: "tokens of a server",
    bound: "{MAX_TOKENS}",
    beyond: "`FAIL TOKEN`, to be tried later",
    constants: { [TOKENS_FILE]: ["MAX_TOKENS"] },
    shownBy: ["hub/account_tokens_test.ts: token create: the server has so many"],
  },
  {
    what: "scopes of a token",
    bound: "{MAX_TOKEN_SCOPES}, {MAX_TOKEN_SCOPES_BYTES} together",
    beyond: "`FAIL TOKEN INVALID_SCOPE`",
    constants: { "lib/irc/token_scopes.ts": ["MAX_TOKEN_SCOPES", "MAX_TOKEN_SCOPES_BYTES"] },
    shownBy: [
      "irc/token_scopes_test.ts: token scopes: so many, and so many bytes",
      "hub/account_tokens_test.ts: token create: what is wrong is refused, and nothing is made",
    ],
  },
  {
    what: "label of a token",
    bound: "{MAX_TOKEN_LABEL_BYTES}",
    beyond: "`FAIL TOKEN INVALID_LABEL`",
    constants: { [TOKENS_FILE]: ["MAX_TOKEN_LABEL_BYTES"] },
    shownBy: ["hub/account_tokens_test.ts: token create: what is wrong is refused, and nothing is made"],
  },
  {
    what: "time to live of a token, without `*`",
    bound: "{MIN_TOKEN_TTL_MS} to {MAX_TOKEN_DAYS} days",
    beyond: "`FAIL TOKEN INVALID_DURATION`",
    constants: { [TOKENS_FILE]: ["MIN_TOKEN_TTL_MS", "MAX_TOKEN_DAYS"] },
    shownBy: ["hub/account_tokens_test.ts: token create: what is wrong is refused, and nothing is made"],
  },
  {
    what: "key parcels of an account or claim key",
    bound: "one, for {KEY_PARCEL_TTL_MS}",
    beyond: "the newer one is in the place of the former: `KEYSHARE EXPIRED`",
    constants: { [PARCELS_FILE]: ["KEY_PARCEL_TTL_MS"] },
    source: { "lib/hub/verbs/users/key_share.ts": "const former = keyParcels.ofOwner(owner);" },
    shownBy: [
      "hub/key_parcels_test.ts: key parcel: an account has one",
      "hub/key_parcels_test.ts: key parcel: its time is over to the millisecond",
    ],
  },
  {
    what: "key parcels of a server",
    bound: "{MAX_KEY_PARCELS}",
    beyond: "`FAIL KEYSHARE`, to be tried later",
    constants: { [PARCELS_FILE]: ["MAX_KEY_PARCELS"] },
    shownBy: ["hub/key_parcels_test.ts: key parcel: the server has so many, and no more"],
  },
  {
    what: "key parcels that sessions of one address have left",
    bound: "{MAX_KEY_PARCELS_PER_ADDRESS}",
    beyond: "`FAIL KEYSHARE`, to be tried later",
    constants: { [PARCELS_FILE]: ["MAX_KEY_PARCELS_PER_ADDRESS"] },
    shownBy: [
      "hub/key_parcels_test.ts: key parcel: one address leaves so many, and others can still leave one",
    ],
  },
  {
    what: "key parcels of which the server knows how they ended",
    bound: "{MAX_ENDED_KEY_PARCELS}",
    beyond: "the oldest are as if they had never been",
    constants: { [PARCELS_FILE]: ["MAX_ENDED_KEY_PARCELS"] },
    shownBy: ["hub/key_parcels_test.ts: key parcel: of so many that have ended it is known how"],
  },
  {
    what: "characters of a key parcel",
    bound: "{MAX_KEY_PARCEL_LENGTH}",
    beyond: "`FAIL KEYSHARE INVALID_PARCEL`",
    constants: { "lib/irc/key_share.ts": ["MAX_KEY_PARCEL_LENGTH"] },
    shownBy: ["irc/key_share_test.ts: key share: ids and parcels of another form are none"],
  },
  {
    what: "passwords hashed at a time",
    bound: "{MAX_HASHES_AT_ONCE}",
    beyond: "wait, the addresses in turn",
    constants: { "lib/server/job_runner.ts": ["MAX_HASHES_AT_ONCE"] },
    shownBy: [
      "server/job_runner_test.ts: errands: a password from another address is hashed before all others",
    ],
  },
  {
    what: "passwords waiting, of one address",
    bound: "{MAX_WAITING_PER_ADDRESS}",
    beyond: "refused",
    constants: { [HASHES]: ["MAX_WAITING_PER_ADDRESS"] },
    shownBy: ["server/fair_queue_test.ts: a key has a bounded number of jobs"],
  },
  {
    what: "passwords waiting to be hashed",
    bound: "{MAX_WAITING_HASHES}",
    beyond: "newest of the largest address refused",
    constants: { [HASHES]: ["MAX_WAITING_HASHES"] },
    shownBy: ["server/fair_queue_test.ts: a full queue drops the newest job of the key that has most"],
  },
  {
    what: "hash iterations of a saved password",
    bound: "1 to {MAX_SCRAM_ITERATIONS}",
    beyond: "account unreadable, logged",
    constants: { "lib/irc/sasl/scram_client.ts": ["MAX_SCRAM_ITERATIONS"] },
    source: { [ACCOUNTS_FILE]: "count < 1 || count > MAX_SCRAM_ITERATIONS" },
    shownBy: ["hub/unreadable_accounts_test.ts: iterations without end"],
  },
  {
    what: "hash iterations of a SCRAM challenge",
    bound: "{MIN_SCRAM_ITERATIONS} to {MAX_SCRAM_ITERATIONS}",
    beyond: "the client ends the login",
    constants: {
      "lib/irc/sasl/scram_message.ts": ["MIN_SCRAM_ITERATIONS"],
      "lib/irc/sasl/scram_client.ts": ["MAX_SCRAM_ITERATIONS"],
    },
    shownBy: [SCRAM_TEST],
  },
  {
    what: "one SASL message, base64",
    bound: "{RESPONSE_MAX_LENGTH}",
    beyond: "`905`",
    constants: { "lib/hub/verbs/connection/sasl.ts": ["RESPONSE_MAX_LENGTH"] },
    shownBy: [
      hub("one SASL message: so many characters"),
      "client/login_test.ts: pieces: whole again, however long; what is too long or no base64 is bad",
    ],
  },
  {
    what: "new owner ids of ended accounts",
    bound: "{FORMER_OWNERS_BETWEEN_PRUNES}",
    beyond: "those not in the log are dropped",
    constants: { "lib/hub/services/accounts/claim_keys.ts": ["FORMER_OWNERS_BETWEEN_PRUNES"] },
    shownBy: [
      "hub/claim_keys_test.ts: owner ids of ended accounts are known while something is filed under them, and no longer",
    ],
  },
];
