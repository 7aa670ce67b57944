/**
 * The second part of the page, which is loaded when the first one is idle, or as soon as it is asked for. That it imports
 * the start of the page makes the bundler put all of the first part into one file, which compresses better than two.
 */
import "./start.tsx";
export * from "./ui/on_demand/contents.ts";
