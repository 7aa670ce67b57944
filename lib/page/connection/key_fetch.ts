/** Fetching a key that another client shares: KEYSHARE GET, without a login (docs/protocol/keyshare.md). */
import { parseMessage } from "../../irc/message.ts";
import type { Message } from "../../irc/message.ts";
import { SUBPROTOCOL } from "./web_socket_link.ts";

/** Time for the server to answer. */
const FETCH_TIMEOUT_MS = 10_000;

/** The server's answer: KEYSHARE with the parcel, FAIL or ERROR; undefined: there was none. */
export function fetchParcel(url: string, id: string): Promise<Message | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, SUBPROTOCOL);
    const end = (answer?: Message) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(end, FETCH_TIMEOUT_MS);
    socket.onopen = () => socket.send(`KEYSHARE GET ${id}`);
    socket.onclose = () => end();
    socket.onmessage = ({ data }) => {
      const line = parseMessage(String(data));
      if (line !== undefined && /^(?:KEYSHARE|FAIL|ERROR)$/.test(line.command)) end(line);
    };
  });
}
