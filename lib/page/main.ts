/** The page: what the browser runs first. */
import { startPage } from "./start.tsx";

startPage(() => import("./second_part.ts"));
