// Holds how lines look that ask for something: words and endings, nothing else. Weak evidence, only ever used beside what
// the kernel says. Pure.

/** What asks for something that is hidden as it is typed, with the asterisks or dots that some show instead. */
const SECRET =
  /\b(pass(word|phrase|code|wd)|pin|token|secret|one-time code|verification code|otp)\b.*[:?>]\s*[*•●]*\s*$/i;
const QUESTION = /([:?>]|[[(]y(es)?\/n(o)?[\])])\s*$/i;
/** As `QUESTION`, without the `>` that ends many a prompt. */
const PLAIN_QUESTION = /([:?]|[[(]y(es)?\/n(o)?[\])])\s*$/i;
/** How prompts end that nobody has told us of. */
const PROMPT = /[$#%>❯»›λ]\s*$/;

export const asksForSecret = (line: string): boolean => SECRET.test(line);

/** Ends as a question does: in a colon, a question mark or `>`. */
export const asksSomething = (line: string): boolean => QUESTION.test(line);

/** Ends as a question does and as hardly any shell's prompt. */
export const asksPlainly = (line: string): boolean => PLAIN_QUESTION.test(line);

export const looksLikePrompt = (line: string): boolean => PROMPT.test(line);
