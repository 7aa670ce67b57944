/** The text of a message as nodes. */
import type { ComponentChildren, JSX } from "preact";
import type { Segment, SegmentedText, TextStyle } from "../model/text/segment.ts";
import { isImageLink } from "../model/text/text_segments.ts";
import { copyText } from "./clipboard.ts";
import { IconButton } from "./icons.tsx";
import { OnDemand } from "./on_demand/on_demand.tsx";

export interface TextActions {
  /** Opens the room `name`, which was named in a text. */
  open(name: string): void;
}

export function MessageText(
  { id, text, actions }: {
    readonly id: string;
    readonly text: SegmentedText;
    readonly actions: TextActions;
  },
): JSX.Element {
  return (
    <div id={id} class={text.isEmojiOnly ? "text text-emoji" : "text"} dir="auto">
      {text.segments.map((segment) => renderSegment(segment, actions))}
    </div>
  );
}

function renderSegment(segment: Segment, actions: TextActions): ComponentChildren {
  switch (segment.kind) {
    case "text":
      return renderStyled(segment.text, segment.style);
    case "link":
      return (
        <>
          <a href={segment.href} target="_blank" rel="noopener noreferrer nofollow">
            {renderStyled(segment.text, segment.style)}
          </a>
          {isImageLink(segment.href)
            ? (
              <OnDemand
                render={({ LinkedImage }) => <LinkedImage href={segment.href} />}
                isQuiet
              />
            )
            : null}
        </>
      );
    case "room":
      return (
        <button type="button" class="text-room" onClick={() => actions.open(segment.text)}>
          {segment.text}
        </button>
      );
    case "mention":
      return <span class={segment.isOwn ? "mention mention-own" : "mention"}>{segment.text}</span>;
    case "code":
      return <code>{segment.text}</code>;
    case "code_block":
      return (
        <div class="code">
          <pre tabIndex={0} aria-label="code"><code>{segment.text}</code></pre>
          <IconButton name="copy" label="Copy code" onClick={() => copyText(segment.text)} />
        </div>
      );
    case "line_break":
      return <br />;
  }
}

function renderStyled(
  text: string,
  { bold, italic, strike, underline, monospace }: TextStyle,
): ComponentChildren {
  let node: ComponentChildren = text;
  if (monospace) node = <code>{node}</code>;
  if (underline) node = <u>{node}</u>;
  if (strike) node = <s>{node}</s>;
  if (italic) node = <em>{node}</em>;
  if (bold) node = <strong>{node}</strong>;
  return node;
}
