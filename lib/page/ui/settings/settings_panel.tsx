/** What a person can choose for the page in this browser. */
import type { JSX } from "preact";
import { THEMES } from "../../model/preferences.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { changePreferences } from "../../state/late/preference_change.ts";
import type { Permission } from "../../state/attention/notifier.ts";
import { playTone } from "../../state/attention/tone.ts";
import { hasKeyboard } from "../keyboard.ts";
import { CLOSE } from "../close_icon.ts";
import { IconButton } from "../icons.tsx";

interface Props {
  readonly session: ChatSession;
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
  readonly onLeave: () => void;
}

export function SettingsPanel({ session, onClose, onShortcuts, onLeave }: Props): JSX.Element {
  const { theme, enterSends, plays } = session.preferences;
  return (
    <aside
      class="panel settings"
      aria-label="Settings"
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      <header class="panel-head">
        <h2>Settings</h2>
        <IconButton name={CLOSE} label="Close the settings" onClick={onClose} />
      </header>
      <div class="panel-list">
        <section>
          <h3>Messages for you</h3>
          <Notifications session={session} />
          <Switch
            label="Sound"
            isOn={plays}
            onChange={(plays) => {
              changePreferences(session, { plays });
              if (plays) void playTone();
            }}
          />
        </section>
        <fieldset>
          <legend>Colours</legend>
          {THEMES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="theme"
                checked={each === theme}
                onChange={() => changePreferences(session, { theme: each })}
              />
              {each === "system" ? "Like the system" : each === "light" ? "Light" : "Dark"}
            </label>
          ))}
        </fieldset>
        <section>
          <h3>Writing</h3>
          <Switch
            label="Enter sends"
            isOn={enterSends ?? hasKeyboard()}
            onChange={(enterSends) => changePreferences(session, { enterSends })}
          />
          <p class="quiet">Otherwise Enter breaks the line, and Ctrl-Enter sends.</p>
          <button type="button" class="plain-button" onClick={onShortcuts}>Keyboard shortcuts</button>
        </section>
        <section>
          <h3>Key of {session.nick.value}</h3>
          <p class="quiet">
            {session.options.hasKey
              ? "It is in this browser, with the data of this site. If you delete that and no other device has the key, the name is lost."
              : "None is in this browser: you have logged in by passphrase."}
          </p>
          <button type="button" class="plain-button" onClick={onLeave}>Log out of this browser</button>
        </section>
      </div>
    </aside>
  );
}

/** What the browser lets the page do, and what to do about it. */
const PERMISSIONS: Readonly<Record<Permission, string>> = {
  granted: "For direct messages and for your name, while you do not look at the conversation.",
  default: "The browser will ask you.",
  denied: "The browser blocks them for this site. Allow them at the icon before the address.",
  none: "This browser has none for pages.",
};

function Notifications({ session }: { readonly session: ChatSession }): JSX.Element {
  const permission = session.notifier.value?.permission.value ?? "none";
  return (
    <>
      <Switch
        label="Notifications"
        isOn={session.preferences.notifies && permission === "granted"}
        isDisabled={permission === "denied" || permission === "none"}
        onChange={(notifies) => {
          changePreferences(session, { notifies });
          if (notifies && permission === "default") void session.notifier.value?.ask();
        }}
      />
      <p class="quiet">{PERMISSIONS[permission]}</p>
    </>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Switch({ label, isOn, isDisabled, onChange }: SwitchProps): JSX.Element {
  return (
    <label class="switch">
      {label}
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        disabled={isDisabled}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.checked);
          currentTarget.checked = isOn; // what is chosen is drawn when it holds
        }}
      />
    </label>
  );
}
