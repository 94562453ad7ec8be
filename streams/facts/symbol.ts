const SYMBOL = /^[A-Z0-9][A-Z0-9.^=]{0,9}$/;
/** Share classes as vendors write them: BRK/B, BRK-B and BRK B are BRK.B. */
const SHARE_CLASS = /^([A-Z]{1,5})[/ -]([A-Z]{1,2})$/;

/** The canonical form of a symbol, null when the text is none. */
export function canonicalSymbol(text: string): string | null {
  const share = SHARE_CLASS.exec(text);
  const symbol = share === null ? text : `${share[1]}.${share[2]}`;
  return SYMBOL.test(symbol) ? symbol : null;
}
