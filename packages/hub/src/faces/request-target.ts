// Takes a request's target apart: to which host, which path, which query. Decodes nothing.

export interface RequestTarget {
  /** Of the absolute form alone, where it stands for the header (RFC 9112, 3.2.2). */
  readonly host: string | undefined;
  /** As it was sent. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
}

const ABSOLUTE = /^https?:\/\/([^/?]*)/i;

export function requestTarget(target: string): RequestTarget {
  const [origin, host] = ABSOLUTE.exec(target) ?? ["", undefined];
  const rest = target.slice(origin.length);
  const cut = rest.indexOf("?");
  return { host, path: cut < 0 ? rest : rest.slice(0, cut), query: cut < 0 ? "" : rest.slice(cut + 1) };
}
