// Holds an answer that has been written as JSON already, so that faces and links pass it on without building it again.

/** The text of one JSON value. `JSON.stringify` of the holder gives that value, so it can stand wherever the value could. */
export class PreparedJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  static of(value: unknown): PreparedJson {
    return new PreparedJson(JSON.stringify(value));
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** `value` as JSON text, without a second pass over what is prepared. */
export function jsonText(value: unknown): string {
  return value instanceof PreparedJson ? value.text : JSON.stringify(value ?? null);
}
