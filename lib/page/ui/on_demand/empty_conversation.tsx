/** A conversation without messages says how to begin. */
import type { JSX } from "preact";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { ChatSession } from "../../state/chat_session.ts";

interface Props {
  readonly session: ChatSession;
  /** Undefined: no conversation is open. */
  readonly name: string | undefined;
}

export function EmptyConversation({ session, name }: Props): JSX.Element {
  return (
    <div class="empty">
      {name === undefined
        ? <NoConversation />
        : isChannelName(name)
        ? <EmptyRoom name={name} />
        : <EmptyDirect name={name} nick={session.nick.value} />}
    </div>
  );
}

function NoConversation(): JSX.Element {
  return (
    <>
      <h2>No room is open</h2>
      <p>
        Choose one at the left, or enter a new one with the plus sign beside “Rooms”: it is made where there
        is none.
      </p>
      <Shortcuts />
    </>
  );
}

function EmptyRoom({ name }: { readonly name: string }): JSX.Element {
  return (
    <>
      <h2>{name} is quiet</h2>
      <p>Write the first message below, or bring others here:</p>
      <dl>
        <dt>in a browser</dt>
        <dd>
          <code>{location.origin}</code>
        </dd>
        <dt>at a terminal</dt>
        <dd>
          <code>chatterbox join</code>, then <code>/join {name}</code>
        </dd>
      </dl>
      <Shortcuts />
    </>
  );
}

function EmptyDirect({ name, nick }: { readonly name: string; readonly nick: string }): JSX.Element {
  return (
    <>
      <h2>{name}</h2>
      <p>
        What you write here only {name} and {nick} can read. If {name} is away, it is kept until they return.
      </p>
      <Shortcuts />
    </>
  );
}

function Shortcuts(): JSX.Element {
  return (
    <p class="empty-keys">
      <kbd>Ctrl K</kbd> goes to a room or person, <kbd>/</kbd> lists the commands.
    </p>
  );
}
