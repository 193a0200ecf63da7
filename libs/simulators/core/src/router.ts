import type { Handler } from './http.js';

interface Route {
  method: string;
  pattern: RegExp;
  names: string[];
  handler: Handler;
}

export interface RouteMatch {
  handler: Handler;
  params: Record<string, string>;
}

/** Routes in the order they were added; the first that fits wins. */
export class Router {
  private readonly routes: Route[] = [];

  /** `:name` stands for a part of one path segment, `*` at the end for the rest: `/Messages/:sid.json`, `/files/*`. */
  on(method: string, path: string, handler: Handler): this {
    const names: string[] = [];
    const source = path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:([a-zA-Z_]+)|\*/g, (_all, name?: string) => {
      names.push(name ?? 'rest');
      return name === undefined ? '(.*)' : '([^/]+?)';
    });
    this.routes.push({ method, pattern: new RegExp(`^${source}$`), names, handler });
    return this;
  }

  match(method: string, path: string): RouteMatch | undefined {
    for (const route of this.routes) {
      if (route.method !== method) continue;
      const found = route.pattern.exec(path);
      if (found === null) continue;
      const params: Record<string, string> = {};
      route.names.forEach((name, index) => (params[name] = decoded(found[index + 1] ?? '')));
      return { handler: route.handler, params };
    }
    return undefined;
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
