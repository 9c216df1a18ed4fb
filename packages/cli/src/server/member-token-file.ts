// Reads the token of a member from a file, which must be the server user's own secret. Knows no configuration.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { memberToken } from "@fleetty/protocol/schemas/servers";
import { Secret } from "@fleetty/protocol/secret";

export interface TokenFileProblem {
  readonly code: "invalid_request" | "forbidden";
  readonly says: string;
}

/** What stands in it without blanks around; or why it cannot be used, which names the file and nothing of its content. */
export function readMemberTokenFile(path: string): Secret | TokenFileProblem {
  let descriptor: number | undefined;
  try {
    // A pipe would not be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { code: "invalid_request", says: `${path} is no file; name one that holds the token` };
    if (stats.uid !== 0 && stats.uid !== process.getuid?.())
      return { code: "forbidden", says: `${path} belongs to another user; chown it` };
    if ((stats.mode & 0o077) !== 0) return { code: "forbidden", says: `${path} is open to others; chmod 600 it` };
    return tokenOf(path, readFileSync(descriptor, "utf8").trim());
  } catch (cause) {
    return { code: "invalid_request", says: `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function tokenOf(path: string, text: string): Secret | TokenFileProblem {
  if (text === "") return { code: "invalid_request", says: `${path} is empty; put the token in it` };
  if (memberToken.safeParse(text).success) return new Secret(text);
  return { code: "invalid_request", says: `${path} holds no token: printable ASCII characters, 4096 at most` };
}
