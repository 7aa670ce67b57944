/** Circles in a graph of imports. */

/** By file: the files that it imports. What is no key of it has no imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Files of which each reaches each other one by imports. */
export interface Circle {
  readonly files: readonly string[];
  /** The shortest way from a file back to itself, with that file at both ends. */
  readonly shortest: readonly string[];
}

/** All circles of `graph`, the largest first: its strongly connected components, by Tarjan's algorithm. */
export function circlesOf(graph: ImportGraph): Circle[] {
  return components(graph)
    .filter((files) => files.length > 1 || importsOf(graph, files[0]!).includes(files[0]!))
    .map((files) => ({ files: files.sort(), shortest: shortestWay(graph, files) }))
    .sort((a, b) => b.files.length - a.files.length || (a.files[0]! < b.files[0]! ? -1 : 1));
}

function importsOf(graph: ImportGraph, file: string): readonly string[] {
  return graph.get(file) ?? [];
}

function components(graph: ImportGraph): string[][] {
  const found: string[][] = [];
  const stack: string[] = [];
  const onStack = new Set<string>();
  /** In the order of the visits. */
  const numbers = new Map<string, number>();
  /** Visits `file`; returns the lowest number on the stack that it reaches. */
  const visit = (file: string): number => {
    const number = numbers.size;
    numbers.set(file, number);
    stack.push(file);
    onStack.add(file);
    let lowest = number;
    for (const target of importsOf(graph, file)) {
      const known = numbers.get(target);
      if (known === undefined) lowest = Math.min(lowest, visit(target));
      else if (onStack.has(target)) lowest = Math.min(lowest, known);
    }
    if (lowest === number) {
      const component = stack.splice(stack.lastIndexOf(file));
      for (const each of component) onStack.delete(each);
      found.push(component);
    }
    return lowest;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return found;
}

function shortestWay(graph: ImportGraph, files: readonly string[]): string[] {
  const within = new Set(files);
  let shortest: string[] | undefined;
  for (const file of files) {
    const way = wayBack(graph, within, file);
    if (shortest === undefined || way.length < shortest.length) shortest = way;
  }
  return shortest!;
}

/** The shortest way from `start` through files of `within` back to it, by breadth-first search. */
function wayBack(graph: ImportGraph, within: ReadonlySet<string>, start: string): string[] {
  const before = new Map<string, string>();
  for (const queue = [start]; queue.length > 0;) {
    const file = queue.shift()!;
    for (const target of importsOf(graph, file)) {
      if (!within.has(target) || before.has(target)) continue;
      before.set(target, file);
      if (target !== start) queue.push(target);
      else queue.length = 0;
    }
  }
  const way = [start];
  for (let at = before.get(start)!; at !== start; at = before.get(at)!) way.unshift(at);
  return [start, ...way];
}
