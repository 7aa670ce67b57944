/** The only access to the mutable side of the state. Only apply/ may import this file, which the lint enforces. */
import { assert } from "../../base/assert.ts";
import type { Account, Channel, Session, User } from "../model/state/entities.ts";
import { MutableAccount } from "../model/state/mutable_account.ts";
import { MutableChannel, MutableSession, MutableUser } from "../model/state/mutable_entities.ts";
import { MutableState } from "../model/state/mutable_state.ts";
import type { ReadonlyState } from "../model/state/state.ts";

/** The mutable object behind `view`. */
export function writable(view: Session): MutableSession;
export function writable(view: User): MutableUser;
export function writable(view: Channel): MutableChannel;
export function writable(view: Account): MutableAccount;
export function writable(view: ReadonlyState): MutableState;
export function writable(view: Session | User | Channel | Account | ReadonlyState): unknown {
  assert(
    view instanceof MutableSession || view instanceof MutableUser || view instanceof MutableChannel ||
      view instanceof MutableAccount || view instanceof MutableState,
    "a view of the state has a mutable side",
  );
  return view;
}
