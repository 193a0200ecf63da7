/** The Bot API's own refusal: {"ok":false,"error_code","description","parameters"}. */
export class BotApiRefusal extends Error {
  constructor(
    readonly method: string,
    readonly status: number,
    readonly description: string,
    readonly parameters: { readonly retryAfterSeconds?: number; readonly migrateToChatId?: number } = {},
  ) {
    super(`${method} was refused with ${status}: ${description}`);
    this.name = 'BotApiRefusal';
  }
}

/** There was no answer, or none of the Bot API. Holds no cause: errors of HTTP may name the address, and it holds the token. */
export class BotApiUnreachable extends Error {
  constructor(
    readonly method: string,
    reason: string,
    /** True when the request cannot have reached Telegram. */
    readonly isUntouched: boolean,
  ) {
    super(`${method} got no answer: ${reason}`);
    this.name = 'BotApiUnreachable';
  }
}
